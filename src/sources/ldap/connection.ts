import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import {
  BindRequest,
  BindResponse,
  ExtendedResponse,
  type Filter,
  type Message,
  MessageParser,
  PagedResultsControl,
  SearchEntry,
  SearchReference,
  SearchRequest,
  SearchResponse,
  UnbindRequest,
} from 'ldapts';
import { ForeknowError } from '../../errors/errors.ts';
import { frames } from './frames.ts';
import { refused, unreachable } from './refusal.ts';

export type ConnectionOptionsOfLdap = {
  /** `ldaps://HOST[:PORT]`, or `ldap://HOST[:PORT]` with `startTls`. */
  readonly url: string;
  readonly startTls: boolean;
  /** Certificates in PEM that are trusted in place of the usual ones. */
  readonly ca: string | null;
  /** How long a server may take to accept a connection, and to go on with an answer. Ms. */
  readonly timeoutMs: number;
};

export type Question = {
  readonly base: string;
  readonly scope: 'base' | 'sub';
  readonly filter: Filter;
  readonly attributes: readonly string[];
  /** Absent: the answer is not wanted in pages. */
  readonly page?: { readonly size: number; readonly cookie: Buffer | null };
};

export type Answer = {
  readonly entries: readonly SearchEntry[];
  /** Addresses of other servers that would have more; nobody follows them. */
  readonly referrals: readonly string[];
  /** Where the next page begins; empty: there is none. Null: the server said nothing about pages. */
  readonly cookie: Buffer | null;
};

/** One connection for one read; it is never made again by itself, so that a password goes nowhere that was not checked. */
export type LdapConnection = {
  bind(dn: string, password: string): Promise<void>;
  /** @throws ForeknowError `source_rejected` for every result but success, `source_unreachable` when the connection ends */
  search(question: Question): Promise<Answer>;
  close(): void;
};

/**
 * Connects and makes sure who the server is, before anything is sent.
 * @throws ForeknowError `config_invalid`, `source_unreachable`, `aborted`
 */
export async function openLdap(options: ConnectionOptionsOfLdap, signal: AbortSignal): Promise<LdapConnection> {
  const socket = await securely(options, signal);
  let waiting: { readonly request: Message; resolve(answer: Message): void; reject(error: Error): void } | null = null;
  let entries: SearchEntry[] = [];
  let referrals: string[] = [];
  let ended: Error | null = null;
  let serial = 1;

  const end = (error: Error): void => {
    ended ??= error;
    socket.destroy();
    waiting?.reject(ended);
    waiting = null;
  };
  const onAbort = () => end(aborted());
  signal.addEventListener('abort', onAbort, { once: true });

  const parser = new MessageParser();
  parser.on('error', () => end(unreadable()));
  parser.on('message', (message) => {
    if (message.messageId === 0) return end(unreachable('The directory closes the connection.'));
    if (waiting === null || message.messageId !== waiting.request.messageId) return;
    if (message instanceof SearchEntry) entries.push(message);
    else if (message instanceof SearchReference) referrals.push(...message.uris);
    else {
      const { resolve } = waiting;
      waiting = null;
      resolve(message);
    }
  });
  const feed = frames((frame) => {
    parser.read(
      frame,
      new Map(waiting === null ? [] : [[String(waiting.request.messageId), { message: waiting.request }]]),
    );
  });
  socket.on('data', (chunk: Buffer) => {
    try {
      feed(chunk);
    } catch {
      end(unreadable());
    }
  });
  socket.on('error', () => end(unreachable('The connection to the directory broke.')));
  socket.on('close', () => end(unreachable('The directory closed the connection.')));
  socket.setTimeout(options.timeoutMs, () => {
    if (waiting !== null) end(unreachable(`The directory said nothing for ${options.timeoutMs / 1000} s.`));
  });

  /** One at a time: the next question is asked when the one before is answered. */
  const ask = (request: Message): Promise<Message> =>
    new Promise((resolve, reject) => {
      if (ended !== null) return reject(ended);
      if (waiting !== null) return reject(new Error('the question before is not answered'));
      waiting = { request, resolve, reject };
      entries = [];
      referrals = [];
      socket.write(request.write());
    });
  const nextId = (): number => {
    serial += 1;
    return serial;
  };

  return {
    async bind(dn, password) {
      const answer = await ask(new BindRequest({ messageId: nextId(), dn, password }));
      if (!(answer instanceof BindResponse)) throw unreadable();
      if (answer.status !== 0) throw refused('bind', answer.status, answer.errorMessage);
    },
    async search({ base, scope, filter, attributes, page }) {
      const request = new SearchRequest({
        messageId: nextId(),
        baseDN: base,
        scope,
        filter,
        attributes: [...attributes],
        derefAliases: 'never',
        timeLimit: 0,
        ...(page === undefined ? {} : { controls: [pageControl(page)] }),
      });
      const answer = await ask(request);
      if (!(answer instanceof SearchResponse)) throw unreadable();
      if (answer.status !== 0) throw refused('search', answer.status, answer.errorMessage);
      const control = answer.controls?.find((one) => one instanceof PagedResultsControl);
      return { entries, referrals, cookie: control?.value?.cookie ?? null };
    },
    close() {
      signal.removeEventListener('abort', onAbort);
      ended ??= unreachable('The connection is closed.');
      if (!socket.destroyed) socket.end(new UnbindRequest({ messageId: nextId() }).write());
      socket.destroySoon();
    },
  };
}

/** Critical: a server that cannot answer in pages says so, and does not give a part. */
const pageControl = ({ size, cookie }: NonNullable<Question['page']>): PagedResultsControl =>
  new PagedResultsControl({ critical: true, value: { size, ...(cookie === null ? {} : { cookie }) } });

async function securely(options: ConnectionOptionsOfLdap, signal: AbortSignal): Promise<Socket> {
  const url = new URL(options.url);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isTls = url.protocol === 'ldaps:';
  const port = Number(url.port || (isTls ? 636 : 389));
  const tls: ConnectionOptions = {
    host,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(options.ca === null ? {} : { ca: options.ca }),
  };
  const waitFor = { timeoutMs: options.timeoutMs, signal, where: url.host };
  if (isTls) return opened(connectTls({ ...tls, port }), 'secureConnect', waitFor);
  const socket = await opened(connectPlain({ host, port }), 'connect', waitFor);
  if (!options.startTls) return socket;
  await beginTls(socket, waitFor);
  return opened(connectTls({ ...tls, socket }), 'secureConnect', waitFor);
}

type WaitFor = { readonly timeoutMs: number; readonly signal: AbortSignal; readonly where: string };

function opened<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  { timeoutMs, signal, where }: WaitFor,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off(event, onOpen).off('close', onClose);
      if (error !== null) {
        socket.destroy();
        return reject(error);
      }
      // Whoever takes the socket listens for its errors from now on.
      socket.off('error', onError);
      resolve(socket);
    };
    const onOpen = () => settle(null);
    const onError = (error: Error) => settle(notOpened(where, error));
    const onClose = () => settle(unreachable(`${where} closed the connection at once.`));
    const onAbort = () => settle(aborted());
    const timer = setTimeout(() => settle(unreachable(`${where} does not accept a connection.`)), timeoutMs);
    socket.on(event, onOpen).on('error', onError).on('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

/** The extended request 1.3.6.1.4.1.1466.20037 (RFC 4511, 4.14.1), with the message id 1. */
const START_TLS = Buffer.from(`\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037`, 'latin1');

/** Asks for TLS. Whatever else arrives before it begins was not said by the server that is to be trusted, and ends the connection. */
function beginTls(socket: Socket, { timeoutMs, signal, where }: WaitFor): Promise<void> {
  return new Promise((resolve, reject) => {
    const answers: Buffer[] = [];
    const feed = frames((frame) => void answers.push(frame));
    const settle = (error: Error | null) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('data', onData).off('close', onClose).pause();
      if (error !== null) {
        socket.destroy();
        return reject(error);
      }
      socket.off('error', onError);
      resolve();
    };
    const onData = (chunk: Buffer) => {
      try {
        const rest = feed(chunk);
        if (answers.length > 0) settle(answers.length === 1 && rest === 0 ? refusedTls(answers[0]!) : unreadable());
      } catch {
        settle(unreadable());
      }
    };
    const onError = (error: Error) => settle(notOpened(where, error));
    const onClose = () => settle(unreachable(`${where} closed the connection when TLS was to begin.`));
    const onAbort = () => settle(aborted());
    const timer = setTimeout(() => settle(unreachable(`${where} does not begin TLS.`)), timeoutMs);
    socket.on('data', onData).on('error', onError).on('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.write(START_TLS);
  });
}

function refusedTls(frame: Buffer): Error | null {
  let error: Error | null = unreadable();
  const parser = new MessageParser();
  parser.on('error', () => {});
  parser.on('message', (message) => {
    if (!(message instanceof ExtendedResponse) || message.messageId !== 1) return;
    error = message.status === 0 ? null : refused('begin TLS', message.status, message.errorMessage);
  });
  parser.read(frame, new Map());
  return error;
}

const aborted = (): ForeknowError =>
  new ForeknowError('aborted', { detail: 'The read of the directory was cancelled.' });

const unreadable = (): ForeknowError =>
  new ForeknowError('source_invalid', {
    detail: 'The directory sent something that is not LDAP.',
    hint: 'Is it the port of LDAP? 636 is for ldaps://, 389 for ldap:// with start_tls.',
  });

/** OpenSSL's and Node's codes of a certificate that does not hold. */
const isCertificate = (code: string): boolean =>
  /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_(?:GET|VERIFY)|^ERR_TLS/.test(code);

function notOpened(where: string, error: NodeJS.ErrnoException): ForeknowError {
  const code = error.code ?? 'no code';
  return isCertificate(code)
    ? new ForeknowError('source_unreachable', {
        detail: `The certificate of ${where} does not hold: ${code}.`,
        hint: 'Put the certificate of your own CA into ca, and use the name that stands in the certificate of the server.',
      })
    : unreachable(`${where} cannot be reached: ${code}.`);
}
