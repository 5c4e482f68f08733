import { createHash } from 'node:crypto';
import type { Store } from '../store/store.ts';

/** What a server was told: names of settings (`webhooks.allow`) and their values as text. Holds no secret. */
export type Settings = Readonly<Record<string, string>>;

export type ConfigurationUseCases = {
  /** Names of settings that are others than those of the last server of the role. */
  changed(role: string, settings: Settings): Promise<readonly string[]>;
  keep(role: string, settings: Settings): Promise<void>;
};

/** The store keeps digests of the settings that each role was last started with. */
export const configurationUseCases = (store: Pick<Store, 'fact' | 'setFact'>): ConfigurationUseCases => ({
  async changed(role, settings) {
    const kept = JSON.parse(await store.fact(factOf(role), '{}')) as Settings;
    const now = digested(settings);
    const names = new Set([...Object.keys(kept), ...Object.keys(now)]);
    return [...names].filter((name) => kept[name] !== now[name]).toSorted();
  },
  keep: (role, settings) => store.setFact(factOf(role), JSON.stringify(digested(settings))),
});

const factOf = (role: string): string => `settings of ${role}`;

const digested = (settings: Settings): Settings =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, digestOf(value)]));

const digestOf = (value: string): string => createHash('sha256').update(value).digest('hex').slice(0, 16);
