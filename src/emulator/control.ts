import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isForeknowError } from '../errors/errors.ts';
import type { Mutation } from './emulator.ts';
import type { Fault } from './faults.ts';
import type { EmulatedAccount } from './options.ts';
import type { RequestCounts } from './requests.ts';

/** Where the control API answers: no client of KnowBe4 would call this. */
export const CONTROL_PATH = '/_emulator';

/** What can be done over HTTP: the same as in the process. */
export type Controls = {
  describe(): { url: string; region: string; now: string; accounts: readonly EmulatedAccount[] };
  requests(): RequestCounts;
  resetRequests(): void;
  addFault(fault: Fault): string;
  clearFaults(): void;
  advance(ms: number): void;
  mutate(mutation: Mutation): { id: number | string };
  /** @throws ForeknowError `not_found` when there is no such account */
  truthLines(account?: string): Iterable<string>;
};

/**
 * GET /_emulator, GET and DELETE /_emulator/requests, POST and DELETE /_emulator/faults, POST /_emulator/advance {"ms"},
 * POST /_emulator/mutate, GET /_emulator/truth[?account=ID] (one JSON object a line).
 */
export async function control(controls: Controls, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://emulator');
    const call = `${request.method} ${url.pathname.slice(CONTROL_PATH.length).replace(/^\//, '')}`;
    if (call === 'GET truth') {
      const lines = controls.truthLines(url.searchParams.get('account') ?? undefined);
      response.writeHead(200, { 'Content-Type': 'application/x-ndjson; charset=utf-8' });
      await pipeline(Readable.from(inChunks(lines)), response);
      return;
    }
    const answer = perform(controls, call, await bodyOf(request));
    reply(response, answer === undefined ? 404 : 200, answer ?? { error: `There is no ${call}` });
  } catch (error) {
    if (response.headersSent) response.destroy();
    else reply(response, isForeknowError(error) ? error.status : 400, { error: String((error as Error).message) });
  }
}

function perform(controls: Controls, call: string, body: unknown): unknown {
  switch (call) {
    case 'GET ':
      return controls.describe();
    case 'GET requests':
      return controls.requests();
    case 'DELETE requests':
      controls.resetRequests();
      return {};
    case 'POST faults':
      return { id: controls.addFault(body as Fault) };
    case 'DELETE faults':
      controls.clearFaults();
      return {};
    case 'POST advance':
      controls.advance(Number((body as { ms?: unknown } | null)?.ms ?? 0));
      return controls.describe();
    case 'POST mutate':
      return controls.mutate((body ?? {}) as Mutation);
    default:
      return undefined;
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text === '' ? null : JSON.parse(text);
}

/** Lines in pieces of some 64 kB, so that a million of them are not a million writes. */
function* inChunks(lines: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length > 65_536) {
      yield chunk;
      chunk = '';
    }
  }
  if (chunk !== '') yield chunk;
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify(value)}\n`);
}
