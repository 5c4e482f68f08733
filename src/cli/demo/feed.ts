import type { Gateway } from '../../gateway/gateway.ts';
import type { Change } from '../../sync/ports.ts';
import { clean } from '../output/cell.ts';
import type { Output } from '../output/output.ts';
import { describeChanges } from './describe-change.ts';

/** Lines of one refresh before the rest is counted. */
const LINES = 6;
const PAGE = 500;

/** Prints what has been added to the change log since it was last asked. */
export function createFeed(gateway: Gateway, connectionId: string, output: Output) {
  let after = 0;
  return {
    /** Skips what is there, such as the baseline. */
    async begin(): Promise<void> {
      for (const change of await newChanges()) after = change.seq;
    },
    /** @param at how the world's clock stands, `09:14` */
    async print(at: string): Promise<void> {
      const changes = await newChanges();
      const names = await namesOf(changes);
      const lines = describeChanges(changes, (change) => names.get(change.key) ?? change.key);
      for (const line of lines.slice(0, LINES)) output.write(clean(`  live  ${at}  ${line}`).concat('\n'));
      if (lines.length > LINES) output.write(`  live  ${at}  and ${lines.length - LINES} more\n`);
    },
  };

  async function newChanges(): Promise<readonly Change[]> {
    const found: Change[] = [];
    for (;;) {
      const page = await gateway.sync.changes({ connectionIds: [connectionId], after, limit: PAGE });
      found.push(...page);
      after = page.at(-1)?.seq ?? after;
      if (page.length < PAGE) return found;
    }
  }

  /** Names of the people and groups that changed, as many as will be shown. */
  async function namesOf(changes: readonly Change[]): Promise<ReadonlyMap<string, string>> {
    const keysOf = (prefix: string) =>
      [...new Set(changes.filter(({ kind }) => kind.startsWith(prefix)).map(({ key }) => key))].slice(0, 50);
    const names = new Map(changes.flatMap((change) => ownName(change)));
    for (const [prefix, list] of [
      ['user.', gateway.directory.listPeople],
      ['group.', gateway.directory.listGroups],
    ] as const) {
      const ids = keysOf(prefix);
      if (ids.length === 0) continue;
      const deleted = prefix === 'user.' ? { deleted: 'show' } : { x_deleted: 'show' };
      const { result } = await list({ connectionIds: [connectionId], query: { id: ids, ...deleted } }, new Set());
      for (const { id, name } of result as readonly { id: string; name: string | null }[]) {
        if (name !== null) names.set(id, name);
      }
    }
    return names;
  }
}

/** A record that came or went carries its name. */
function ownName({ key, current, previous }: Change): readonly (readonly [string, string])[] {
  const name = current?.name ?? previous?.name;
  return typeof name === 'string' ? [[key, name]] : [];
}
