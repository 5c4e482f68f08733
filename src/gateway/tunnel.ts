import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { ForeknowError } from '../errors/errors.ts';

/** Whether a host is one of `NO_PROXY`: names, endings (`.corp.example`), addresses, `*`, each with a port or without. */
export function isExcepted(noProxy: string, hostname: string, port: number): boolean {
  const host = hostname.toLowerCase();
  return noProxy.split(/[,\s]+/).some((entry) => {
    const [, name = '', only] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    const isAddress = (entry.match(/:/g)?.length ?? 0) > 1 && !entry.startsWith('[');
    const wanted = (isAddress ? entry.toLowerCase() : name).replace(/^\*?\./, '');
    if (wanted === '' || (!isAddress && only !== undefined && Number(only) !== port)) return false;
    return wanted === '*' || host === wanted || host.endsWith(`.${wanted}`);
  });
}

type Target = { readonly host: string; readonly port: number };

/**
 * Asks a proxy (`http://…` or `https://…`, with name and password where it wants them) for a connection to a host, which is then
 * as if it had been made directly.
 * @param ca certificates that are trusted of the proxy; undefined = the usual ones
 * @throws ForeknowError `remote_unavailable` when the proxy is not reached, or says no
 */
export function openTunnel(
  proxy: string,
  target: Target,
  { ca, limitMs }: { readonly ca?: readonly string[] | undefined; readonly limitMs: number },
): Promise<Socket> {
  const { protocol, hostname, port, username, password } = new URL(proxy);
  const isSecure = protocol === 'https:';
  const request = (isSecure ? httpsRequest : httpRequest)({
    method: 'CONNECT',
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port || (isSecure ? 443 : 80)),
    path: authority(target),
    headers: { host: authority(target), ...(username === '' ? {} : credentials(username, password)) },
    agent: false,
    timeout: limitMs,
    ...(isSecure && ca !== undefined ? { ca: [...ca] } : {}),
  });
  return new Promise((resolve, reject) => {
    request.once('connect', ({ statusCode = 0 }, socket, head) => {
      socket.setTimeout(0);
      socket.on('error', () => undefined); // told by whoever takes it over
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head);
        return resolve(socket as Socket);
      }
      socket.destroy();
      reject(unavailable(`The proxy did not open the connection (it answered ${statusCode}).`));
    });
    // A proxy that answers as if it had been asked for a page.
    request.once('response', (response) => {
      response.destroy();
      reject(unavailable(`The proxy did not open the connection (it answered ${response.statusCode}).`));
    });
    request.once('timeout', () => request.destroy(unavailable('The proxy did not answer in time.')));
    request.once('error', (error: NodeJS.ErrnoException) => {
      const { code = 'no answer' } = error;
      reject(error instanceof ForeknowError ? error : unavailable(`The proxy could not be reached (${code}).`));
    });
    request.end();
  });
}

const authority = ({ host, port }: Target): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

const credentials = (username: string, password: string) => ({
  'proxy-authorization': `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`,
});

const unavailable = (detail: string): ForeknowError => new ForeknowError('remote_unavailable', { detail });
