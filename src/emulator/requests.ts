/** What was asked of the emulator since it started or was reset. */
export type RequestCounts = {
  readonly total: number;
  /** Calls that were answered with 429, by a limit or by a fault. */
  readonly refused: number;
  /** Those of them that a limit refused. */
  readonly overLimit: number;
  readonly byEndpoint: Readonly<Record<string, number>>;
  readonly byStatus: Readonly<Record<string, number>>;
  /** The last 500, oldest first. */
  readonly recent: readonly RecentRequest[];
};

export type RecentRequest = {
  readonly at: string;
  readonly endpoint: string;
  readonly path: string;
  readonly status: number;
};

const KEPT = 500;

export class RequestLog {
  #total = 0;
  #byEndpoint: Record<string, number> = {};
  #byStatus: Record<string, number> = {};
  #recent: RecentRequest[] = [];
  #overLimit = 0;

  note(request: RecentRequest, isOverLimit: boolean): void {
    this.#total += 1;
    if (isOverLimit) this.#overLimit += 1;
    this.#byEndpoint[request.endpoint] = (this.#byEndpoint[request.endpoint] ?? 0) + 1;
    this.#byStatus[request.status] = (this.#byStatus[request.status] ?? 0) + 1;
    this.#recent.push(request);
    if (this.#recent.length > 2 * KEPT) this.#recent = this.#recent.slice(-KEPT);
  }

  counts(): RequestCounts {
    return {
      total: this.#total,
      refused: this.#byStatus['429'] ?? 0,
      overLimit: this.#overLimit,
      byEndpoint: { ...this.#byEndpoint },
      byStatus: { ...this.#byStatus },
      recent: this.#recent.slice(-KEPT),
    };
  }

  reset(): void {
    this.#total = 0;
    this.#byEndpoint = {};
    this.#byStatus = {};
    this.#recent = [];
    this.#overLimit = 0;
  }
}
