/** `failed`: it is tried again. `dead`: given up. */
export const deliveryOutcomes = ['delivered', 'failed', 'dead'] as const;
export type DeliveryOutcome = (typeof deliveryOutcomes)[number];

/** What is counted as it happens, in this process. Names of connections are labels; nothing of a token ever is. */
export type Metrics = {
  /** A request to our API. `route`: its pattern; null where none matched. */
  request(event: {
    readonly method: string;
    readonly route: string | null;
    readonly status: number;
    readonly seconds: number;
  }): void;
  /** A request that went to KnowBe4. `endpoint`: the path with its parameters' names; `status` null when no answer came. */
  remoteRequest(event: {
    readonly connection: string;
    readonly endpoint: string;
    readonly kind: 'interactive' | 'scheduled';
    readonly status: number | null;
    readonly seconds: number;
  }): void;
  /** KnowBe4 said 429 although our own count had room. */
  unexpectedRateLimit(account: string): void;
  run(event: {
    readonly connection: string;
    readonly level: string;
    readonly status: string;
    readonly seconds: number;
  }): void;
  changes(event: { readonly connection: string; readonly kinds: readonly string[] }): void;
  /** One try to deliver an event. `lagSeconds`: since the change was seen. */
  delivery(event: { readonly outcome: DeliveryOutcome; readonly seconds: number; readonly lagSeconds: number }): void;
  /** An error that somebody was told: a caller of the API, or the log of a sync. */
  error(code: string, where: 'http' | 'sync'): void;
  /** Says where to read, at each scrape, what stands in the store. */
  readFrom(read: () => Promise<Reading>): void;
  /** Everything, in the text format of Prometheus. Never throws: where the store cannot be read `foreknow_store_up` is 0. */
  scrape(): Promise<{ readonly contentType: string; readonly text: string }>;
};

/** What stands in the store: the same in every process that works on it. */
export type Reading = {
  readonly connections: readonly ConnectionReading[];
  readonly jobs: readonly {
    readonly kind: string;
    readonly waiting: number;
    readonly leased: number;
    readonly oldestMs: number;
  }[];
  /** Number of the newest change of the log. */
  readonly lastChange: number;
};

export type ConnectionReading = {
  readonly id: string;
  readonly name: string;
  /** What its requests are counted on. */
  readonly account: string;
  readonly region: string;
  /** The state, or `paused`. */
  readonly state: string;
  /** Requests of the rolling day; null where there is no limit. */
  readonly dayLimit: number | null;
  readonly usedLastDay: number;
  readonly usedLastMinute: number;
  /** What any call, and what a scheduled sync, may still use now; null where there is no limit. */
  readonly leftForAll: number | null;
  readonly leftForSync: number | null;
  /** Until KnowBe4 is asked again; 0 when it is. */
  readonly blockedSeconds: number;
  readonly openHolds: number;
  readonly streams: readonly {
    readonly stream: string;
    /** Since the end of the last good pass; of a stream that was never read since the connection was made. */
    readonly ageSeconds: number;
    readonly rows: number | null;
  }[];
};

/** Counts nothing. */
export const noMetrics: Metrics = {
  request: () => undefined,
  remoteRequest: () => undefined,
  unexpectedRateLimit: () => undefined,
  run: () => undefined,
  changes: () => undefined,
  delivery: () => undefined,
  error: () => undefined,
  readFrom: () => undefined,
  scrape: async () => ({ contentType: 'text/plain; charset=utf-8', text: '' }),
};
