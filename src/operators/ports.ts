import type { Operator } from './operator.ts';

/** The seed of an operator's one-time codes, sealed by the vault, as other sealed secrets are kept. */
export type SealedTotp = {
  /** The operator's id. */
  readonly connectionId: string;
  readonly kind: 'totp';
  readonly sealed: string;
  readonly fingerprint: string;
  readonly createdAt: string;
};

/** What proves that somebody is the operator. */
export type Credentials = {
  readonly operator: Operator;
  /** `scrypt$N$r$p$salt$hash`. */
  readonly hash: string;
  /** Null: no code is asked for. */
  readonly totp: SealedTotp | null;
};

/** How often something may be tried in an hour, counted by all processes on the store together. Times in ms. */
export type Attempt = {
  readonly limits: readonly { readonly scope: string; readonly most: number }[];
  readonly at: number;
  readonly since: number;
};

/** Storage of the room. Every function is one transaction. */
export type OperatorStore = {
  /** @throws ForeknowError `conflict` when the name is taken */
  createOperator(operator: Operator, hash: string, totp: SealedTotp | null): Promise<void>;
  /** By name. */
  listOperators(): Promise<readonly Operator[]>;
  /** By name, letter case aside. */
  findCredentials(name: string): Promise<Credentials | null>;
  /** Another secret; the operator is enabled again and all their sessions end. @returns false when there is no such operator */
  resetOperator(
    id: string,
    reset: { readonly hash: string; readonly totp: SealedTotp | null; readonly at: string },
  ): Promise<boolean>;
  /** Ends their sessions. @returns `last` where nobody else would be left, whoever disables whom at that moment: nothing is done then */
  disableOperator(id: string, at: string): Promise<'disabled' | 'already' | 'last'>;
  /** A one-time code counts once. @returns false when this one, or a later one, was used */
  useTotpStep(id: string, step: number): Promise<boolean>;
  /** @returns false when the operator is disabled, or has another secret by now: no session is kept then */
  createOperatorSession(session: {
    readonly hash: string;
    readonly operatorId: string;
    /** `changedAt` of the operator whose secret was proved. */
    readonly secretSetAt: string;
    readonly createdAt: string;
    readonly expiresAt: string;
  }): Promise<boolean>;
  /** The operator of a session that is open at that time. */
  findOperatorSession(hash: string, at: string): Promise<Operator | null>;
  endOperatorSession(hash: string): Promise<boolean>;
  /** @returns how many */
  dropOperatorSessions(expiredBefore: string): Promise<number>;
  /** Counts an attempt; false when there were too many, and this one does not count. */
  countAttempt(attempt: Attempt): Promise<boolean>;
  /** Takes a counted attempt back: it was none that counts. */
  forgetAttempt(attempt: Attempt): Promise<void>;
};
