import { ForeknowError, isForeknowError } from '../../errors/errors.ts';

type Words = readonly [detail: string, hint: string];

const unreachable: Words = [
  'The database cannot be reached.',
  'Check that Postgres runs and that the address is right. What was confirmed is safe; the next call tries again by itself.',
];

const silent: Words = [
  'The database does not answer in time.',
  'Check that Postgres runs, can be reached and is not overloaded. What was confirmed is safe; the next call tries again by itself.',
];

/** SQLSTATEs, or their first two characters, that say what the operator can do. */
const states: Readonly<Record<string, Words>> = {
  '08': unreachable,
  '28': ['The database refused the user or the password.', 'Check the user and the password of the database URL.'],
  '3D': ['The database is not there.', 'Create it, or correct its name in the database URL.'],
  '25006': [
    'The database cannot be written.',
    'The server is a standby or read-only: name the primary in the database URL.',
  ],
  '42501': ['The database user lacks a right.', 'Let the user own the database, or its schema.'],
  '42P07': [
    'The database has a table of the same name that is not ours.',
    'Give foreknow a database, or a schema in the search_path, of its own.',
  ],
  '53100': ['The disk of the database is full.', 'Free some space on the database server; nothing was half written.'],
  '53300': [
    'The database has no connection left.',
    'Raise max_connections, or run fewer processes: each uses up to 14 connections.',
  ],
  '53': ['The database server lacks resources.', 'Look into the log of the database server.'],
  '57P': unreachable,
  '58': ['The database server reported an error of its disk.', 'Look into the log of the database server.'],
  XX: ['The database server reported damage.', 'Look into the log of the database server.'],
};

/** States after which the same transaction may well succeed: serialization, deadlock, lock wait, two inserts of one key. */
const repeatable = new Set(['40001', '40P01', '55P03', '23505']);

export const isRepeatable = (error: unknown): boolean => repeatable.has(stateOf(error) ?? '');

/** Whether the server itself said no: its connection is in order then and can be used again. */
export const isAnswer = (error: unknown): boolean => {
  const state = stateOf(error);
  return isForeknowError(error) || (state !== null && !state.startsWith('57P') && !state.startsWith('08'));
};

/** More than a pool has connections: each of them may be a dead one. */
const MOST_OTHERS = 8;

/**
 * A read whose connection was lost is done again, over another one: a server that was restarted leaves dead ones behind. One
 * that was given up because nobody answered is not: it would only take as long again.
 */
export const overAnother =
  <T>(read: () => Promise<T>) =>
  async (error: unknown): Promise<T> => {
    let last = error;
    for (let others = 0; others < MOST_OTHERS && !isAnswer(last) && !isLate(last); others += 1) {
      try {
        return await read();
      } catch (another) {
        last = another;
      }
    }
    throw last;
  };

const isLate = (error: unknown): boolean => error instanceof Error && /timeout/i.test(error.message);

/** Any failure of a store call as an error of ours. The server's own messages may hold values, so they stay out of it. */
export function asStoreError(error: unknown): ForeknowError {
  if (isForeknowError(error)) return error;
  const state = stateOf(error);
  const [detail, hint] = state === null ? connectionWords(error) : stateWords(state, error);
  return new ForeknowError('store_failed', { detail, hint });
}

function stateOf(error: unknown): string | null {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && typeof severity === 'string' ? code : null;
}

function stateWords(state: string, error: unknown): Words {
  const known = states[state] ?? states[state.slice(0, 3)] ?? states[state.slice(0, 2)];
  if (known !== undefined) return known;
  const { table, column, constraint } = error as { table?: string; column?: string; constraint?: string };
  const where = [table, column, constraint].filter(Boolean).join(', ');
  return [
    `The database refused a statement: SQLSTATE ${state}${where === '' ? '' : ` (${where})`}.`,
    'Look into the log of the database server; it names the statement.',
  ];
}

/** Failures before or beside the server's answers: the network, TLS, the end of the connection. */
function connectionWords(error: unknown): Words {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  const said = `${String(code ?? '')} ${String(message ?? '')}`;
  if (/does not support SSL/i.test(said)) {
    return [
      'The database server does not speak TLS.',
      'Switch TLS on there, or leave sslmode out of the database URL.',
    ];
  }
  if (/CERT|TLS|SSL/.test(said)) {
    return [
      `The certificate of the database server was not accepted (${String(code ?? 'TLS')}).`,
      'Name its authority with sslrootcert, or correct the host in the database URL.',
    ];
  }
  if (/password must be a string/.test(said)) return states['28']!;
  if (isLate(error)) return silent;
  return unreachable;
}
