import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/index.ts';
import { openGateway } from '../../gateway/gateway.ts';
import type { FieldPolicy } from '../../model/field-policy.ts';
import { endpoints } from '../../reporting/endpoints.ts';
import type { Scope } from '../../tokens/token.ts';
import { openDoor } from './door.ts';

export const everyScope: readonly Scope[] = ['directory', 'training', 'phishing.identified', 'risk'];

export type Bytes = { readonly status: number; readonly headers: Headers; readonly bytes: Buffer };

/** KnowBe4's addresses over the whole gateway and the emulator, with an account that is mirrored whole and a key for each source. */
export async function openKnowbe4Lab() {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-knowbe4-'));
  const emulator = await startEmulator({ people: 130, limits: false });
  const gateway = await openGateway({ folder, allowBaseUrls: true });
  const door = await openDoor({ gateway, limits: { livePerTenSeconds: 100_000 } });

  const admin = (await gateway.tokens.create({ name: 'admin', scopes: ['admin'] })).secret;

  const connect = async (
    name: string,
    limits: object = { perSecond: null, perMinute: null },
    of: Pick<Emulator, 'region' | 'reportingToken' | 'url'> = emulator,
  ): Promise<string> => {
    const { connection } = await gateway.connections.connect({
      ...{ name, region: of.region, reportingToken: of.reportingToken, reportingUrl: of.url },
      settings: { limits, accountKey: name },
    });
    // The door looks for a connection that was made behind its back after a moment only.
    await vi.waitFor(async () =>
      expect((await door.call(`/api/v1/connections/${encodeURIComponent(name)}`, { token: admin })).status).toBe(200),
    );
    return connection.id;
  };
  const acme = await connect('acme');

  const accountToken = async (
    source: 'live' | 'mirror',
    own: { scopes?: readonly Scope[]; fieldPolicy?: FieldPolicy; connection?: string } = {},
  ): Promise<string> => {
    const { connection = acme, scopes = everyScope, ...rest } = own;
    const made = { kind: 'account', connections: [connection], scopes, settings: { source }, expiresAt: null } as const;
    return (await gateway.tokens.derive({ ...made, ...rest }, null)).secret;
  };

  /** Each of the 24 paths, with ids of the account. */
  const everyPath = (): readonly string[] => {
    const truth = emulator.truth();
    const test = truth.recipients[0]!;
    const ids: Readonly<Record<string, unknown>> = {
      users: truth.users[0]!.id,
      groups: truth.groups[0]!.id,
      campaigns: truth.phishing_campaigns[0]!.campaign_id,
      security_tests: test.pst_id,
      recipients: test.recipient_id,
      store_purchases: truth.store_purchases[0]!.store_purchase_id,
      policies: truth.policies[0]!.policy_id,
      enrollments: truth.enrollments[0]!.enrollment_id,
    };
    const training = `/training/campaigns/${truth.training_campaigns[0]!.campaign_id}`;
    return endpoints.map((endpoint) =>
      endpoint
        .replace('/training/campaigns/:id', training)
        .replace(/(\w+)\/:\w+/g, (_, list: string) => `${list}/${String(ids[list])}`),
    );
  };

  await gateway.sync.run('acme', { level: 'full' });
  return {
    ...{ folder, emulator, gateway, door, acme, connect, accountToken, everyPath },
    live: await accountToken('live'),
    mirror: await accountToken('mirror'),
    /** What KnowBe4 itself answers. */
    direct: (path: string) => answerOf(`${emulator.url}/v1${path}`, emulator.reportingToken),
    /** What the gateway answers. */
    through: (path: string, token: string, headers = {}) => answerOf(`${door.url}/v1${path}`, token, headers),
    forget(): void {
      emulator.clearFaults();
      emulator.resetRequests();
    },
    async close(): Promise<void> {
      await door.close();
      await gateway.close();
      await emulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function answerOf(url: string, token: string, headers: Record<string, string> = {}): Promise<Bytes> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}`, ...headers } });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}

export const jsonOf = ({ bytes }: Bytes) => JSON.parse(bytes.toString('utf8'));
