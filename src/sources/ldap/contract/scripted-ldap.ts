import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { BerReader, BerWriter, FilterParser, PagedResultsControl, SearchRequest } from 'ldapts';
import { frames } from '../frames.ts';

export type ScriptedEntry = {
  readonly dn: string;
  readonly attributes: Readonly<Record<string, readonly (string | Uint8Array)[]>>;
};

/** What a server says to a search. `cookie`: undefined = nothing about pages; empty = the last page. */
export type ScriptedAnswer = {
  readonly entries?: readonly ScriptedEntry[];
  readonly referrals?: readonly string[];
  readonly code?: number;
  readonly cookie?: string;
};

export type Asked = {
  readonly base: string;
  /** In lower case. */
  readonly attributes: readonly string[];
  /** Null: the first page, or no pages are wanted. */
  readonly cookie: string | null;
};

export type Script = {
  search?(asked: Asked): ScriptedAnswer | 'silence' | 'hang up' | 'notice' | 'garbage';
  /** Sent after the answer to StartTLS; the code of that answer. */
  readonly startTls?: { readonly code: number; readonly extra?: Uint8Array };
  /** Bytes after which the connection is cut. */
  readonly cutAfter?: number;
};

/** A directory that says what a test wants, for answers that real ones give too seldom. */
export async function scriptedLdap(
  script: Script,
): Promise<{ readonly url: string; sent(): number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  let sent = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const send = (bytes: Buffer): void => {
      const room = (script.cutAfter ?? Number.POSITIVE_INFINITY) - sent;
      sent += bytes.length;
      if (bytes.length <= room) socket.write(bytes);
      else socket.end(bytes.subarray(0, Math.max(0, room)));
    };
    const feed = frames((frame) => answer(frame, script, send, socket));
    socket.on('data', (chunk: Buffer) => {
      try {
        feed(chunk);
      } catch {
        // The beginning of TLS, which it does not speak.
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => sent,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}

const BIND = 0x60;
const SEARCH = 0x63;
const EXTENDED = 0x77;

function answer(frame: Buffer, script: Script, send: (bytes: Buffer) => void, socket: Socket): void {
  const bytes = new BerReader(frame);
  bytes.readSequence();
  const id = bytes.readInt()!;
  const kind = bytes.readSequence();
  if (kind === BIND) send(done(id, 0x61, 0));
  if (kind === EXTENDED && script.startTls !== undefined) {
    const { code, extra = new Uint8Array() } = script.startTls;
    send(Buffer.concat([done(id, 0x78, code), extra]));
  }
  if (kind !== SEARCH) return;
  const request = new SearchRequest({ messageId: id, filter: FilterParser.parseString('(a=b)') });
  request.parse(bytes, []);
  const page = request.controls?.find((control) => control instanceof PagedResultsControl);
  const cookie = page?.value?.cookie?.length ? page.value.cookie.toString() : null;
  const said = script.search!({ base: request.baseDN, attributes: request.attributes, cookie });
  if (said === 'hang up') socket.destroy();
  else if (said === 'notice') send(done(0, 0x78, 52));
  else if (said === 'garbage') send(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
  else if (said !== 'silence') {
    const parts = [
      ...(said.entries ?? []).map((entry) => entryMessage(id, entry)),
      ...(said.referrals ?? []).map((address) => referral(id, address)),
      done(id, 0x65, said.code ?? 0, said.cookie),
    ];
    send(Buffer.concat(parts));
  }
}

function message(id: number, tag: number, write: (writer: BerWriter) => void, control?: PagedResultsControl): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(tag);
  write(writer);
  writer.endSequence();
  if (control !== undefined) {
    writer.startSequence(0xa0);
    control.write(writer);
    writer.endSequence();
  }
  writer.endSequence();
  return writer.buffer;
}

function done(id: number, tag: number, code: number, cookie?: string): Buffer {
  const control =
    cookie === undefined ? undefined : new PagedResultsControl({ value: { size: 0, cookie: Buffer.from(cookie) } });
  const write = (writer: BerWriter) => {
    writer.writeEnumeration(code);
    writer.writeString('');
    writer.writeString('');
  };
  return message(id, tag, write, control);
}

const entryMessage = (id: number, { dn, attributes }: ScriptedEntry): Buffer =>
  message(id, 0x64, (writer) => {
    writer.writeString(dn);
    writer.startSequence();
    for (const [name, values] of Object.entries(attributes)) {
      writer.startSequence();
      writer.writeString(name);
      writer.startSequence(0x31);
      for (const value of values) writer.writeBuffer(Buffer.from(value as string), 0x04);
      writer.endSequence();
      writer.endSequence();
    }
    writer.endSequence();
  });

const referral = (id: number, address: string): Buffer => message(id, 0x73, (writer) => writer.writeString(address));
