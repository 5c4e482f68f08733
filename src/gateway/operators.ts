import type { Vault } from '../connections/vault.ts';
import { type OperatorRoom, operatorRoom } from '../operators/operators.ts';
import type { OperatorStore } from '../operators/ports.ts';

/** People who approve: who they are, who they prove to be, and their sessions. */
export type OperatorUseCases = OperatorRoom;

export const operatorUseCases = (deps: {
  readonly store: OperatorStore;
  readonly vault: Pick<Vault, 'seal' | 'open'>;
  readonly now: () => Date;
  readonly newId: () => string;
}): OperatorUseCases =>
  operatorRoom({
    ...{ store: deps.store, now: deps.now, newId: deps.newId },
    seal: (id, seed) => deps.vault.seal({ connectionId: id, kind: 'totp' }, seed),
    open: (id, sealed) => deps.vault.open({ connectionId: id, kind: 'totp' }, sealed),
  });
