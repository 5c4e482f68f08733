import type { Gateway } from '../../gateway/gateway.ts';
import type { Output } from '../output/output.ts';
import { progressOf } from './plan-words.ts';

const PLANS = 20;
const STEPS = 100_000;

/** Prints how far plans are that were applied, each time when that has changed. */
export function createProvisioningFeed(gateway: Gateway, connectionId: string, output: Output) {
  const told = new Map<string, string>();
  const changed = async () => {
    const { provisioning } = gateway;
    const query = { connectionIds: [connectionId], states: ['applying', 'applied'] as const, limit: PLANS };
    const found: { id: string; words: string }[] = [];
    for (const { id } of await provisioning.plans(query)) {
      const words = progressOf(await provisioning.steps(id, { limit: STEPS }));
      if (words === null || told.get(id) === words) continue;
      told.set(id, words);
      found.push({ id, words });
    }
    return found;
  };
  return {
    /** Skips what was applied so far. */
    begin: async (): Promise<void> => void (await changed()),
    /** @param at how the world's clock stands, `09:14` */
    async print(at: string): Promise<void> {
      for (const { id, words } of await changed()) output.write(`  live  ${at}  provisioning: ${words}   ${id}\n`);
    },
  };
}
