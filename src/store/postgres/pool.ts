import { readFileSync } from 'node:fs';
import { Pool, type PoolConfig, types } from 'pg';
import { ForeknowError } from '../../errors/errors.ts';

/** Reads and writes have connections of their own, so that the API answers while syncs write. */
const MOST_READERS = 6;
const MOST_WRITERS = 8;
const CONNECT_MS = 30_000;
/** A server that has gone silent is given up after this time: reads are short, some writes go through a whole mirror. */
const SILENCE_MS = { reads: 30_000, writes: 300_000 } as const;

export type Pools = { readonly reads: Pool; readonly writes: Pool; close(): Promise<void> };

/**
 * @param databaseUrl `postgresql://user:password@host:port/database?sslmode=verify-full`
 * @throws ForeknowError `config_invalid` when it is no such URL; the error does not hold it
 */
export function openPools(databaseUrl: string): Pools {
  const config = poolConfig(databaseUrl);
  const reads = openPool({ ...config, max: MOST_READERS, query_timeout: SILENCE_MS.reads });
  const writes = openPool({ ...config, max: MOST_WRITERS, query_timeout: SILENCE_MS.writes });
  return { reads, writes, close: async () => void (await Promise.all([reads.end(), writes.end()])) };
}

function openPool(config: PoolConfig): Pool {
  const pool = new Pool(config);
  // A connection that ends while nobody waits on it, or between two statements: the pool opens another one.
  const ignore = () => undefined;
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return pool;
}

const INT8 = 20;
const NUMERIC = 1700;

export function poolConfig(databaseUrl: string): PoolConfig {
  const url = parsed(databaseUrl);
  const socket = url.searchParams.get('host');
  const database = decodeURIComponent(url.pathname.slice(1));
  return {
    host: socket ?? (url.hostname.replace(/^\[(.+)\]$/, '$1') || 'localhost'),
    port: Number(url.port || '5432'),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: database === '' ? decodeURIComponent(url.username) : database,
    ssl: tlsOf(url),
    application_name: url.searchParams.get('application_name') ?? 'foreknow',
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MS,
    // Counts are far below 2^53.
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        oid === INT8 || oid === NUMERIC ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
    },
  };
}

const known = new Set(['host', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'application_name']);

function parsed(databaseUrl: string): URL {
  const url = URL.parse(databaseUrl);
  if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol) || url.username === '') {
    throw invalid('The database URL is no postgresql:// address with a user.');
  }
  const unknown = [...url.searchParams.keys()].find((name) => !known.has(name));
  if (unknown !== undefined) throw invalid(`The database URL has a parameter that is not known: ${unknown}.`);
  return url;
}

/** As libpq reads `sslmode`: only `verify-ca` and `verify-full` prove who answers. */
function tlsOf({ searchParams }: URL): PoolConfig['ssl'] {
  const mode = searchParams.get('sslmode') ?? 'disable';
  const file = (name: string): string | undefined => {
    const path = searchParams.get(name);
    if (path === null) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch {
      throw invalid(`The file that ${name} of the database URL names cannot be read.`);
    }
  };
  if (mode === 'disable') return false;
  if (!['require', 'verify-ca', 'verify-full'].includes(mode)) {
    throw invalid('sslmode of the database URL must be disable, require, verify-ca or verify-full.');
  }
  const ca = file('sslrootcert');
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(searchParams.has('sslcert') ? { cert: file('sslcert'), key: file('sslkey') } : {}),
    rejectUnauthorized: mode !== 'require' || ca !== undefined,
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
}

const invalid = (detail: string): ForeknowError =>
  new ForeknowError('config_invalid', {
    detail,
    hint: 'Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full, special characters of user and password percent-encoded.',
    field: 'database_url',
  });
