import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type BudgetAsk, usedInDay } from '../../client/transport/budget.ts';
import { aChange, aConnection, aPage, aPass, aRow, aRun, at, aUser } from '../contract/builders.ts';
import { startPostgres } from '../contract/postgres-server.ts';
import { blankDatabase, type TestDatabase, testDatabase, withClient } from '../contract/test-database.ts';
import { migrations } from '../migrations/migration.ts';
import { openStore, type Store, type StoreOptions } from '../store.ts';

const con = 'con_aaaaaaaaaaaaaaaa';
let folder: string;
let database: TestDatabase;
const open: Store[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-postgres-test-'));
  database = await testDatabase();
});
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  await database.remove();
  rmSync(folder, { recursive: true });
});

async function opened(options: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await openStore({ folder, databaseUrl: database.url, ...options });
  open.push(store);
  return store;
}

const failureOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'no failure').catch((error) => error);

describe('the schema', () => {
  test('is made once by processes that start at the same time', async () => {
    const blank = await blankDatabase();
    const stores = await Promise.all([1, 2, 3, 4].map(() => opened({ databaseUrl: blank.url })));
    await stores[0]!.createConnection(aConnection(), []);
    expect(await stores[3]!.listConnections()).toHaveLength(1);
    await withClient(blank.url, async (client) => {
      const { rows } = await client.query('select version from schema_version order by version');
      expect(rows.map(({ version }) => version)).toEqual(migrations.map(({ version }) => version));
    });
    for (const store of open.splice(0)) await store.close();
    await blank.remove();
  });

  test('put back into another database goes on with numbers that no reader of the first one knows', async () => {
    const [store] = [await opened(), await opened()];
    await store.createConnection(aConnection(), []);
    expect(await store.logBounds()).toMatchObject({ head: 1, gaps: [] });
    await opened();
    expect(await store.logBounds()).toMatchObject({ head: 1, gaps: [] });
    await withClient(database.url, (client) =>
      client.query("update store_facts set value = 'another' where name = 'home'"),
    );
    await Promise.all([1, 2, 3, 4].map(() => opened()));
    const { head, gaps } = await store.logBounds();
    expect(gaps).toEqual([{ after: 1, until: head - 1 }]);
    const entries = await store.logEntries({ connectionIds: null, first: 2, last: head, order: 'asc', limit: 9 });
    expect(entries).toMatchObject([{ seq: head, kind: 'connection.store_restored', key: con }]);
  });

  test('of a newer version is refused in words, and so is a database without one by a reader', async () => {
    const blank = await blankDatabase();
    await expect(openStore({ folder, databaseUrl: blank.url, access: 'read' })).rejects.toMatchObject({
      code: 'store_failed',
      detail: expect.stringContaining('schema 0'),
    });
    await openStore({ folder, databaseUrl: blank.url }).then((store) => store.close());
    await withClient(blank.url, (client) =>
      client.query("insert into schema_version (version, name, applied_at) values (9999, 'later', '')"),
    );
    for (const access of ['read', 'write'] as const) {
      await expect(openStore({ folder, databaseUrl: blank.url, access })).rejects.toMatchObject({
        code: 'store_newer',
      });
    }
    await blank.remove();
  });

  test('can be read beside a running process, and only read', async () => {
    const writing = await opened();
    const reading = await opened({ access: 'read' });
    await writing.createConnection(aConnection(), []);
    expect(await reading.listConnections()).toHaveLength(1);
    await expect(reading.saveConnection(aConnection())).rejects.toMatchObject({ code: 'store_failed' });
  });
});

describe('several processes', () => {
  test('a reader of the log never skips an entry that was committed late', async () => {
    const blank = await blankDatabase();
    const writers: Store[] = [];
    for (let index = 0; index < 3; index += 1) writers.push(await opened({ databaseUrl: blank.url }));
    // One of them is slow between taking its numbers and committing.
    await withClient(blank.url, (client) =>
      client.query(`create function stand_still() returns trigger language plpgsql as
          $$ begin perform pg_sleep(0.01); return null; end $$;
        create trigger slow after insert on changes for each row when (new.connection_id = 'con_0')
          execute function stand_still()`),
    );
    const pages = 12;
    await Promise.all(
      writers.map(async (store, index) => {
        const of = { connectionId: `con_${index}`, runId: `run_${index}` };
        await store.startRun(aRun({ id: of.runId, connectionId: of.connectionId }), at(9999));
        await store.beginPass(aPass({ ...of, id: `pas_${index}` }));
      }),
    );
    const [reader] = writers;
    const before = await reader!.lastChangeSeq();
    const write = async (store: Store, index: number) => {
      for (let page = 0; page < pages; page += 1) {
        const changes = Array.from({ length: 1 + ((page * 7 + index) % 5) }, (_, n) =>
          aChange({ key: `${page}-${n}` }),
        );
        const rows = [aRow(aUser(`${page}`))];
        await store.commitPage(
          aPage({ connectionId: `con_${index}`, runId: `run_${index}`, passId: `pas_${index}`, rows, changes }),
        );
      }
    };
    let isWriting = true;
    const writing = Promise.all(writers.map(write)).finally(() => {
      isWriting = false;
    });
    const seen: number[] = [];
    for (let goesOn = true; goesOn; ) {
      goesOn = isWriting;
      const batch = await reader!.changes({ connectionIds: null, after: before + seen.length, limit: 1000 });
      seen.push(...batch.map(({ seq }) => seq));
    }
    await writing;
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => before + index + 1));
    expect(await reader!.lastChangeSeq()).toBe(before + seen.length);
    for (const store of open.splice(0)) await store.close();
    await blank.remove();
  });

  test('share the budget of an account under any concurrency, and never exceed it', async () => {
    const stores = await Promise.all([opened(), opened()]);
    const limits = { perSecond: 3, perMinute: 8, perDay: 20 };
    const ask = (now: number): BudgetAsk => ({ kind: 'interactive', limits, reserveShare: 0, now });
    const start = Date.UTC(2026, 2, 2, 12);
    let account = 0;
    const rounds = fc.array(
      fc.record({
        after: fc.constantFrom(0, 400, 1100, 20_000, 61_000),
        asks: fc.array(fc.boolean(), { maxLength: 6 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(rounds, async (script) => {
        account += 1;
        const budgets = stores.map((store) => store.budget(`eu:${account}`));
        const sent: number[] = [];
        let now = start;
        for (const { after, asks } of script) {
          now += after;
          const time = now;
          const verdicts = await Promise.all(asks.map((second) => budgets[second ? 1 : 0]!.take(ask(time))));
          for (const { admitted } of verdicts) if (admitted) sent.push(time);
        }
        const within = (ms: number, until: number) => sent.filter((time) => time <= until && time > until - ms).length;
        for (const time of sent) {
          expect(within(1000, time)).toBeLessThanOrEqual(limits.perSecond);
          expect(within(60_000, time)).toBeLessThanOrEqual(limits.perMinute);
        }
        expect(sent.length).toBeLessThanOrEqual(limits.perDay);
        for (const budget of budgets) expect(usedInDay(await budget.state(), now)).toBe(sent.length);
      }),
      { numRuns: 15 },
    );
  });

  test('a pause that one of them met holds for all', async () => {
    const [first, second] = await Promise.all([opened(), opened()]);
    await first!.budget('eu:a').pause(60_000);
    await second!.budget('eu:a').pause(1000);
    const limits = { perSecond: Number.POSITIVE_INFINITY, perMinute: 9, perDay: Number.POSITIVE_INFINITY };
    expect(await second!.budget('eu:a').take({ kind: 'interactive', limits, reserveShare: 0, now: 0 })).toMatchObject({
      admitted: false,
      waitMs: 60_000,
    });
  });

  test('one that purges a connection waits for the page that another one writes, and leaves nothing of it', async () => {
    const store = await opened();
    await store.createConnection(aConnection(), []);
    await store.startRun(aRun(), at(9999));
    await store.beginPass(aPass());
    await withClient(database.url, async (client) => {
      await client.query(`begin; select 1 from run_locks for update;
        insert into pass_pages (pass_id, page, keys) values ('pas_1', 1, '["1"]')`);
      const purged = store.deleteConnection(con, { purge: true, at: at(9) });
      await withClient(database.url, (other) =>
        vi.waitFor(async () => {
          const { rowCount } = await other.query(
            "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
          );
          expect(rowCount).toBe(1);
        }, 20_000),
      );
      await client.query('commit');
      await purged;
      expect((await client.query('select from pass_pages')).rowCount).toBe(0);
    });
  });

  test('see by the revision that another one has written', async () => {
    const [first, second] = await Promise.all([opened(), opened()]);
    const before = await first!.directory.revision();
    await second!.createConnection(aConnection(), []);
    expect(await first!.directory.revision()).not.toBe(before);
  });

  test('two that make a connection of one name: one is told', async () => {
    const [first, second] = await Promise.all([opened(), opened()]);
    const results = await Promise.allSettled([
      first!.createConnection(aConnection(), []),
      second!.createConnection(aConnection({ id: 'con_b' }), []),
    ]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = results.find((result) => result.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'conflict' });
    expect(await first!.listConnections()).toHaveLength(1);
  });
});

describe('a connection that is lost', () => {
  test('fails what was under way in words, keeps what was confirmed, and the next call finds the database again', async () => {
    const store = await opened();
    await store.startRun(aRun(), at(9999));
    await store.beginPass(aPass());
    let confirmed = 0;
    let failed = 0;
    let goesOn = true;
    const cutting = withClient(database.url, async (client) => {
      while (goesOn) {
        await client.query(
          'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
        );
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    for (let page = 0; page < 400 && (failed < 5 || confirmed < 5); page += 1) {
      const changes = [aChange({ key: String(page) })];
      const rows = [aRow(aUser(String(page)))];
      const error = await failureOf(store.commitPage(aPage({ rows, changes })));
      if (error === 'no failure') confirmed += 1;
      else {
        failed += 1;
        expect(error).toMatchObject({ code: 'store_failed', detail: 'The database cannot be reached.' });
      }
      if (failed >= 5) goesOn = false;
    }
    goesOn = false;
    await cutting;
    expect(failed).toBeGreaterThanOrEqual(5);
    expect(confirmed).toBeGreaterThanOrEqual(5);
    const pass = await store.openPass(con, 'users', 'all');
    const rows = await store.liveRows(con, 'users', null, 1000);
    const changes = await store.changes({ connectionIds: [con], after: 0, limit: 1000 });
    // A page whose answer was lost may be there, as a whole.
    expect(rows.length).toBeGreaterThanOrEqual(confirmed);
    expect([pass!.pages, changes.filter(({ runId }) => runId === 'run_1').length]).toEqual([rows.length, rows.length]);
  });

  test('while nothing was under way is not noticed by anybody', async () => {
    const store = await opened();
    await store.createConnection(aConnection(), []);
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([store.listConnections(), store.directory.revision(), store.listTokens(), store.listSecrets()]);
      await withClient(database.url, (client) =>
        client.query(
          'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
        ),
      );
      const calls = [store.saveConnection(aConnection({ tenant: String(round) })), store.directory.revision()];
      await Promise.all([...calls, store.listConnections(), store.listTokens()]);
    }
    expect(await store.listConnections()).toMatchObject([{ tenant: '4' }]);
  });

  test('in the middle of as many reads as there are connections, all of them are answered soon', async () => {
    const store = await opened();
    const reads = Array.from({ length: 8 }, () => sql`select pg_sleep(1)`.execute(store.reads));
    const began = performance.now();
    const sleepers =
      "from pg_stat_activity where query like '%pg_sleep(1)%' and state = 'active' and pid <> pg_backend_pid()";
    await withClient(database.url, async (client) => {
      await vi.waitFor(async () => expect((await client.query(`select ${sleepers}`)).rowCount).toBe(6), {
        timeout: 10_000,
        interval: 10,
      });
      await client.query(`select pg_terminate_backend(pid) ${sleepers}`);
    });
    await Promise.all(reads);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test('with its server: calls fail soon and say what to do; when it is back everything goes on', async () => {
    const server = await startPostgres();
    let again: Awaited<ReturnType<typeof startPostgres>> | null = null;
    try {
      const store = await openStore({ folder, databaseUrl: server.url('postgres') });
      await store.createConnection(aConnection(), []);
      await server.stop();
      const calls = [store.listConnections(), store.saveConnection(aConnection()), store.directory.revision()];
      for (const error of await Promise.all(calls.map(failureOf))) {
        expect(error).toMatchObject({ code: 'store_failed', hint: expect.stringContaining('Postgres') });
      }
      again = await startPostgres({ folder: server.folder, port: Number(new URL(server.url('postgres')).port) });
      expect(await store.listConnections()).toHaveLength(1);
      await store.saveConnection(aConnection({ tenant: 'after' }));
      await store.close();
    } finally {
      await (again ?? server).stop();
      rmSync(server.folder, { recursive: true });
    }
  });
});

describe('a database URL that does not work', () => {
  const secret = 'not-the-pass-word';

  test.each([
    ['with a wrong password', { password: secret }, 'refused the user or the password'],
    ['with no password', { password: '' }, 'refused the user or the password'],
    ['of a database that is not there', { pathname: '/nowhere' }, 'is not there'],
    ['where nobody listens', { port: '1', password: secret }, 'cannot be reached'],
    ['that asks for TLS of a server without', { search: '?sslmode=require' }, 'does not speak TLS'],
  ])('%s is told in words, without the password', async (_name, parts, words) => {
    const databaseUrl = Object.assign(new URL(database.url), parts).href;
    const error = await failureOf(openStore({ folder, databaseUrl }));
    expect(error).toMatchObject({ code: 'store_failed', detail: expect.stringContaining(words) });
    const { password } = new URL(databaseUrl);
    if (password !== '') expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(password);
  });
});

describe('a server that speaks TLS', () => {
  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
  if (!hasOpenssl) console.log('skipped: Postgres over TLS (no openssl to make a certificate with)');

  test.runIf(hasOpenssl)('is believed as far as sslmode says', async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
    spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject]);
    const tls = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
    const server = await startPostgres({ tls });
    try {
      const under = (host: string, query: string) => {
        const url = new URL(server.url('postgres'));
        return Object.assign(url, { hostname: host, search: query }).href;
      };
      const outcome = (databaseUrl: string) =>
        openStore({ folder, databaseUrl }).then(
          async (store) => {
            await store.close();
            return 'open';
          },
          (error: unknown) => error,
        );
      const root = `&sslrootcert=${encodeURIComponent(cert)}`;
      expect(await outcome(under('127.0.0.1', 'sslmode=require'))).toBe('open');
      expect(await outcome(under('localhost', `sslmode=verify-full${root}`))).toBe('open');
      expect(await outcome(under('127.0.0.1', `sslmode=verify-ca${root}`))).toBe('open');
      const refused = { code: 'store_failed', detail: expect.stringContaining('certificate') };
      expect(await outcome(under('127.0.0.1', `sslmode=verify-full${root}`))).toMatchObject(refused);
      expect(await outcome(under('localhost', 'sslmode=verify-full'))).toMatchObject(refused);
    } finally {
      await server.stop();
      rmSync(server.folder, { recursive: true });
    }
  });
});
