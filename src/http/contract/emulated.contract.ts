import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Emulator, startEmulator } from '../../emulator/index.ts';
import { type Gateway, openGateway } from '../../gateway/gateway.ts';

type Wanted = {
  readonly people: number;
  readonly maxPerPage?: number;
  /** Of the connection; default `acme`. */
  readonly name?: string;
  readonly perDay?: number;
  readonly now?: () => Date;
};

/** The whole gateway on SQLite with one emulated account connected, which nothing holds back but the day. */
export async function openEmulated({ people, maxPerPage, name = 'acme', perDay, now }: Wanted): Promise<{
  readonly emulator: Emulator;
  readonly gateway: Gateway;
  readonly close: () => Promise<void>;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-door-'));
  const emulator = await startEmulator({ people, limits: false, ...(maxPerPage !== undefined && { maxPerPage }) });
  const gateway = await openGateway({ folder, allowBaseUrls: true, ...(now && { now }) });
  const { region, reportingToken, url: reportingUrl } = emulator;
  const settings = { limits: { perSecond: null, perMinute: null, perDay: perDay ?? null } };
  await gateway.connections.connect({ name, region, reportingToken, reportingUrl, settings });
  return {
    emulator,
    gateway,
    async close() {
      await gateway.close();
      await emulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
