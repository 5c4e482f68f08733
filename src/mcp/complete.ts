import type { CompleteResourceTemplateCallback } from '@modelcontextprotocol/server';
import { isForeknowError } from '../errors/errors.ts';
import type { FieldPolicy } from '../model/field-policy.ts';
import type { UnifiedGroup } from '../model/group.ts';
import { hideInText } from '../model/hide-fields.ts';
import { accountsOf, reachedBy, refuseHidden } from './caller.ts';
import { oneLine } from './present.ts';
import { resourcesFor, type Subject } from './resource-kinds.ts';
import type { Run } from './run-tool.ts';

/** A call of one server, with the rights that its caller has now. */
export type Context = () => Promise<Omit<Run, 'signal'>>;

/** As many as are worth choosing from; the protocol allows 100. */
const MOST = 25;

/**
 * Words that an argument may become. What the caller may not see, or not ask by, is not completed: there are none then, as for
 * what does not exist.
 */
export const completions =
  (context: Context) =>
  (what: Subject | 'connection'): CompleteResourceTemplateCallback =>
  async (begun, other) => {
    try {
      const run = await context();
      const reached = reachedBy(await run.gateway.connections.list(), run.caller);
      const typed = begun.slice(0, 200);
      const told = (names: readonly (string | null)[]) => within(names, typed, run.caller.fieldPolicy);
      if (what === 'connection') return told(reached.map(({ id, name }) => (typed.startsWith('con_') ? id : name)));
      if (!resourcesFor(run.caller).some(({ names }) => names === what)) return [];
      const connection = other?.arguments?.connection;
      const [account] = accountsOf(reached, { connection: connection === '' ? undefined : connection }, false);
      return account === undefined ? [] : told(await words[what](run, account.id, typed));
    } catch (error) {
      if (isForeknowError(error)) return [];
      throw error;
    }
  };

type Words = (run: Omit<Run, 'signal'>, connectionId: string, typed: string) => Promise<readonly (string | null)[]>;

const words: Readonly<Record<Subject, Words>> = {
  async person({ gateway, caller }, connectionId, typed) {
    refuseHidden(caller.fieldPolicy, { search: typed });
    const query = { limit: 4 * MOST, sort_by: 'name', ...(typed === '' ? {} : { search: typed }) };
    const { result } = await gateway.directory.listPeople({ connectionIds: [connectionId], query }, new Set());
    return result.flatMap(({ name, email }) => (typed.includes('@') ? [email] : [name, email]));
  },
  async group({ gateway }, connectionId, typed) {
    const like = typed === '' ? {} : { name: { like: typed } };
    const query = { ...like, limit: 4 * MOST, sort_by: 'name', truto_ignore_remote_data: 'true' };
    const { result } = await gateway.directory.listGroups({ connectionIds: [connectionId], query });
    return (result as readonly UnifiedGroup[]).map(({ name }) => name);
  },
  async campaign({ gateway }, connectionId) {
    const { rows } = await gateway.directory.listTrainingCampaigns(connectionId, { offset: 0, limit: LOOKED_AT });
    return rows.map(({ campaign: { name } }) => name);
  },
  async test({ gateway }, connectionId) {
    const { rows } = await gateway.directory.listSecurityTests(connectionId, { offset: 0, limit: LOOKED_AT });
    return rows.map(({ test: { name } }) => name);
  },
};

/** Campaigns and tests, the last begun first: what is asked about is seldom older. */
const LOOKED_AT = 200;

/** Those that hold what was typed, each once; a name that could not be sent back as it is, or holds what is hidden, is none. */
function within(names: readonly (string | null)[], typed: string, policy: FieldPolicy | null): string[] {
  const fits = (name: string | null): name is string =>
    name?.toLowerCase().includes(typed.toLowerCase()) === true &&
    oneLine(name) === name &&
    (policy === null || hideInText(name, policy) === name);
  return [...new Set(names.filter(fits))].slice(0, MOST);
}
