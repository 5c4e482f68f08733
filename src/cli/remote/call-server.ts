import { Agent, fetch } from 'undici';
import { type ErrorCode, errorCatalog } from '../../errors/catalog.ts';
import { ForeknowError } from '../../errors/errors.ts';
import { camelCase, snakeCase } from '../../lib/case.ts';

/** Where the server of a folder listens, as it wrote it into the folder. */
export type ServerAddress = {
  readonly address: string;
  readonly token: string;
  /** The user of this machine whose command it is: for the server's audit log. */
  readonly operator: string;
  /** PEM of the certificate it shows, when it speaks TLS: the command trusts this one and no other. */
  readonly certificate?: string;
};

export type CallServer = <Answer>(method: string, path: string, body?: unknown) => Promise<Answer>;

/** The server holds no call longer than 30 s. */
const TIMEOUT_MS = 60_000;

/**
 * Calls our own API. Keys are `snake_case` there and `camelCase` here.
 * @throws ForeknowError with the server's code and words, `unavailable` when it does not answer
 */
export function callServer({ address, token, operator, certificate }: ServerAddress): {
  call: CallServer;
  close(): Promise<void>;
} {
  const dispatcher = new Agent(certificate === undefined ? {} : { connect: trustOnly(certificate) });
  const call: CallServer = async <Answer>(method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${address}/api/v1${path}`, {
      method,
      dispatcher,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-foreknow-operator': operator,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(snakeCase(body)) }),
    }).catch((cause: unknown) => {
      throw new ForeknowError('unavailable', {
        detail: `The server of this data folder does not answer at ${address}.`,
        hint: 'It may be starting or stopping: try again.',
        cause,
      });
    });
    const content: unknown = await answer.json().catch(() => null);
    if (!answer.ok) throw errorOf(answer.status, content);
    return camelCase(content) as Answer;
  };
  return { call, close: () => dispatcher.close() };
}

/** The server may be called by an address that its certificate does not name; that it is this certificate is enough. */
const trustOnly = (certificate: string) => ({
  ca: certificate,
  allowPartialTrustChain: true,
  checkServerIdentity: () => undefined,
});

type Problem = { code?: string; detail?: string; hint?: string; field?: string } | null;

function errorOf(status: number, content: unknown): ForeknowError {
  const { code, detail, hint, field } = (content as Problem) ?? {};
  const known = code !== undefined && Object.hasOwn(errorCatalog, code);
  return new ForeknowError(known ? (code as ErrorCode) : 'internal', {
    detail: detail ?? `The server answered ${status}.`,
    ...(hint ? { hint } : {}),
    ...(field ? { field } : {}),
  });
}
