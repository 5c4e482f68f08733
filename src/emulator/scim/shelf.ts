import type { ScimResource } from '../../scim/json.ts';

/** A user or a group as SCIM has written it. */
export type Stored = {
  readonly id: string;
  /** Without `id`, `meta` and `groups`. */
  resource: ScimResource;
  /** ms */
  readonly created: number;
  modified: number;
  /** Rises with every write: what the ETag shows. */
  version: number;
  /** Left as the program wrote it that filled the store before, and at work since: no sync has to look at it. */
  settled: boolean;
};

const textOf = (resource: ScimResource, name: string): string | undefined => {
  const value = resource[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** All users, or all groups, of a store, in the order in which they came; found by id, by name and by `externalId`. */
export class Shelf {
  readonly #nameKey: 'userName' | 'displayName';
  readonly #byId = new Map<string, Stored>();
  readonly #byName = new Map<string, string>();
  readonly #byExternal = new Map<string, Set<string>>();
  #all: readonly Stored[] | null = [];
  #version = 0;

  constructor(nameKey: 'userName' | 'displayName') {
    this.#nameKey = nameKey;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Rises with every write. */
  get version(): number {
    return this.#version;
  }

  all(): readonly Stored[] {
    this.#all ??= [...this.#byId.values()];
    return this.#all;
  }

  get(id: string): Stored | undefined {
    return this.#byId.get(id);
  }

  /** In any letter case. */
  named(name: string): Stored | undefined {
    const id = this.#byName.get(name.toLowerCase());
    return id === undefined ? undefined : this.#byId.get(id);
  }

  withExternalId(externalId: string): Stored[] {
    return [...(this.#byExternal.get(externalId.toLowerCase()) ?? [])].map((id) => this.#byId.get(id)!);
  }

  nameOf({ resource }: Stored): string {
    return textOf(resource, this.#nameKey) ?? '';
  }

  add(stored: Stored): void {
    this.#byId.set(stored.id, stored);
    this.#index(stored);
    this.#all = null;
    this.#version += 1;
  }

  /** Puts another content in place of what was there. */
  write(stored: Stored, resource: ScimResource, now: number): void {
    this.#unindex(stored);
    stored.resource = resource;
    stored.modified = now;
    stored.version += 1;
    this.#index(stored);
    this.#version += 1;
  }

  remove(stored: Stored): void {
    this.#unindex(stored);
    this.#byId.delete(stored.id);
    this.#all = null;
    this.#version += 1;
  }

  #index(stored: Stored): void {
    this.#byName.set(this.nameOf(stored).toLowerCase(), stored.id);
    const external = textOf(stored.resource, 'externalId')?.toLowerCase();
    if (external === undefined) return;
    const ids = this.#byExternal.get(external) ?? new Set();
    this.#byExternal.set(external, ids.add(stored.id));
  }

  #unindex(stored: Stored): void {
    const name = this.nameOf(stored).toLowerCase();
    if (this.#byName.get(name) === stored.id) this.#byName.delete(name);
    const external = textOf(stored.resource, 'externalId')?.toLowerCase();
    if (external === undefined) return;
    const ids = this.#byExternal.get(external);
    ids?.delete(stored.id);
    if (ids?.size === 0) this.#byExternal.delete(external);
  }
}
