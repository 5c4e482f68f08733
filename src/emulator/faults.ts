import { ForeknowError } from '../errors/errors.ts';

/** What can go wrong, scripted. Page faults change lists alone. */
const faultKinds = [
  /** 429; with `retryAfterS` it says how long, without it does not. */
  'rate-limited',
  'server-error',
  'maintenance',
  /** The connection ends after some of the body. */
  'cut-connection',
  /** A whole answer whose JSON stops in the middle. */
  'truncated-json',
  /** 502 with a page of HTML. */
  'html-error',
  /** 200 with a page of HTML, as a proxy on the way answers. */
  'html-body',
  /** Waits `delayMs` (default 2000) and answers well. */
  'slow',
  /** 200 whose body is an object with a message. */
  'error-body-200',
  'empty-body',
  /** Before the page is served somebody is deleted (near the front of the list). */
  'row-deleted',
  /** Before the page is served somebody appears near the front of the list. */
  'row-inserted',
  /** The page begins with the last row of the page before, or the last `rows`. */
  'row-duplicated',
  /** The page begins one row late, or `rows` late. */
  'row-skipped',
  /** The page lacks its first row, or its first `rows`. */
  'rows-missing',
  /** The page is cut from the list in the opposite order. */
  'rows-reordered',
  /** The page has half as many rows as were asked for, or `rows` at most. */
  'half-page',
  /** One row of the page is `{}`. */
  'bad-row',
  /** The next cursor is the one that was sent. */
  'cursor-loop',
  /** The rows of the first page again, with the next cursor of the page that was asked for. */
  'repeated-page',
  /** A call with `page` and no cursor gets 400. */
  'page-retired',
  /** `page` has no effect. */
  'page-ignored',
  /** The list is empty, or ends after the first `rows`. */
  'empty-list',
  /** Every list is empty and no record is at its own address; the account itself answers. */
  'empty-account',
  /** The token is refused. */
  'token-disabled',
  /** What was asked for is done, and the connection ends before a word of the answer. */
  'lost-answer',
  /** 501, and nothing is done: a PATCH that is not known, say. */
  'not-implemented',
  /** 413, and nothing is done. */
  'too-large',
  /** SCIM: a list says that there are as many as on this page. */
  'wrong-total',
  /** SCIM: groups come with their first `rows` members (default 1). */
  'members-truncated',
  /** SCIM: a filter tells names in another letter case apart. */
  'case-sensitive',
  /** SCIM: a POST gets 409 whatever there is. */
  'conflict',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export type Fault = {
  readonly kind: FaultKind;
  /** Which calls it meets, for example `users` or `recipients`. Default: all. */
  readonly endpoint?: string;
  /** Part of the path with query, for more precision. */
  readonly path?: string;
  /** The first matching call that it meets, from 1. Default 1. */
  readonly nth?: number;
  /** From there on every how manieth. Default 1. */
  readonly every?: number;
  /** How often. Default 1. */
  readonly count?: number | 'always';
  /** In place of `count`: it meets every call that is due for so long after the first one it met, in ms. */
  readonly forMs?: number;
  readonly retryAfterS?: number;
  readonly delayMs?: number;
  readonly rows?: number;
};

type Armed = { readonly id: string; readonly fault: Fault; seen: number; left: number; until: number };

/** The faults that are set, in the order in which they were. A call meets at most one. */
export class FaultBook {
  #armed: Armed[] = [];
  #last = 0;

  /** @throws ForeknowError `invalid_request` for an unknown kind */
  add(fault: Fault): string {
    if (!faultKinds.includes(fault?.kind)) {
      throw new ForeknowError('invalid_request', { detail: 'The emulator knows no such fault.', field: 'kind' });
    }
    this.#last += 1;
    const id = `fault-${this.#last}`;
    const forEver = fault.count === 'always' || fault.forMs !== undefined;
    const left = forEver ? Number.POSITIVE_INFINITY : (fault.count ?? 1);
    this.#armed.push({ id, fault, seen: 0, left, until: Number.POSITIVE_INFINITY });
    return id;
  }

  clear(): void {
    this.#armed = [];
  }

  /** Counts a call for every fault that matches it. `now` in ms. @returns the first one that is due */
  meet(endpoint: string, path: string, now: number): Fault | null {
    let due: Armed | null = null;
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (now >= armed.until) continue;
      if (fault.endpoint !== undefined && fault.endpoint !== endpoint) continue;
      if (fault.path !== undefined && !path.includes(fault.path)) continue;
      armed.seen += 1;
      const past = armed.seen - (fault.nth ?? 1);
      if (past >= 0 && past % (fault.every ?? 1) === 0 && armed.left > 0) due ??= armed;
    }
    if (!due) return null;
    due.left -= 1;
    if (due.fault.forMs !== undefined) due.until = Math.min(due.until, now + due.fault.forMs);
    return due.fault;
  }
}
