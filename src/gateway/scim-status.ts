import { type GraphqlClient, provisioningReads, type SyncReport, type UserProvisioning } from '../client/index.ts';
import type { Connection } from '../connections/connection.ts';
import type { ConnectionStore } from '../connections/ports.ts';

export type ScimStatus = {
  /** `unknown`: no Product API key, or one that may not read it. A person may attest it then. */
  readonly testMode: 'on' | 'off' | 'unknown';
  /** The newest sync of SCIM that ran to its end, in Test Mode or not; null: none is known. */
  readonly lastSync: SyncReport | null;
  /** Asked for, at work or skipped since then; the newest first. */
  readonly since: readonly SyncReport[];
  /**
   * `foreign`: the account's people belong to Active Directory Integration, beside which SCIM does nothing. That SCIM is the source says
   * nothing of who writes to it: `unknown`.
   */
  readonly owner: 'foreign' | 'unknown';
  /** What the account says of itself; null where that cannot be read. */
  readonly provisioning: UserProvisioning | null;
};

/** A person may wait for it. */
const WITHIN_MS = 20_000;

const nothingKnown: ScimStatus = {
  testMode: 'unknown',
  lastSync: null,
  since: [],
  owner: 'unknown',
  provisioning: null,
};

/**
 * How the account's provisioning stands, as far as a Product API key tells it: two requests. Without such a key nothing is known.
 * @throws ForeknowError as every client does, for a key that is refused say
 */
export const createReadScimStatus =
  (deps: {
    readonly store: Pick<ConnectionStore, 'getSecret'>;
    readonly product: (connection: Connection) => Promise<Pick<GraphqlClient, 'run'>>;
  }) =>
  async (connection: Connection, signal?: AbortSignal): Promise<ScimStatus> => {
    if ((await deps.store.getSecret(connection.id, 'product')) === null) return nothingKnown;
    const reads = provisioningReads(await deps.product(connection));
    const options = { withinMs: WITHIN_MS, ...(signal && { signal }) };
    const [provisioning, all] = await Promise.all([reads.state(options), reads.syncReports(options)]);
    const reports = (all ?? []).filter(({ source }) => source !== 'ADI');
    const ended = reports.findIndex(({ status }) => status === 'COMPLETED');
    const lastSync = reports[ended] ?? null;
    return {
      testMode: testModeOf(provisioning, lastSync),
      lastSync,
      since: reports.slice(0, ended < 0 ? undefined : ended),
      owner: provisioning?.source === 'ADI' && provisioning.enabled !== false ? 'foreign' : 'unknown',
      provisioning,
    };
  };

/** The account's own word goes first: a report is of the time when it ran. */
function testModeOf(provisioning: UserProvisioning | null, lastSync: SyncReport | null): ScimStatus['testMode'] {
  const isOn = provisioning?.testMode ?? lastSync?.testMode ?? null;
  return isOn === null ? 'unknown' : isOn ? 'on' : 'off';
}
