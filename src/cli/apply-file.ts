import type { Actor } from '../audit/ports.ts';
import type { ConfiguredConnection } from '../config/config.ts';
import type { Notice } from '../gateway/gateway.ts';
import type { ConnectionUseCases } from '../gateway/types.ts';
import { sleep } from '../lib/sleep.ts';

type Deps = { readonly connections: ConnectionUseCases; readonly notify: (notice: Notice) => void };

/** Who the acts of the configuration file are written under. */
export const configurationFile: Actor = {
  ...{ kind: 'system', id: 'configuration file', name: null },
  ...{ door: 'internal', from: null, requestId: null },
};

/** Until those that KnowBe4 did not answer for are tried again. */
const AGAIN_MS = 5 * 60_000;

/** Puts the connections of the configuration file in place; what could not be is tried again until the server stops. */
export async function applyFile(deps: Deps, wanted: readonly ConfiguredConnection[], stop: AbortSignal): Promise<void> {
  if (wanted.length === 0) return;
  const { applyConnections, tellUnnamed } = await import('../gateway/apply-connections.ts');
  const left = await applyConnections(deps, wanted, stop);
  if (stop.aborted) return;
  await tellUnnamed(deps, wanted);
  const tryAgain = async (rest: readonly ConfiguredConnection[]): Promise<void> => {
    if (rest.length === 0) return;
    await sleep(AGAIN_MS, stop);
    await tryAgain(await applyConnections(deps, rest, stop));
  };
  // Ends with the server's stop, which is what rejects it.
  void tryAgain(left).catch(() => undefined);
}
