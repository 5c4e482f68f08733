import { connect, type Socket } from 'node:net';

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

export type Exchange = {
  readonly answers: readonly Answer[];
  /** The server hung up, or the socket broke. */
  readonly closed: boolean;
  /** Nothing came within the time. */
  readonly timedOut: boolean;
  /** What came and is no whole answer. */
  readonly rest: string;
  readonly ms: number;
};

/** One connection to the server, opened again when it was closed: bytes go out as they are, answers are read one by one. */
export type Lane = {
  /**
   * Sends bytes and reads as many answers as there are requests in them.
   * @param options.methods of the requests: an answer to HEAD has no body
   * @param options.end half-closes after the bytes: nothing more will come from here
   * @param options.cuts where the bytes are cut into pieces that go out one after another, in rising order
   */
  exchange(
    bytes: string,
    options: {
      readonly methods: readonly string[];
      readonly timeoutMs: number;
      readonly end?: boolean;
      readonly cuts?: readonly number[];
    },
  ): Promise<Exchange>;
  /** Forgets the connection: the next bytes go over a new one. */
  hangUp(): void;
};

export function openLane(port: number): Lane {
  let socket: Socket | null = null;
  const current = (): Socket => {
    if (socket === null || socket.destroyed || !socket.writable) {
      socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      socket.on('error', () => undefined);
    }
    return socket;
  };
  const hangUp = () => {
    socket?.destroy();
    socket = null;
  };
  return {
    hangUp,
    async exchange(bytes, { methods, timeoutMs, end, cuts = [] }) {
      const began = performance.now();
      const open = current();
      const result = await new Promise<Omit<Exchange, 'ms'>>((resolve) => {
        let seen: Buffer = Buffer.alloc(0);
        const answers: Answer[] = [];
        const finish = (how: { closed: boolean; timedOut: boolean }) => {
          clearTimeout(timer);
          open.off('data', onData).off('close', onClose).off('end', onClose);
          resolve({ answers, ...how, rest: seen.toString('latin1').slice(0, 200) });
        };
        const onData = (chunk: Buffer) => {
          seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
          while (answers.length < methods.length) {
            const read = readAnswer(seen, methods[answers.length]!);
            if (read === null) return;
            seen = seen.subarray(read.length);
            if (read.answer !== null) answers.push(read.answer);
          }
          finish({ closed: false, timedOut: false });
        };
        const onClose = () => finish({ closed: true, timedOut: false });
        const timer = setTimeout(() => finish({ closed: false, timedOut: true }), timeoutMs);
        open.on('data', onData).once('close', onClose).once('end', onClose);
        void writeIn(open, bytes, cuts).then(() => end && open.end());
      });
      const last = result.answers.at(-1);
      if (end || result.closed || result.timedOut || last?.headers.connection === 'close') hangUp();
      return { ...result, ms: performance.now() - began };
    },
  };
}

/** So that the pieces do not leave in one packet, ms. */
const BETWEEN_PIECES_MS = 2;

async function writeIn(socket: Socket, bytes: string, cuts: readonly number[]): Promise<void> {
  for (const [index, start] of [0, ...cuts].entries()) {
    if (index > 0) await new Promise((resolve) => setTimeout(resolve, BETWEEN_PIECES_MS));
    if (!socket.writable) return;
    socket.write(bytes.slice(start, cuts[index]), 'latin1');
  }
}

/** @returns null while the answer is not whole; `answer` null for an interim one (1xx) */
function readAnswer(bytes: Buffer, method: string): { answer: Answer | null; length: number } | null {
  const head = bytes.indexOf('\r\n\r\n');
  if (head === -1) return null;
  const [statusLine = '', ...lines] = bytes.subarray(0, head).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(`${statusLine} `)?.[1] ?? Number.NaN);
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const start = head + 4;
  if (status >= 100 && status < 200) return { answer: null, length: start };
  const made = (text: string, length: number) => ({ answer: { status, headers, text }, length });
  if (method === 'HEAD' || status === 204 || status === 304) return made('', start);
  if (headers['transfer-encoding'] === 'chunked') return readChunks(bytes, start, made);
  const size = Number(headers['content-length'] ?? 0);
  if (bytes.length < start + size) return null;
  return made(bytes.subarray(start, start + size).toString('utf8'), start + size);
}

function readChunks<Made>(bytes: Buffer, start: number, made: (text: string, length: number) => Made): Made | null {
  const parts: Buffer[] = [];
  for (let at = start; ; ) {
    const end = bytes.indexOf('\r\n', at);
    if (end === -1) return null;
    const size = Number.parseInt(bytes.subarray(at, end).toString('latin1'), 16);
    const next = end + 2 + size + 2;
    if (bytes.length < next) return null;
    if (size === 0) return made(Buffer.concat(parts).toString('utf8'), next);
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = next;
  }
}
