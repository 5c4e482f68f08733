import type { FastifyInstance } from 'fastify';
import { createServer, type ServerOptions } from '../server.ts';
import { type Conformance, conformanceOf, type OpenApi } from './conformance.ts';

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies freely
  readonly body: any;
};
export type Call = (path: string, init?: RequestInit & { token?: string; json?: unknown }) => Promise<Answer>;

/** A door on a free port of the loopback. Every answer is held against the door's own OpenAPI document. */
export async function openDoor(options: ServerOptions): Promise<{
  app: FastifyInstance;
  url: string;
  call: Call;
  document: OpenApi;
  conforms: Conformance;
  close: () => Promise<void>;
}> {
  const app = await createServer(options);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const document = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as OpenApi;
  const conforms = conformanceOf(document);

  const call: Call = async (path, { token, json, ...init } = {}) => {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    const body = json === undefined ? init.body : JSON.stringify(json);
    if (json !== undefined) headers.set('content-type', 'application/json');
    const response = await fetch(url + path, { ...init, headers, body: body ?? null });
    const text = await response.text();
    const contentType = response.headers.get('content-type') ?? '';
    const isJson = /[/+]json\b/.test(contentType) && text !== '';
    const answer = { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : text };
    if (isJson) {
      conforms.answer({
        method: init.method ?? 'GET',
        url: path,
        status: answer.status,
        contentType,
        body: answer.body,
      });
    }
    return answer;
  };
  return { app, url, call, document, conforms, close: () => app.close() };
}
