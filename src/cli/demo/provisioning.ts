import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ForeknowError } from '../../errors/errors.ts';
import type { Gateway, GatewayOptions } from '../../gateway/gateway.ts';
import type { Plan } from '../../provisioning/plan.ts';
import { operator } from '../operator.ts';
import { haldenRules } from './halden-rules.ts';
import { type Company, type ExportRow, exportText, nextExport, settledExport } from './sample-export.ts';

/* The sample company is provisioned: its accounts are taken over, and what HR wrote tonight waits as a plan. */

const SOURCE = 'hr-export';
const OPERATOR = 'demo';
const HERE = 'terminal';
/** Past every delay of a sync of SCIM, in the world's time. */
const WINDOW_MS = 20 * 60_000;
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

/** What of the stand-in is used: it is KnowBe4, and its console. */
export type SampleAccount = {
  readonly tokens: { readonly scim: string; readonly product: string };
  readonly addresses: { readonly scim: string; readonly product: string };
  readonly company: () => Company;
  readonly turnTestModeOff: () => void;
  readonly advance: (ms: number) => void;
};

export type ProvisionedDemo = {
  /** How many accounts were taken over, and how long all of it took. */
  readonly people: number;
  readonly ms: number;
  readonly plan: Plan;
  /** Shown once. */
  readonly operator: { readonly name: string; readonly secret: string };
};

/** What the gateway is opened with so that `connection` can be provisioned from a file in the folder. */
export function demoOptions(folder: string, connection: string): Pick<GatewayOptions, 'sources' | 'provisioning'> {
  const here = sampleFolder(folder);
  mkdirSync(here, { recursive: true, mode: 0o700 });
  const file = join(here, 'halden.yaml');
  writeFileSync(file, haldenRules);
  return {
    sources: {
      sources: [
        {
          ...{ kind: 'csv', name: SOURCE, from: join(here, 'people_*.csv'), id: 'person_id', everyMinutes: null },
          ...{ hostKeys: [], key: undefined, passphrase: undefined, password: undefined, encoding: undefined },
          ...{ delimiter: undefined, columns: undefined, lists: undefined, groups: undefined, active: undefined },
          completeWhen: { trailer: '#END rows={rows}', ...noOtherProof },
          settleMs: 0,
        },
      ],
      people: { from: [SOURCE], join: [], prefer: {} },
    },
    provisioning: { rules: [{ file, connection }] },
  };
}

const noOtherProof = { rowsFile: undefined, digestFile: undefined, rowCountColumn: undefined };
const sampleFolder = (folder: string): string => join(folder, 'sample');

/**
 * Takes the accounts over by the road that a customer takes, makes the groups of the rules, and plans what HR wrote since. Whoever approves the first two is the
 * operator of the demo; the last one waits.
 * @param connection name
 * @throws ForeknowError when a step of it cannot be done
 */
export async function provisionSample(
  gateway: Gateway,
  account: SampleAccount,
  { connection, folder, now, signal }: { connection: string; folder: string; now: Date; signal: AbortSignal },
): Promise<ProvisionedDemo> {
  const begun = performance.now();
  const acting = gateway.as(operator());
  const secret = newSecret();
  await acting.operators.add({ name: OPERATOR, secret, totp: false }, null, HERE);
  const decider = { proof: { name: OPERATOR, secret, code: null }, from: HERE } as const;
  for (const kind of ['scim', 'product'] as const) {
    await acting.connections.addKey(connection, kind, { token: account.tokens[kind], url: account.addresses[kind] });
  }
  await acting.decisions.configure(connection, { mode: 'propose' }, decider);
  await acting.decisions.attest(connection, { attested: 'renames_keep', words: 'the stand-in keeps them' }, decider);

  const company = account.company();
  const hand = async (night: number, rows: readonly ExportRow[]) => {
    writeFileSync(join(sampleFolder(folder), `people_${night}.csv`), exportText(rows));
    const read = await acting.sources.read(SOURCE, OPERATOR, signal);
    if (read.state !== 'kept') throw unexpected(`the export was not kept but ${read.state}`);
  };
  const carryOut = async (plan: Plan) => {
    if (plan.steps.length === 0) return;
    const approval = { digest: plan.digest, steps: null, reason: 'the demo begins' };
    const { plan: approved } = await acting.decisions.approve(plan.id, approval, decider);
    if (approved.state !== 'approved') throw unexpected(`plan ${plan.id} is ${approved.state}`);
    const { stop } = await acting.provisioning.applyNow(plan.id, OPERATOR, signal);
    if (stop !== null) throw unexpected(stop.reason);
  };
  const window = async () => {
    account.advance(WINDOW_MS);
    await gateway.sync.run(connection, { level: 'directory', trigger: 'manual', signal });
  };

  await hand(1, settledExport(company));
  const adoption = await acting.provisioning.build(connection, { kind: 'adoption' }, OPERATOR);
  await carryOut(adoption);
  account.turnTestModeOff();
  await acting.decisions.confirmAdoption(connection, decider, signal);
  await window();
  await carryOut(await acting.provisioning.build(connection, {}, OPERATOR));
  await window();

  await hand(2, nextExport(company, now));
  const plan = await acting.provisioning.build(connection, {}, OPERATOR);
  const ms = performance.now() - begun;
  return { plan, people: adoption.counts.claim, ms, operator: { name: OPERATOR, secret } };
}

const unexpected = (what: string) =>
  new ForeknowError('internal', { detail: `The sample company could not be provisioned: ${what}.` });

/** Three times four letters that are not mistaken for each other. */
function newSecret(): string {
  const part = () => Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return `${part()}-${part()}-${part()}`;
}
