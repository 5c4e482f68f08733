/** An answer of the gateway; null when it gave none: it was killed before, or while it did what it was asked. */
export type Answer = { readonly status: number; readonly body: Record<string, unknown> };

export type Api = {
  call(method: string, path: string, body?: unknown): Promise<Answer | null>;
  /** Where calls go from now on; null while nobody answers. */
  use(url: string | null): void;
};

const TIMEOUT_MS = 20_000;

export type Answered = {
  readonly method: string;
  readonly path: string;
  /** 0 = none within the time in which every call is answered. */
  readonly status: number;
  /** Of our errors; empty without one. */
  readonly code: string;
};

/** @param hooks.onWrite told when something that changes things is sent */
export function createApi(
  secret: string,
  { onAnswer, onWrite }: { readonly onAnswer: (answered: Answered) => void; readonly onWrite: () => void },
): Api {
  let url: string | null = null;
  return {
    use(next) {
      url = next;
    },
    async call(method, path, body) {
      if (url === null) return null;
      if (method !== 'GET') onWrite();
      const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
      try {
        const response = await fetch(`${url}/api/v1${path}`, {
          method,
          headers,
          signal: AbortSignal.timeout(TIMEOUT_MS),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        const parsed = text === '' ? {} : (JSON.parse(text) as Answer['body']);
        onAnswer({ method, path, status: response.status, code: String(parsed.code ?? '') });
        return { status: response.status, body: parsed };
      } catch (error) {
        if ((error as Error).name === 'TimeoutError') onAnswer({ method, path, status: 0, code: '' });
        return null;
      }
    },
  };
}
