import type { Random } from '../support/random.ts';
import type { Api } from './api.ts';

/** What was asked of the gateway and what of it was confirmed: the one must not be there twice, the other must be there. */
export type Ledger = {
  /** Makes one write, chosen at random. */
  write(api: Api): Promise<void>;
  /** Laws that what the gateway now shows breaks, in words; null when it did not answer. */
  findings(api: Api): Promise<readonly string[] | null>;
  confirmed(): number;
  /** Names of the tokens that were asked for. */
  tokens(): readonly string[];
};

type TokenState = 'asked' | 'made' | 'revoking' | 'revoked';
type ListedToken = { readonly id: string; readonly name: string; readonly revoked_at: string | null };

export function createLedger(random: Random, connections: readonly string[]): Ledger {
  const tokens = new Map<string, { id: string | null; state: TokenState }>();
  const labels = new Map(connections.map((name) => [name, { asked: 0, confirmed: 0 }]));
  let confirmed = 0;

  const make = async (api: Api): Promise<void> => {
    const name = `token-${tokens.size}`;
    const entry = { id: null as string | null, state: 'asked' as TokenState };
    tokens.set(name, entry);
    const answer = await api.call('POST', '/tokens', { name, scopes: ['directory'] });
    if (answer?.status !== 201) return;
    entry.id = (answer.body.token as ListedToken).id;
    entry.state = 'made';
    confirmed += 1;
  };

  const revoke = async (api: Api): Promise<void> => {
    const made = [...tokens.values()].filter(({ state }) => state === 'made');
    if (made.length === 0) return;
    const entry = random.pick(made);
    entry.state = 'revoking';
    const answer = await api.call('DELETE', `/tokens/${entry.id}`);
    if (answer === null || answer.status >= 300) return;
    entry.state = 'revoked';
    confirmed += 1;
  };

  const label = async (api: Api): Promise<void> => {
    const name = random.pick(connections);
    const entry = labels.get(name)!;
    entry.asked += 1;
    const number = entry.asked;
    const answer = await api.call('PATCH', `/connections/${name}`, { tags: [`n${number}`] });
    if (answer?.status !== 200) return;
    entry.confirmed = number;
    confirmed += 1;
  };

  return {
    confirmed: () => confirmed,
    tokens: () => [...tokens.keys()],
    write: (api) => random.pick([make, make, revoke, label, label])(api),
    async findings(api) {
      // Writes go on meanwhile: what was confirmed before must be there, and nothing that was not asked for by then.
      const before = new Map([...tokens].map(([name, { state }]) => [name, state]));
      const listed = await api.call('GET', '/tokens');
      if (listed?.status !== 200) return null;
      const found: string[] = [];
      const byName = Map.groupBy(listed.body.result as readonly ListedToken[], ({ name }) => name);
      for (const [name, state] of before) {
        found.push(...tokenFindings(name, state, tokens.get(name)!.state, byName.get(name) ?? []));
      }
      for (const [name, entry] of labels) {
        const least = entry.confirmed;
        const answer = await api.call('GET', `/connections/${name}`);
        if (answer?.status !== 200) return null;
        const number = Number((answer.body.tags as readonly string[])[0]?.slice(1) ?? 0);
        if (!(number >= least && number <= entry.asked)) {
          found.push(`connection ${name} has the label ${number}, confirmed was ${least}, asked for ${entry.asked}`);
        }
      }
      return found;
    },
  };
}

/** @param state before the list was read; `now` after it */
function tokenFindings(name: string, state: TokenState, now: TokenState, listed: readonly ListedToken[]): string[] {
  if (listed.length > 1) return [`${name} is there ${listed.length} times`];
  if (state === 'asked') return [];
  const [token] = listed;
  if (token === undefined) return [`${name} was confirmed and is not there`];
  if (now === 'made' && token.revoked_at !== null) return [`${name} is revoked and nobody asked for it`];
  if (state === 'revoked' && token.revoked_at === null) return [`${name} was revoked and is not`];
  return [];
}
