import { createHash } from 'node:crypto';
import { ForeknowError } from '../errors/errors.ts';
import type { AnswerSlot, CallStore } from './ports.ts';

/** What was answered, to be answered again. */
export type KeptAnswer = { readonly status: number; readonly contentType: string; readonly body: string };

/** A call that is to take effect once. */
export type OnceCall = {
  readonly tokenId: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** `Idempotency-Key`, as the caller chose it. */
  readonly key: string;
  /** Query and body, as text. */
  readonly asked: string;
};

/** Of a call that nobody made before. */
export type FirstCall = {
  /** It took effect: this is given to whoever repeats it. */
  keep(answer: KeptAnswer): Promise<void>;
  /** It took no effect, and may be made again. */
  release(): Promise<void>;
};

export type KeptAnswers = {
  /**
   * @returns what was answered the first time, or how to keep what will be
   * @throws ForeknowError `idempotency_key_reused` for another body, `conflict` while the first one is under way or when nobody knows how
   *   it ended, `rate_limited` when the token has too many answers kept
   */
  begin(call: OnceCall): Promise<{ readonly again: KeptAnswer } | { readonly first: FirstCall }>;
  /** Drops what is over. */
  drop(): Promise<void>;
};

type Deps = {
  readonly store: Pick<CallStore, 'claimAnswer' | 'keepAnswer' | 'releaseAnswer' | 'dropAnswers'>;
  /** Answers may hold secrets that are shown once. */
  readonly seal: (tokenId: string, text: string) => string;
  /** @throws when no key opens it */
  readonly open: (tokenId: string, sealed: string) => string;
  /** ms */
  readonly now: () => number;
};

const KEPT_MS = 86_400_000;
/** Longer than any call is worked at. */
const UNDER_WAY_MS = 120_000;
const MOST_OF_A_TOKEN = 10_000;
/** Characters; an answer beyond that is not kept, and the call is known to have been made. */
const MOST_LENGTH = 256 * 1024;

/** Answers of calls that changed something, kept for a day under the key that their caller chose. */
export function createKeptAnswers({ store, seal, open, now }: Deps): KeptAnswers {
  const first = (slot: AnswerSlot, at: number): FirstCall => ({
    async keep(answer) {
      const text = answer.body.length > MOST_LENGTH ? '' : seal(slot.tokenId, JSON.stringify(answer));
      await store.keepAnswer({ ...slot, at, answer: text });
    },
    release: () => store.releaseAnswer({ ...slot, at }),
  });

  return {
    async begin({ tokenId, method, path, key, asked }) {
      const slot = { tokenId, slot: digestOf([method, path, key]) };
      const digest = digestOf([asked]);
      const at = now();
      const claimed = await store.claimAnswer({ ...slot, digest, at, since: at - KEPT_MS, most: MOST_OF_A_TOKEN });
      if (claimed.state === 'mine') return { first: first(slot, at) };
      if (claimed.state === 'full') throw tooMany(claimed.until - at);
      if (claimed.digest !== digest) throw reused();
      if (claimed.answer === null) throw at - claimed.claimedAt < UNDER_WAY_MS ? underWay() : unknown();
      const answer = claimed.answer === '' ? null : opened(open, tokenId, claimed.answer);
      if (answer === null) throw notKept();
      return { again: answer };
    },
    async drop() {
      await store.dropAnswers({ before: now() - KEPT_MS });
    },
  };
}

const digestOf = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts), 'utf8').digest('base64url');

/** @returns null where the key that sealed it is gone */
function opened(open: Deps['open'], tokenId: string, sealed: string): KeptAnswer | null {
  try {
    return JSON.parse(open(tokenId, sealed)) as KeptAnswer;
  } catch {
    return null;
  }
}

const FIELD = 'Idempotency-Key';

const reused = (): ForeknowError =>
  new ForeknowError('idempotency_key_reused', {
    detail: 'This Idempotency-Key came with another query or body before.',
    hint: 'Send a new key with every new call, and the same call with the same key.',
    field: FIELD,
  });

const underWay = (): ForeknowError =>
  new ForeknowError('conflict', {
    detail: 'The first call with this Idempotency-Key is still being worked at.',
    hint: 'Wait, then send the same call with the same key: it gets the answer of the first one.',
    field: FIELD,
    retryAfterMs: 2000,
  });

const unknown = (): ForeknowError =>
  new ForeknowError('conflict', {
    detail: 'The first call with this Idempotency-Key was broken off: whether it took effect is not known.',
    hint: 'Look at what is there. To make the call again, send another key.',
    field: FIELD,
  });

const notKept = (): ForeknowError =>
  new ForeknowError('conflict', {
    detail: 'The call with this Idempotency-Key took effect, and its answer is not kept any more.',
    hint: 'Look at what is there. To make the call again, send another key.',
    field: FIELD,
  });

const tooMany = (retryAfterMs: number): ForeknowError =>
  new ForeknowError('rate_limited', {
    detail: `The token has sent ${MOST_OF_A_TOKEN.toLocaleString('en')} calls with an Idempotency-Key in a day.`,
    hint: 'Send the key only with calls that must not take effect twice.',
    retryAfterMs: Math.max(1000, retryAfterMs),
  });
