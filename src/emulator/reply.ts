import type { IncomingHttpHeaders } from 'node:http';
import { printJson } from '../wire/reporting/print-json.ts';

/** One call, as it came in. */
export type Incoming = {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Of calls that carry one. */
  readonly body?: string;
};

/** What goes back. */
export type Reply = {
  readonly endpoint: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How the connection fails, if it does. */
  readonly cut?: boolean;
  /** The connection ends before anything of it is sent. */
  readonly lost?: boolean;
  /** Beyond the latency of every answer. */
  readonly delayMs?: number;
  /** A limit refused it. */
  readonly overLimit?: boolean;
};

export const jsonType = { 'Content-Type': 'application/json; charset=utf-8' };

export const json = (
  endpoint: string,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({ endpoint, status, headers: { ...jsonType, ...headers }, body: printJson(value) });

export const ok = (endpoint: string, value: unknown): Reply => json(endpoint, 200, value);

/** A page instead of JSON, as what stands in front of a service answers. */
export const html = (
  endpoint: string,
  status: number,
  title: string,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  endpoint,
  status,
  headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers },
  body: `<!DOCTYPE html>\n<html><head><title>${status} ${title}</title></head><body><h1>${title}</h1></body></html>\n`,
});
