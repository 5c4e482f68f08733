/** The addresses that data is read at. */
export const callTypes = ['unified', 'proxy', 'custom', 'batch', 'knowbe4', 'mcp'] as const;
export type CallType = (typeof callTypes)[number];

/** One call as it is remembered: what was asked of which connection and how it went, no value of a query and no body. */
export type Call = {
  /** `call_` and 16 random characters. */
  readonly id: string;
  /** When it began, ms. */
  readonly at: number;
  readonly type: CallType;
  readonly tokenId: string;
  readonly requestId: string;
  /** null where it means none, or several. */
  readonly connectionId: string | null;
  /** What was asked for, ids left out: `user-directory/users`, `phishing/security_tests/{id}`. */
  readonly resource: string | null;
  /** `list`, `get`, `create` …; of MCP its method. */
  readonly method: string;
  /** Of HTTP. */
  readonly verb: string;
  readonly status: number;
  /** Code of the error that was answered. */
  readonly error: string | null;
  readonly durationMs: number;
  /** Time spent on waiting for KnowBe4; null where nothing was asked of it. */
  readonly upstreamMs: number | null;
  readonly resultCount: number | null;
  /** KnowBe4 refused the token: the connection needs another one. */
  readonly needsReauth: boolean;
  readonly tool: string | null;
  readonly clientName: string | null;
  readonly clientVersion: string | null;
};
