/** Who waits: a person at a screen, or a job that has time. Jobs leave the reserve of the day to people. */
export type CallKind = 'interactive' | 'scheduled';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One call of an endpoint, before it becomes one or more requests. */
type Request = {
  readonly url: string;
  /** Default `GET`. */
  readonly method?: Method;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The path with its parameters' names, for counters: `/v1/users/{user_id}`. */
  readonly endpoint: string;
  readonly kind: CallKind;
  /** Longest single wait for the limiter or before another try; a longer one becomes an error with `retryAfterMs`. */
  readonly maxWaitMs: number;
  /** Time (ms) at which waits, tries and answer must be over; absent: no end but that of each single one. */
  readonly deadline?: number;
  /** Tries in all; absent: the client's setting. */
  readonly tries?: number;
  readonly signal: AbortSignal | undefined;
  /** Called before each request that really goes out. */
  readonly onSent: () => void;
  /** Told the answer as text; it is parsed when this resolves. Absent: at once. */
  readonly whenWanted?: (answer: Answer) => Promise<void>;
};

export type Answer = {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** Text or bytes from `send`, parsed JSON or bytes after `decode`. */
  readonly body: unknown;
};

/** Every layer of the transport takes a Send and gives a Send. */
export type Send = (request: Request) => Promise<Answer>;

/** The part of `fetch` that the client needs; the platform's own and undici's both fit. */
export type Fetch = (
  url: string,
  init: { method: Method; headers: Record<string, string>; body?: string; redirect: 'manual'; signal: AbortSignal },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
  arrayBuffer(): Promise<ArrayBuffer>;
}>;

/** One request that went out, for logs and metrics. Holds no token. */
export type RequestEvent = {
  readonly method: Method;
  readonly endpoint: string;
  readonly url: string;
  /** Null when no answer came. */
  readonly status: number | null;
  readonly requestId: string | null;
  readonly durationMs: number;
  readonly kind: CallKind;
};
