import { ForeknowError } from '../../errors/errors.ts';
import { findPerson } from '../world/mutate.ts';
import type { Person } from '../world/state.ts';
import { purge } from './edit.ts';
import { bringUpScim, setOther } from './state.ts';
import type { Synced } from './sync-run.ts';
import { catchUp, forceSync, setTestMode } from './windows.ts';

/** What somebody does at the console's page for provisioning. */
export type ScimMade =
  | { kind: 'scim-test-mode'; on: boolean }
  /** Runs the sync that waits, or another one, now. */
  | { kind: 'scim-force-sync' }
  /** Marks a person as not managed by SCIM, as an import of a file does; `exempt: false` takes it back. */
  | { kind: 'scim-exempt'; user: number; exempt?: boolean }
  /** Empties the store. */
  | { kind: 'scim-purge'; what?: 'ALL' | 'USERS' | 'GROUPS' }
  /** Switches the other program that provisions the account on or off; with it people stop coming and going by themselves. */
  | { kind: 'scim-provisioner'; active: boolean };

const kinds: readonly string[] = [
  'scim-test-mode',
  'scim-force-sync',
  'scim-exempt',
  'scim-purge',
  'scim-provisioner',
] satisfies ScimMade['kind'][];

export const isScimMade = <Made extends { readonly kind: string }>(made: Made): made is Made & ScimMade =>
  kinds.includes(made.kind);

/**
 * Does it at a time, after what is due until then.
 * @returns the id of the person or of the sync's report; 0 where there is none
 * @throws ForeknowError `not_found` when there is no such person
 */
export function scimByHand(synced: Synced, made: ScimMade, now: number): number {
  catchUp(synced, now);
  bringUpScim(synced.scim, synced.world);
  switch (made.kind) {
    case 'scim-test-mode':
      setTestMode(synced, made.on, now);
      return 0;
    case 'scim-force-sync':
      return forceSync(synced, now).id;
    case 'scim-exempt':
      return exempt(synced, personOf(synced, made.user), made.exempt ?? true);
    case 'scim-purge':
      purge(synced, made.what ?? 'ALL', now);
      return 0;
    case 'scim-provisioner':
      setOther(synced.scim, synced.world, made.active, now);
      return 0;
  }
}

function exempt({ scim }: Synced, { index, user }: Person, on: boolean): number {
  if (on) scim.exempt.add(index);
  else scim.exempt.delete(index);
  return user.id;
}

function personOf({ world }: Synced, id: number): Person {
  const person = findPerson(world, id);
  if (!person) throw new ForeknowError('not_found', { detail: `The emulated account has no user ${id}.` });
  return person;
}
