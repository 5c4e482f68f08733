import { ForeknowError } from '../errors/errors.ts';
import type { Caller, Operator } from './operator.ts';
import type { Attempt, Credentials, OperatorStore, SealedTotp } from './ports.ts';
import {
  COST,
  type Cost,
  checkSecret,
  fingerprintOf,
  hashSecret,
  isSecret,
  newSessionToken,
  sessionHash,
} from './secret.ts';
import { newSeed, stepOf, uriOf } from './totp.ts';

export type OperatorDeps = {
  readonly store: OperatorStore;
  /** The vault, for the seeds of one-time codes. */
  readonly seal: (operatorId: string, seed: string) => string;
  readonly open: (operatorId: string, sealed: string) => string;
  readonly now: () => Date;
  /** `op_…` */
  readonly newId: () => string;
  /** Of hashing a secret; default as OWASP has it. */
  readonly cost?: Cost;
};

/** What somebody says to prove who they are. */
export type Proof = {
  readonly name: string;
  readonly secret: string;
  /** From an authenticator app; null where none is asked for. */
  readonly code: string | null;
};

export type NewOperator = { readonly name: string; readonly secret: string; readonly totp: boolean };
/** `totpUri` is shown once, for an authenticator app; null without one-time codes. */
export type WithTotp = { readonly operator: Operator; readonly totpUri: string | null };
export type Session = { readonly operator: Operator; readonly token: string; readonly expiresAt: string };

const HOUR_MS = 3_600_000;
const SESSION_MS = 8 * HOUR_MS;
/** Wrong tries of a name in an hour: by one caller, and by all callers of its kind. */
const BY_ONE = 10;
const BY_A_KIND = 60;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@+-]{0,63}$/u;

/** The use cases of the room. */
export function operatorRoom(deps: OperatorDeps) {
  const { store, now, open, cost = COST } = deps;
  const at = () => now().toISOString();

  const newTotp = (id: string, name: string): { readonly kept: SealedTotp; readonly uri: string } => {
    const seed = newSeed();
    const kept = { connectionId: id, kind: 'totp' as const, sealed: deps.seal(id, seed), createdAt: at() };
    return { kept: { ...kept, fingerprint: fingerprintOf(seed) }, uri: uriOf(name, seed) };
  };

  const required = async (name: string): Promise<Credentials> => {
    const found = await store.findCredentials(name);
    if (found !== null) return found;
    throw new ForeknowError('not_found', {
      detail: 'There is no such operator.',
      hint: 'foreknow operators list shows them.',
    });
  };

  /**
   * A try counts as wrong until it has proved right, so that many at one moment are no more than the limit.
   * @throws ForeknowError `operator_refused`, `too_many_attempts`
   */
  const verify = async (proof: Proof, from: Caller): Promise<Operator> => {
    const attempt = attemptOf(proof.name, from, now().getTime());
    if (!(await store.countAttempt(attempt))) throw tooMany();
    const operator = await proven(proof);
    await store.forgetAttempt(attempt);
    return operator;
  };

  const proven = async ({ name, secret, code }: Proof): Promise<Operator> => {
    const found = await store.findCredentials(name);
    // As long for nobody as for somebody.
    const isRight = await isSecret(secret, found?.hash ?? '', cost);
    if (found === null || !isRight || found.operator.disabledAt !== null) throw refused();
    const { operator, totp } = found;
    if (totp !== null) {
      const step = stepOf(operator.name, open(operator.id, totp.sealed), code ?? '', now().getTime());
      if (step === null || !(await store.useTotpStep(operator.id, step))) throw refused();
    }
    return operator;
  };

  /** Once there is somebody who approves, only such a person makes or changes others. */
  const vouched = async (voucher: Proof | null, from: Caller): Promise<Operator | null> => {
    if ((await store.listOperators()).length === 0) return null;
    if (voucher !== null) return verify(voucher, from);
    throw new ForeknowError('operator_refused', {
      detail: 'There are operators already: one of them has to vouch for this.',
      hint: 'Let one of them give their name and secret; if nobody can, stop the server and use --recover.',
    });
  };

  const reset = async (name: string, secret: string, totp: boolean): Promise<WithTotp> => {
    const { operator } = await required(name);
    checkSecret(secret, operator.name);
    const made = totp ? newTotp(operator.id, operator.name) : null;
    const hash = await hashSecret(secret, cost);
    await store.resetOperator(operator.id, { hash, totp: made?.kept ?? null, at: at() });
    return {
      operator: { ...operator, hasTotp: totp, changedAt: at(), disabledAt: null },
      totpUri: made?.uri ?? null,
    };
  };

  return {
    list: () => store.listOperators(),
    verify,

    /**
     * @param voucher an operator who is there; needed once there is one
     * @throws ForeknowError `invalid_request`, `conflict`, `operator_refused`, `too_many_attempts`
     */
    async add({ name, secret, totp }: NewOperator, voucher: Proof | null, from: Caller): Promise<WithTotp> {
      checkName(name);
      checkSecret(secret, name);
      await vouched(voucher, from);
      const id = deps.newId();
      const made = totp ? newTotp(id, name) : null;
      const operator: Operator = { id, name, hasTotp: totp, createdAt: at(), changedAt: at(), disabledAt: null };
      await store.createOperator(operator, await hashSecret(secret, cost), made?.kept ?? null);
      return { operator, totpUri: made?.uri ?? null };
    },

    /** Another secret; their sessions end. @throws ForeknowError as `add`, and `not_found` */
    async reset({ name, secret, totp }: NewOperator, voucher: Proof | null, from: Caller): Promise<WithTotp> {
      await vouched(voucher, from);
      return reset(name, secret, totp);
    },

    /** The same without anybody who vouches: for whoever holds the store alone, with no server running. */
    recover: ({ name, secret, totp }: NewOperator): Promise<WithTotp> => reset(name, secret, totp),

    /** @throws ForeknowError `not_found`, `operator_refused`, `too_many_attempts`; `conflict` when nobody would be left */
    async disable(name: string, voucher: Proof | null, from: Caller): Promise<Operator> {
      const by = await vouched(voucher, from);
      const { operator } = await required(name);
      if (by?.id === operator.id) {
        throw new ForeknowError('conflict', {
          detail: 'Nobody disables themselves: somebody has to be left.',
          hint: 'Let another operator do it.',
        });
      }
      if ((await store.disableOperator(operator.id, at())) === 'last') {
        throw new ForeknowError('conflict', {
          detail: `${operator.name} is the last who can approve: somebody has to be left.`,
          hint: 'Add another operator first.',
        });
      }
      return { ...operator, disabledAt: operator.disabledAt ?? at() };
    },

    /** @throws ForeknowError `operator_refused`, `too_many_attempts` */
    async login(proof: Proof, from: Caller): Promise<Session> {
      const operator = await verify(proof, from);
      const token = newSessionToken();
      const expiresAt = new Date(now().getTime() + SESSION_MS).toISOString();
      const isOpen = await store.createOperatorSession({
        hash: sessionHash(token)!,
        operatorId: operator.id,
        secretSetAt: operator.changedAt,
        createdAt: at(),
        expiresAt,
      });
      // Their secret was changed, or they were disabled, while it was being proved.
      if (!isOpen) throw refused();
      await store.dropOperatorSessions(at());
      return { operator, token, expiresAt };
    },

    /** Whose session it is; null when it has ended, or is none. */
    async session(token: string): Promise<Operator | null> {
      const hash = sessionHash(token);
      return hash === null ? null : store.findOperatorSession(hash, at());
    },

    async logout(token: string): Promise<void> {
      const hash = sessionHash(token);
      if (hash !== null) await store.endOperatorSession(hash);
    },
  };
}

export type OperatorRoom = ReturnType<typeof operatorRoom>;

/** @param at ms */
function attemptOf(name: string, from: Caller, at: number): Attempt {
  const who = `operator ${name.toLowerCase().slice(0, 64)}`;
  const [kind] = from.split(' ', 1);
  const limits = [
    { scope: `${who} by any ${kind}`, most: BY_A_KIND },
    { scope: `${who} by ${from.slice(0, 100)}`, most: BY_ONE },
  ];
  return { limits, at, since: at - HOUR_MS };
}

const tooMany = () =>
  new ForeknowError('too_many_attempts', {
    detail: 'This name was tried wrongly too often from here in the last hour.',
    hint: 'Wait an hour, or decide from another place: the terminal, or a page where you are signed in. If it was not you, look at the audit log.',
    retryAfterMs: HOUR_MS,
  });

function checkName(name: string): void {
  if (NAME.test(name) && name.trim() === name) return;
  throw new ForeknowError('invalid_request', {
    detail: 'A name has 1 to 64 letters, digits, spaces and . _ @ + -, and begins with a letter or a digit.',
    field: 'name',
  });
}

const refused = () =>
  new ForeknowError('operator_refused', {
    detail: 'Name, secret or code is wrong.',
    hint: 'Try again; foreknow operators reset sets another secret.',
  });
