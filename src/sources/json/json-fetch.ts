import { ForeknowError } from '../../errors/errors.ts';
import type { Sleep } from '../../lib/sleep.ts';
import { parseExactly } from './json-path.ts';

/** The part of `fetch` that is needed. */
export type JsonFetch = (
  url: string,
  init: { method: 'GET'; headers: Record<string, string>; redirect: 'manual'; signal: AbortSignal },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
}>;

export type Fetched = { readonly body: unknown; readonly link: string | null };

const MOST_BYTES = 64 * 1024 * 1024;
const MOST_TRIES = 4;
const LONGEST_WAIT_MS = 60_000;
const ANSWER_MS = 60_000;

/**
 * Gets one page. A server that is busy is asked again, three times at most.
 * @throws ForeknowError `source_unauthorized`, `source_rejected`, `source_unreachable`, `source_invalid`
 */
export async function getJson(
  deps: { readonly fetch: JsonFetch; readonly sleep: Sleep },
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Fetched> {
  for (let tries = 1; ; tries += 1) {
    const answer = await get(deps.fetch, url, headers, signal);
    if (answer.status === 200)
      return { body: await parsed(answer.body, url, signal), link: answer.headers.get('link') };
    await drop(answer.body);
    const isBusy = answer.status === 429 || answer.status === 503;
    if (!isBusy || tries === MOST_TRIES) throw refusedBy(url, answer.status);
    await deps.sleep(waitMs(answer.headers.get('retry-after'), tries), signal);
  }
}

async function get(fetch: JsonFetch, url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
  try {
    return await fetch(url.href, {
      method: 'GET',
      headers: { accept: 'application/json', ...headers },
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
  } catch (error) {
    throw broken(url, signal, error);
  }
}

async function parsed(body: AsyncIterable<Uint8Array> | null, url: URL, signal: AbortSignal): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of body ?? []) {
      size += piece.length;
      if (size > MOST_BYTES) throw tooLarge(url);
      pieces.push(piece);
    }
  } catch (error) {
    throw error instanceof ForeknowError ? error : broken(url, signal, error);
  }
  try {
    return parseExactly(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces)));
  } catch {
    throw notJson(url);
  }
}

/** A connection can be used again only when its answer was read; errors are short. */
async function drop(body: AsyncIterable<Uint8Array> | null): Promise<void> {
  try {
    let size = 0;
    for await (const piece of body ?? []) {
      size += piece.length;
      if (size > 65_536) return;
    }
  } catch {
    // The status is told already.
  }
}

/** Seconds as the server says them, else 1, 2, 4. */
function waitMs(retryAfter: string | null, tries: number): number {
  const seconds = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : 2 ** (tries - 1);
  return Math.min(seconds * 1000, LONGEST_WAIT_MS);
}

function refusedBy({ host }: URL, status: number): ForeknowError {
  if (status === 401 || status === 403) {
    return new ForeknowError('source_unauthorized', {
      detail: `${host} refuses the credentials: status ${status}.`,
      hint: 'Look at auth: the value is sent as it stands, with the word before it (Bearer …, Basic …).',
    });
  }
  if (status === 429 || status >= 500) {
    return new ForeknowError('source_unreachable', {
      detail: `${host} does not answer properly: status ${status}.`,
      hint: 'The next read comes by itself.',
    });
  }
  return new ForeknowError('source_rejected', {
    detail: `${host} refuses the request: status ${status}.`,
    hint:
      status >= 300 && status < 400
        ? 'It wants to lead elsewhere, and redirects are not followed: write the address that it leads to.'
        : 'Look at the address, and at what the account behind auth may read.',
  });
}

function broken({ host }: URL, signal: AbortSignal, error: unknown): ForeknowError {
  if (signal.aborted) return new ForeknowError('aborted', { detail: `The read of ${host} was cancelled.` });
  if (error instanceof ForeknowError) return error;
  const { code, cause } = error as NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException };
  const words = cause?.code ?? code ?? 'no answer in time';
  return new ForeknowError('source_unreachable', {
    detail: `${host} cannot be reached, or broke off its answer: ${words}.`,
    hint: 'Look at the address, the certificate and the network between; the next read comes by itself.',
  });
}

const tooLarge = ({ host }: URL): ForeknowError =>
  new ForeknowError('source_invalid', {
    detail: `A page of ${host} is larger than 64 MB.`,
    hint: 'Ask for smaller pages: page_size.',
  });

const notJson = ({ host }: URL): ForeknowError =>
  new ForeknowError('source_invalid', {
    detail: `What ${host} answers is not JSON in UTF-8, or it is cut off.`,
    hint: 'Look at the address: it may be a page for people.',
  });
