import { type ErrorCode, errorCatalog, type Retry } from './catalog.ts';

/** What an error may carry besides its code. No field may hold a token, a key or a path of the machine. */
export type ErrorFields = {
  /** What happened, in one sentence, for the person who reads it. */
  readonly detail: string;
  /** What to do next. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** The input field at fault, as the caller named it (`limit`, `emails[0].email`). */
  readonly field?: string;
  /** Milliseconds until waiting has helped. */
  readonly retryAfterMs?: number;
  /** Nobody knows whether what was to be changed is changed: who repeats it may make it twice. */
  readonly isOpen?: boolean;
  /** What the vendor answered, when it is the vendor's error. `body` is cut to 4 kB and redacted. */
  readonly remote?: RemoteAnswer;
  /** All problems at once, for input that has several. */
  readonly issues?: readonly Issue[];
};

export type RemoteAnswer = {
  readonly status: number;
  readonly requestId: string | null;
  readonly body: string | null;
};

export type Issue = { readonly field: string; readonly reason: string };

/** The one error class of the project. Its `code` decides status, title and whether to retry (see `catalog.ts`). */
export class ForeknowError extends Error {
  override readonly name = 'ForeknowError';
  readonly code: ErrorCode;
  readonly detail: string;
  readonly hint: string | undefined;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly remote: RemoteAnswer | undefined;
  readonly issues: readonly Issue[];
  readonly isOpen: boolean;

  constructor(code: ErrorCode, fields: ErrorFields) {
    super(fields.detail, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = code;
    this.detail = fields.detail;
    this.hint = fields.hint;
    this.field = fields.field;
    this.retryAfterMs = fields.retryAfterMs;
    this.remote = fields.remote;
    this.issues = fields.issues ?? [];
    this.isOpen = fields.isOpen ?? false;
  }

  /** HTTP status that our own doors answer with. */
  get status(): number {
    return errorCatalog[this.code].status;
  }

  get title(): string {
    return errorCatalog[this.code].title;
  }

  /** `soon`: seconds help. `later`: minutes or hours help. `never`: waiting does not help. */
  get retry(): Retry {
    return errorCatalog[this.code].retry;
  }
}

export const isForeknowError = (error: unknown): error is ForeknowError => error instanceof ForeknowError;
