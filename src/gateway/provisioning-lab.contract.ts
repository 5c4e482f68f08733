import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Emulator, type EmulatorOptions, startEmulator } from '../emulator/index.ts';
import type { Plan } from '../provisioning/plan.ts';
import type { ReadRecord } from '../sources/ports.ts';
import { type Gateway, type GatewayOptions, openGateway } from './gateway.ts';

/* A company with a file of its people, rules, and an emulated account: everything from the file to KnowBe4 and back. */

const MINUTE_MS = 60_000;
/** Longer than a process that was killed keeps anything from others. */
export const LEASE_MS = 31_000;
export const RULES = `version: 1
match: [employee_number, email]
map:
  email: email
  first_name: first_name
  last_name: last_name
  job_title: job_title
  department: department
groups:
  owned: { prefix: "Auto " }
  rules:
    - name: every department
      for_each: department
      put_in: "Auto {department}"
leavers:
  when: { status: { eq: left } }
  wait: 0d
approval: { one: [create, update, restore, archive, group_create, member_add, member_remove] }
`;
const COLUMNS = ['employee_number', 'email', 'first_name', 'last_name', 'job_title', 'department', 'status'] as const;
const EXTRA = ['id', 'manager'] as const;
/** `id`: what the file knows them by, default their number; `manager`: the manager's address. */
export type Row = Record<(typeof COLUMNS)[number], string> & { readonly [Name in (typeof EXTRA)[number]]?: string };
export const priya = { id: 'op_1', name: 'Priya' };
const tomas = { id: 'op_2', name: 'Tomas' };

/** Where processes of one company's gateway find it; it can be told to another process as JSON. */
export type LabPlace = {
  readonly folder: string;
  /** Null: SQLite in the folder. */
  readonly databaseUrl: string | null;
  readonly vaultKeys: string;
  /** By how much its clock is ahead, ms. */
  readonly aheadMs: number;
};

export type ProvisioningLab = {
  readonly folder: string;
  readonly emulator: Emulator;
  /** The one that is open now. */
  readonly gateway: Gateway;
  readonly now: () => Date;
  /** Everybody who is active and has a number and a department, as the company's own file has them. */
  everybody(): Row[];
  /** Its clock, and that of KnowBe4, go forward. */
  pass(ms: number): void;
  /** A new file of people is put there and read. */
  hand(rows: readonly Row[]): Promise<void>;
  /** The same with any content. @returns what became of the read */
  deliver(content: string | Uint8Array): Promise<ReadRecord>;
  /** Where another process of the same gateway begins. */
  readonly place: LabPlace;
  /** Ends the process that has the gateway; others have it during `work`, each of them at least a lease after the one before. */
  handOver(work: (placeOfNext: () => LabPlace) => Promise<void>): Promise<void>;
  /** Ends the process that has the gateway, as far as that can be told here, and begins another one, at least a lease later. */
  reopen(): Promise<void>;
  /** KnowBe4 runs its sync, and we read what became of it. */
  window(): Promise<void>;
  approve(plan: Pick<Plan, 'id' | 'digest'>): Promise<void>;
  approveAndApply(plan: Pick<Plan, 'id' | 'digest'>): Promise<string>;
  /** Reads the file, takes the accounts over and turns Test Mode off. */
  adopt(): Promise<void>;
  close(): Promise<void>;
};

export async function provisioningLab({
  rules = RULES,
  emulated = {},
  databaseUrl = null,
  joinBy = [],
  options = {},
}: {
  readonly rules?: string;
  /** Default: SQLite. */
  readonly databaseUrl?: string | null;
  readonly emulated?: EmulatorOptions;
  /** By what records are one person's; default: by nothing, each is a person. */
  readonly joinBy?: readonly string[];
  /** Of the gateway, beside those of the lab. */
  readonly options?: Partial<GatewayOptions>;
} = {}): Promise<ProvisioningLab> {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-provisioning-'));
  mkdirSync(join(folder, 'drop'));
  writeFileSync(join(folder, 'acme.yaml'), rules);
  let shift = 0;
  let gateway: Gateway;
  const now = () => new Date(Date.now() + shift);
  const { switches, ...more } = emulated;
  const emulator = await startEmulator({
    ...{ people: 40, limits: false, provisioner: 'none', switches: { scimSeats: 'allow', ...switches } },
    ...more,
  });
  const place = { folder, databaseUrl, vaultKeys: randomBytes(32).toString('base64url') };
  const open = () => openPlace({ ...place, aheadMs: 0 }, now, options, joinBy);
  gateway = await open();
  const { region, reportingToken, url, tokens, addresses } = emulator;
  const settings = { limits: { perSecond: null, perMinute: null, perDay: null, scimPerSecond: null } };
  await gateway.connections.connect({ name: 'acme', region, reportingToken, reportingUrl: url, settings });
  for (const kind of ['scim', 'product'] as const) {
    await gateway.connections.addKey('acme', kind, { token: tokens[kind], url: addresses[kind] });
  }
  await gateway.sync.run('acme', { level: 'full' });

  let files = 0;
  const lab: ProvisioningLab = {
    ...{ folder, emulator, now },
    get gateway() {
      return gateway;
    },
    everybody: () =>
      emulator
        .truth()
        .users.filter(({ status, employee_number: number, department }) => status === 'active' && number && department)
        .map((user) => ({
          id: user.employee_number!,
          manager: user.manager_email ?? '',
          employee_number: user.employee_number!,
          email: user.email!,
          first_name: user.first_name!,
          last_name: user.last_name!,
          job_title: user.job_title!,
          department: user.department!,
          status: 'here',
        })),
    async hand(rows) {
      let read = await lab.deliver(fileOf(rows));
      // It is right as it is, however it looks.
      for (const { id, name } of [priya, tomas]) {
        if (read.state === 'quarantined') read = await gateway.sources.accept(read.id, read.digest!, { id, name });
      }
      if (read.state !== 'accepted' && read.state !== 'kept')
        throw new Error(`The file was not kept: ${JSON.stringify(read)}`);
    },
    async deliver(content) {
      files += 1;
      const file = join(folder, 'drop', `people_${String(files).padStart(3, '0')}.csv`);
      writeFileSync(file, content);
      const at = now().getTime() / 1000 - 60;
      utimesSync(file, at, at);
      return gateway.sources.read('hr', 'test');
    },
    pass(ms) {
      shift += ms;
      emulator.advance(ms);
    },
    get place() {
      return { ...place, aheadMs: shift };
    },
    async handOver(work) {
      await gateway.close();
      await work(() => {
        lab.pass(LEASE_MS);
        return lab.place;
      });
      lab.pass(LEASE_MS);
      gateway = await open();
    },
    async reopen() {
      await gateway.close();
      shift += 5 * MINUTE_MS;
      gateway = await open();
    },
    async window() {
      lab.pass(20 * MINUTE_MS);
      await gateway.sync.run('acme', { level: 'directory' });
    },
    async approve({ id, digest }) {
      for (const operator of [priya, tomas]) {
        const view = await gateway.provisioning.approve(id, { digest, steps: null, reason: null }, operator);
        if (view.plan.state === 'approved') return;
      }
    },
    async approveAndApply(plan) {
      await lab.approve(plan);
      const application = await gateway.provisioning.applyNow(plan.id, priya.name, AbortSignal.timeout(60_000));
      if (application.stop !== null) throw new Error(`Stopped: ${application.stop.reason}`);
      return application.id;
    },
    async adopt() {
      await lab.hand(lab.everybody());
      await gateway.provisioning.setMode('acme', 'propose');
      await lab.approveAndApply(await gateway.provisioning.build('acme', { kind: 'adoption' }, 'test'));
      emulator.mutate({ kind: 'scim-test-mode', on: false });
      await gateway.provisioning.confirmAdoption('acme', AbortSignal.timeout(60_000));
      await lab.window();
    },
    async close() {
      await gateway.close();
      await emulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return lab;
}

/** The company's gateway, as one process of it opens it. On SQLite there is one at a time. */
export const openPlace = (
  { folder, databaseUrl, vaultKeys, aheadMs }: LabPlace,
  now: () => Date = () => new Date(Date.now() + aheadMs),
  options: Partial<GatewayOptions> = {},
  joinBy: readonly string[] = [],
): Promise<Gateway> =>
  openGateway({
    ...options,
    ...{ folder: join(folder, 'data'), allowBaseUrls: true, vaultKeys, now },
    ...(databaseUrl !== null && { databaseUrl }),
    provisioning: { rules: [{ file: join(folder, 'acme.yaml'), connection: 'acme' }] },
    sources: { sources: [hr(folder)], people: { from: ['hr'], join: joinBy, prefer: {} } },
  });

/** The rows as the company's program writes them. */
export function fileOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    ...COLUMNS.map((name) => row[name]),
    row.id ?? row.employee_number,
    row.manager ?? '',
  ]);
  const lines = [[...COLUMNS, ...EXTRA], ...cells].map((line) =>
    line.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','),
  );
  return `${lines.join('\n')}\n#END rows=${rows.length}\n`;
}

const none = undefined;
const hr = (folder: string) => ({
  ...{ name: 'hr', kind: 'csv' as const, from: join(folder, 'drop', 'people_*.csv'), id: 'id' },
  ...{ everyMinutes: null, hostKeys: [], key: none, passphrase: none, password: none, encoding: none },
  ...{ delimiter: none, columns: none, lists: none, groups: none, active: none, settleMs: 0 },
  completeWhen: { trailer: '#END rows={rows}', rowsFile: none, digestFile: none, rowCountColumn: none },
});
