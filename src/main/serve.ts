import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { ForeknowError } from '../errors/errors.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { createOperationServer } from '../http/operation-server.ts';
import { createServer } from '../http/server.ts';

export type ServeOptions = {
  /** Default 127.0.0.1: nobody beyond this machine. */
  readonly host?: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly trustProxy?: boolean | string | readonly string[];
  /** The log of the process; absent = none. */
  readonly log?: Logger;
  /** Address that callers use, when a proxy stands in front. */
  readonly publicUrl?: string;
  /** How much an answer to an agent may hold. */
  readonly agents?: { readonly rows?: number; readonly bytes?: number };
};

export type Served = {
  /** Where it listens, without a trailing slash. */
  readonly url: string;
  /** Stops accepting, lets running requests end. */
  close(): Promise<void>;
};

/** Opens the HTTP door over a gateway. The gateway stays the caller's to close. */
export async function serve(gateway: Gateway, options: ServeOptions): Promise<Served> {
  const host = options.host ?? '127.0.0.1';
  const app = await createServer({
    gateway,
    ...(options.log === undefined ? {} : { logger: options.log }),
    ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
    ...(options.agents === undefined ? {} : { agents: options.agents }),
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.trustProxy === undefined ? {} : { trustProxy: options.trustProxy }),
  });
  return listening(app, { host, port: options.port, isTls: options.tls !== undefined, option: 'port' });
}

/** Opens the small door of the machinery: health, and metrics where asked, without a token. */
export async function serveOperation(
  gateway: Gateway,
  { host, port, metrics }: { readonly host: string; readonly port: number; readonly metrics: boolean },
): Promise<Served> {
  const option = metrics ? 'metrics-port' : 'health-port';
  return listening(await createOperationServer(gateway, { metrics }), { host, port, isTls: false, option });
}

async function listening(
  app: FastifyInstance,
  { host, port, isTls, option }: { host: string; port: number; isTls: boolean; option: string },
): Promise<Served> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw cannotListen(error, host, port, option);
  }
  const { port: taken } = app.server.address() as { port: number };
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const url = `${isTls ? 'https' : 'http'}://${shown.includes(':') ? `[${shown}]` : shown}:${taken}`;
  return { url, close: () => app.close() };
}

/** @param option which of the command line names the port */
function cannotListen(error: unknown, host: string, port: number, option: string): unknown {
  const code = (error as { code?: string }).code;
  if (code === 'EADDRINUSE') {
    return new ForeknowError('conflict', {
      detail: `Port ${port} on ${host} is taken by another program.`,
      hint: `Choose another with --${option}; 0 picks a free one.`,
      field: option.replace('-', '_'),
      cause: error,
    });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EACCES') {
    return new ForeknowError('invalid_request', {
      detail: `The server cannot listen on ${host} port ${port} (${code}).`,
      hint: 'Name an address of this machine with --host, and a port above 1023 unless you are root.',
      field: 'host',
      cause: error,
    });
  }
  return error;
}
