import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createReportingClient, type ReportingClientOptions } from './client.ts';
import type { ListOptions, ListPage, ListRead } from './read-list.ts';
import type { Fetch } from './transport/types.ts';

type Row = { id: number };
type Mode = 'page' | 'page+cursor' | 'cursor_only' | 'page_refused' | 'cursor_refused' | 'neither';
const modes: readonly Mode[] = ['page', 'page+cursor', 'cursor_only', 'page_refused', 'cursor_refused'];

/** What happens at the nth request, counted from 1. */
type Event =
  | { readonly at: number; readonly kind: 'insert_first' | 'delete_first' | 'duplicate_row' | 'bad_row' }
  | { readonly at: number; readonly kind: 'cut' | 'damaged' | 'error' | 'error_as_200' | 'html' | 'repeat_page' };

/**
 * A list service in a few lines: pages by offset or a keyset cursor over rows in id order.
 * `page`: ignores cursors. `cursor_only`: ignores pages. `…_refused`: answers 400. `neither`: always the first page.
 */
function service(options: {
  rows: number;
  mode: Mode;
  /** The largest page, or what it is at the nth request (and from the last one on). */
  maxPerPage?: number | readonly number[];
  carrier?: 'header' | 'link';
  events?: readonly Event[];
}) {
  const rows: Row[] = Array.from({ length: options.rows }, (_, index) => ({ id: 1000 + index }));
  const queries: URLSearchParams[] = [];
  let before = 999;
  let lastBody: string | null = null;

  const select = (query: URLSearchParams): { rows: Row[]; next: number | null } | null => {
    const { maxPerPage = 500 } = options;
    const cap = typeof maxPerPage === 'number' ? maxPerPage : (maxPerPage[queries.length - 1] ?? maxPerPage.at(-1)!);
    const size = Math.min(Number(query.get('per_page')), cap);
    const page = query.get('page');
    const cursor = query.get('cursor');
    if (options.mode === 'page_refused' && page !== null) return null;
    if (options.mode === 'cursor_refused' && cursor !== null) return null;
    if (options.mode === 'neither') return { rows: rows.slice(0, size), next: null };
    const speaksCursors =
      options.mode === 'page+cursor' || options.mode === 'cursor_only' || options.mode === 'page_refused';
    if (speaksCursors && cursor !== null) {
      const rest = cursor === 'true' ? rows : rows.filter((row) => row.id > Number(cursor));
      return { rows: rest.slice(0, size), next: rest.length > size ? rest[size - 1]!.id : null };
    }
    const number = options.mode === 'cursor_only' ? 1 : Number(page ?? 1);
    return { rows: rows.slice((number - 1) * size, number * size), next: null };
  };

  const fetch: Fetch = async (url) => {
    const query = new URL(url).searchParams;
    queries.push(query);
    const now = (options.events ?? []).filter((event) => event.at === queries.length).map((event) => event.kind);
    if (now.includes('insert_first')) rows.unshift({ id: before-- });
    if (now.includes('delete_first')) rows.shift();
    if (now.includes('cut')) throw new TypeError('fetch failed');
    if (now.includes('error')) return new Response('', { status: 502 });
    if (now.includes('error_as_200')) return new Response('{"message":"Invalid Token"}');
    if (now.includes('html')) return new Response('<html>maintenance</html>');
    const selected = select(query);
    if (selected === null) return new Response('{"error":"unknown parameter"}', { status: 400 });
    const body: unknown[] = [...selected.rows];
    if (now.includes('duplicate_row') && body.length > 1) body[body.length - 1] = body[0];
    if (now.includes('bad_row') && body.length > 0) body[0] = { name: 'no id' };
    const text = (now.includes('repeat_page') && lastBody) || JSON.stringify(body);
    lastBody = text;
    const next = selected.next === null ? {} : carried(selected.next, options.carrier ?? 'header');
    return new Response(now.includes('damaged') ? text.slice(0, -2) : text, { headers: next });
  };
  return { fetch, queries, rows };
}

const carried = (cursor: number, carrier: 'header' | 'link'): Record<string, string> =>
  carrier === 'header'
    ? { 'X-Next-Cursor': String(cursor) }
    : { Link: `<https://us.api.knowbe4.com/v1/groups?per_page=9&cursor=${cursor}>; rel="next"` };

const clientOf = (fetch: Fetch, more: Partial<ReportingClientOptions> = {}) =>
  createReportingClient({ region: 'us', token: 'token', fetch, limits: 'none', sleep: async () => {}, ...more });

async function drain<R>(read: ListRead<R>): Promise<{ pages: ListPage<R>[]; error: unknown }> {
  const pages: ListPage<R>[] = [];
  try {
    for await (const page of read.pages()) pages.push(page);
    return { pages, error: null };
  } catch (error) {
    return { pages, error };
  }
}

const idsOf = (pages: readonly ListPage<{ id: string }>[]): number[] =>
  pages.flatMap((page) => page.rows.map((row) => Number(row.record.id)));

/** Reads all groups of a service and gives everything there is to look at. */
async function readAll(
  options: Parameters<typeof service>[0],
  list: ListOptions = {},
  client: Partial<ReportingClientOptions> = {},
) {
  const server = service(options);
  const read = clientOf(server.fetch, client).groups.list({}, list);
  const { pages, error } = await drain(read);
  return { ...server, pages, error, ids: idsOf(pages), proof: read.proof(), requests: server.queries.length };
}

const range = (count: number) => Array.from({ length: count }, (_, index) => 1000 + index);

describe('a list that stands still', () => {
  test('is read whole and proven complete, whatever the service speaks and wherever the pages end', async () => {
    const sizes = fc.record({
      rows: fc.oneof(fc.nat(45), fc.constantFrom(10, 20, 40, 50, 100)),
      perPage: fc.oneof(fc.integer({ min: 2, max: 25 }), fc.constant(500)),
      maxPerPage: fc.oneof(fc.integer({ min: 2, max: 50 }), fc.constant(500)),
      mode: fc.constantFrom(...modes),
      carrier: fc.constantFrom('header' as const, 'link' as const),
      prefetch: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ perPage, prefetch, ...server }) => {
        const { ids, proof, error, requests } = await readAll(server, { perPage, prefetch });
        expect(error).toBeNull();
        expect(ids).toEqual(range(server.rows));
        expect(proof).toMatchObject({ complete: true, rows: server.rows, duplicates: 0, badRows: 0, requests });
        // Never more than a refused first try, one probe and one check above the fewest.
        const size = Math.min(perPage, server.maxPerPage);
        expect(requests).toBeLessThanOrEqual(Math.max(1, Math.ceil(server.rows / size)) + 3);
      }),
      { numRuns: 400 },
    );
  });

  test('is read whole whatever limit the service has on its pages and however that changes meanwhile, or proves nothing', async () => {
    let cut = 0;
    const caps = fc.array(fc.integer({ min: 2, max: 60 }), { minLength: 1, maxLength: 6 });
    const read = fc.record({
      rows: fc.integer({ min: 1, max: 120 }),
      maxPerPage: caps,
      mode: fc.constantFrom(...modes),
    });
    await fc.assert(
      fc.asyncProperty(read, fc.constantFrom(20, 37, 500), async (server, perPage) => {
        const { ids, proof } = await readAll(server, { perPage });
        if (proof.complete) expect(ids).toEqual(range(server.rows));
        if (proof.complete && proof.pages > 2 && proof.mode === 'page' && perPage === 500) cut += 1;
      }),
      { numRuns: 600 },
    );
    // So that the law above is not kept by proving nothing: there are reads with cut pages that prove themselves.
    expect(cut).toBeGreaterThan(0);
  });

  test('whatever its limit becomes from one read to the next, no row that was known is missing from a complete read', async () => {
    const reads = fc.array(fc.record({ cap: fc.integer({ min: 2, max: 90 }), joined: fc.nat(12) }), { minLength: 2 });
    await fc.assert(
      fc.asyncProperty(reads, fc.boolean(), fc.constantFrom('page', 'page+cursor'), async (steps, makeSure, mode) => {
        let fetch: Fetch = async () => new Response('[]');
        const client = clientOf((url, init) => fetch(url, init));
        let rows = 30;
        let known = 0;
        for (const { cap, joined } of steps) {
          rows += joined;
          fetch = service({ rows, mode, maxPerPage: cap }).fetch;
          const read = client.groups.list({}, { expectedRows: known, makeSure });
          const ids = idsOf((await drain(read)).pages);
          expect(read.proof().complete).toBe(true);
          expect(ids.slice(0, known)).toEqual(range(known));
          known = ids.length;
        }
      }),
      { numRuns: 100 },
    );
  });

  test('that is short costs no more once a longer one has come, unless it was longer itself or the end is made sure of', async () => {
    const { fetch, queries } = service({ rows: 40, mode: 'page' });
    const short = service({ rows: 13, mode: 'page' });
    const client = clientOf((url, init) => (url.includes('/users') ? fetch : short.fetch)(url, init));
    const costs: number[] = [];
    const cost = async (read: ListRead<unknown>) => {
      await drain(read);
      expect(read.proof().complete).toBe(true);
      costs.push(read.proof().requests);
    };
    await cost(client.groups.list());
    await cost(client.users.list());
    await cost(client.groups.list());
    await cost(client.groups.list({}, { expectedRows: 13 }));
    await cost(client.groups.list({}, { expectedRows: 14 }));
    await cost(client.groups.list({}, { makeSure: true }));
    expect(costs).toEqual([2, 2, 1, 1, 3, 2]);
    expect(queries.map((query) => [query.get('page'), query.get('per_page')])).toEqual([
      [null, '500'],
      ['2', '40'],
    ]);
  });

  test('an empty answer before the rows that are known is asked for again; if it was wrong, the read proves nothing', async () => {
    for (const isWrong of [true, false]) {
      const { fetch } = service({ rows: isWrong ? 12 : 10, mode: 'page' });
      let calls = 0;
      const flapping: Fetch = async (url, init) => {
        calls += 1;
        return calls === 3 && isWrong ? new Response('[]') : fetch(url, init);
      };
      const read = clientOf(flapping).groups.list({}, { perPage: 5, expectedRows: 12 });
      const { pages } = await drain(read);
      expect(idsOf(pages)).toEqual(range(isWrong ? 12 : 10));
      expect(read.proof()).toMatchObject(
        isWrong ? { complete: false, why: 'contradiction' } : { complete: true, why: 'empty_page' },
      );
      expect(calls).toBe(4);
    }
  });

  test('costs the fewest requests when its last page is not full', async () => {
    for (const mode of ['page', 'page+cursor', 'cursor_only', 'page_refused'] as const) {
      expect(await readAll({ rows: 1204, mode })).toMatchObject({ requests: 3, proof: { complete: true, pages: 3 } });
    }
  });

  test('always asks for a page size, and for at most 500', async () => {
    for (const perPage of [undefined, 500, 501, 10_000]) {
      const { queries } = await readAll({ rows: 3, mode: 'page' }, perPage === undefined ? {} : { perPage });
      expect(queries[0]!.get('per_page')).toBe('500');
    }
    await expect(readAll({ rows: 3, mode: 'page' }, { perPage: 0 })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('says how its end was recognised', async () => {
    const whyOf = async (rows: number, mode: Mode, more: Partial<ReportingClientOptions> = {}) =>
      (await readAll({ rows, mode }, { perPage: 5 }, more)).proof;
    expect(await whyOf(0, 'page')).toMatchObject({ why: 'empty_page', complete: true, rows: 0 });
    expect(await whyOf(7, 'page')).toMatchObject({ why: 'short_page', mode: 'page', pages: 2 });
    expect(await whyOf(7, 'cursor_only')).toMatchObject({ why: 'cursor_ended', mode: 'cursor' });
    expect(await whyOf(5, 'page')).toMatchObject({ why: 'probe_empty', requests: 2 });
    expect(await whyOf(5, 'page', { pagination: 'page' })).toMatchObject({ why: 'empty_page', requests: 2 });
    expect(await whyOf(10, 'page+cursor')).toMatchObject({ why: 'probe_empty', requests: 3 });
    // One full page, `page` ignored: the probe repeats it, and one row by cursor shows that cursors are spoken.
    expect(await whyOf(5, 'cursor_only')).toMatchObject({ why: 'probe_empty', requests: 3 });
    expect(await whyOf(5, 'page_refused')).toMatchObject({ why: 'probe_empty', requests: 3 });
  });

  test('is asked for by page at once after a list of the same client was refused its cursor', async () => {
    const { fetch, queries } = service({ rows: 7, mode: 'cursor_refused' });
    const client = clientOf(fetch);
    await drain(client.groups.list());
    await drain(client.users.list());
    expect(queries.map((query) => query.get('cursor') ?? query.get('page'))).toEqual(['true', '1', '2', '1', '2']);
  });

  test('falls back from pages to cursors when pages are retired while the client lives', async () => {
    const old = service({ rows: 7, mode: 'cursor_refused' });
    const next = service({ rows: 7, mode: 'page_refused' });
    let fetch = old.fetch;
    const client = clientOf((url, init) => fetch(url, init));
    await drain(client.groups.list());
    fetch = next.fetch;
    const read = client.groups.list();
    expect(idsOf((await drain(read)).pages)).toEqual(range(7));
    expect(read.proof().complete).toBe(true);
  });
});

describe('a service that cannot be walked', () => {
  test('ignores pages and gives no cursor: an error, and no proof', async () => {
    for (const pagination of ['auto', 'page', 'cursor'] as const) {
      const { error, proof, ids } = await readAll({ rows: 30, mode: 'neither' }, { perPage: 7 }, { pagination });
      expect(error).toMatchObject({ code: 'incomplete_read' });
      expect(proof).toMatchObject({ complete: false, why: 'page_repeated' });
      expect(ids).toEqual(range(7));
    }
  });

  test('leads the cursor in a circle: an error, and no proof', async () => {
    for (const circle of [['a', 'a'], ['a', 'b', 'a'], ['true']]) {
      let calls = 0;
      const fetch: Fetch = async () => {
        const rows = [{ id: calls * 2 }, { id: calls * 2 + 1 }];
        const cursor = circle[Math.min(calls, circle.length - 1)]!;
        calls += 1;
        return new Response(JSON.stringify(rows), { headers: { 'x-next-cursor': cursor } });
      };
      const read = clientOf(fetch).groups.list();
      expect((await drain(read)).error).toMatchObject({ code: 'incomplete_read' });
      expect(read.proof()).toMatchObject({ complete: false, why: 'cursor_stuck' });
      expect(calls).toBe(circle.length);
    }
  });

  test('gives cursors behind empty pages for ever: the list has ended', async () => {
    const fetch: Fetch = async (url) => {
      const cursor = new URL(url).searchParams.get('cursor');
      const rows = cursor === 'true' ? [{ id: 1 }] : [];
      return new Response(JSON.stringify(rows), { headers: { 'x-next-cursor': `after-${cursor}` } });
    };
    const read = clientOf(fetch).groups.list();
    await drain(read);
    expect(read.proof()).toMatchObject({ complete: true, why: 'empty_page', rows: 1, requests: 3 });
  });

  test('gives the same unreadable page for ever: an error, not an endless read', async () => {
    let calls = 0;
    const fetch: Fetch = async () => {
      calls += 1;
      return new Response('[{"name": "x"}, {"name": "y"}]');
    };
    const read = clientOf(fetch, { pagination: 'page' }).groups.list({}, { perPage: 2 });
    expect((await drain(read)).error).toMatchObject({ code: 'incomplete_read' });
    expect(read.proof()).toMatchObject({ complete: false, why: 'page_repeated', badRows: 2 });
    expect(calls).toBe(2);
  });

  test('gives its page again with a row that cannot be read: that may be another row, so nothing is proven', async () => {
    const fetch: Fetch = async (url) =>
      new Response(
        /[?&]page=1\b/.test(String(url)) ? '[{"id": 1}, {"id": 2}, {"id": 3}]' : '[{"id": 1}, {"nr": 2}, {"id": 3}]',
        {
          headers: { 'x-next-cursor': '' },
        },
      );
    const read = clientOf(fetch, { pagination: 'page' }).groups.list({}, { perPage: 3 });
    await drain(read);
    expect(read.proof()).toMatchObject({ complete: false, rows: 3, badRows: 1 });
  });

  test('answers a list with one object: a list of one', async () => {
    const read = clientOf(async () => new Response('{"id": 7, "name": "Finance"}')).groups.list();
    expect(idsOf((await drain(read)).pages)).toEqual([7]);
    expect(read.proof()).toMatchObject({ complete: true, why: 'single_answer', mode: 'single' });
  });

  test('answers a list with something else: an error', async () => {
    for (const body of ['"text"', '7', 'null', 'true']) {
      const read = clientOf(async () => new Response(body)).groups.list();
      expect((await drain(read)).error).toMatchObject({ code: 'remote_invalid' });
      expect(read.proof()).toMatchObject({ complete: false, why: 'error' });
    }
  });
});

describe('a list that moves or breaks', () => {
  const kinds = [
    'insert_first',
    'duplicate_row',
    'bad_row',
    'cut',
    'damaged',
    'error',
    'error_as_200',
    'html',
    'repeat_page',
  ] as const;
  const scripts = fc.record({
    rows: fc.integer({ min: 1, max: 60 }),
    perPage: fc.integer({ min: 2, max: 12 }),
    mode: fc.constantFrom(...modes),
    tries: fc.constantFrom(1, 3),
    prefetch: fc.nat(2),
    events: fc.array(
      fc.record({ at: fc.integer({ min: 1, max: 12 }), kind: fc.constantFrom(...kinds, 'delete_first' as const) }),
      { maxLength: 5 },
    ),
  });

  /**
   * The one thing no reader of offset pages can see: a row deleted before the place it has reached moves a later row onto
   * a page that was read already. That is why absence counts only after two complete reads.
   */
  const isBlindSpot = (mode: Mode, events: readonly Event[]) =>
    events.some((event) => event.kind === 'delete_first') && mode !== 'cursor_only' && mode !== 'page_refused';

  test('never proves complete while a row is missing that was there all the time', async () => {
    let complete = 0;
    let incomplete = 0;
    await fc.assert(
      fc.asyncProperty(scripts, async ({ perPage, prefetch, tries, ...options }) => {
        fc.pre(!isBlindSpot(options.mode, options.events));
        const { ids, proof, rows, error } = await readAll(options, { perPage, prefetch }, { retry: { tries } });
        const always = rows.map((row) => row.id).filter((id) => id >= 1000);
        if (proof.complete) {
          complete += 1;
          const got = new Set(ids);
          expect(always.filter((id) => !got.has(id))).toEqual([]);
        } else {
          incomplete += 1;
        }
        expect(new Set(ids).size).toBe(ids.length);
        expect(error === null || !proof.complete).toBe(true);
      }),
      { numRuns: 2000 },
    );
    // The law would hold for a client that proves nothing.
    expect(complete).toBeGreaterThan(200);
    expect(incomplete).toBeGreaterThan(200);
  });

  test('a row inserted between two pages comes twice in page mode, and spoils the proof', async () => {
    const events = [{ at: 2, kind: 'insert_first' }] as const;
    const { ids, proof, pages } = await readAll({ rows: 12, mode: 'page', events }, { perPage: 5 });
    expect(ids).toEqual(range(12));
    expect(proof).toMatchObject({ complete: false, why: 'duplicate_rows', duplicates: 1, rows: 12 });
    expect(pages.map((page) => page.duplicates)).toEqual([0, 1, 0]);
    expect((await readAll({ rows: 12, mode: 'cursor_only', events }, { perPage: 5 })).proof.complete).toBe(true);
  });

  test('one bad row is reported and fails neither the page nor the list', async () => {
    const events = [{ at: 2, kind: 'bad_row' }] as const;
    const { ids, proof, pages, error } = await readAll({ rows: 12, mode: 'cursor_only', events }, { perPage: 5 });
    expect(error).toBeNull();
    expect(ids).toHaveLength(11);
    expect(pages[1]!.bad).toEqual([{ bad: 'no_id', raw: { name: 'no id' } }]);
    expect(proof).toMatchObject({ complete: false, why: 'bad_rows', badRows: 1, rows: 11 });
  });

  test('an error on a later page leaves the pages before, and says so in the proof', async () => {
    const events = [{ at: 3, kind: 'error' }] as const;
    const { ids, proof, error } = await readAll(
      { rows: 40, mode: 'page', events },
      { perPage: 5 },
      { retry: { tries: 1 } },
    );
    expect(error).toMatchObject({ code: 'remote_unavailable' });
    expect(ids).toEqual(range(10));
    expect(proof).toMatchObject({ complete: false, why: 'error', pages: 2, requests: 3, rows: 10 });
  });

  test('an error that passes is mended by another try and costs one request', async () => {
    const events = [{ at: 3, kind: 'damaged' }] as const;
    const { proof } = await readAll({ rows: 12, mode: 'page', events }, { perPage: 5 });
    expect(proof).toMatchObject({ complete: true, requests: 4, pages: 3 });
  });
});

describe('stopping and resuming', () => {
  test('a read resumed at any page gives the rest, and never proves completeness', async () => {
    for (const mode of modes) {
      const { pages } = await readAll({ rows: 23, mode }, { perPage: 5, prefetch: 0 });
      for (const page of pages) {
        if (page.next === null) continue;
        const stored = JSON.parse(JSON.stringify(page.next)) as NonNullable<typeof page.next>;
        const rest = await readAll({ rows: 23, mode }, { perPage: 5, startAt: stored });
        expect(rest.ids).toEqual(range(23).slice(page.page * 5));
        expect(rest.proof).toMatchObject({ complete: false, why: 'resumed', fromFirstPage: false });
      }
    }
  });

  test('a break ends the read: nothing more is asked for, and the proof is not complete', async () => {
    for (const prefetch of [0, 2]) {
      const { fetch, queries } = service({ rows: 100, mode: 'page' });
      const read = clientOf(fetch).groups.list({}, { perPage: 5, prefetch });
      for await (const group of read) if (group.id === '1007') break;
      expect(read.proof()).toMatchObject({ complete: false, why: 'not_finished' });
      const asked = queries.length;
      expect(asked).toBeLessThanOrEqual(2 + prefetch);
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(queries).toHaveLength(asked);
    }
  });

  test('a break on the last page is no completeness, even when the end was fetched ahead', async () => {
    const { fetch } = service({ rows: 12, mode: 'page' });
    const read = clientOf(fetch).groups.list({}, { perPage: 5, prefetch: 5 });
    for await (const page of read.pages()) if (page.page === 3) break;
    expect(read.proof()).toMatchObject({ complete: false, why: 'not_finished' });
  });

  test('an abort between two pages ends the read with an error', async () => {
    const { fetch } = service({ rows: 100, mode: 'cursor_only' });
    const control = new AbortController();
    const read = clientOf(fetch).groups.list({}, { perPage: 5, prefetch: 0, signal: control.signal });
    const readOn = async () => {
      for await (const page of read.pages()) if (page.page === 2) control.abort();
    };
    await expect(readOn()).rejects.toMatchObject({ code: 'aborted' });
    expect(read.proof()).toMatchObject({ complete: false, why: 'aborted', rows: 10 });
  });

  test('a page cap ends the read quietly and without proof', async () => {
    const { ids, proof, error } = await readAll({ rows: 100, mode: 'page' }, { perPage: 5, maxPages: 3 });
    expect(error).toBeNull();
    expect(ids).toHaveLength(15);
    expect(proof).toMatchObject({ complete: false, why: 'page_cap', requests: 3 });
  });

  test('a page cap that the list does not reach changes nothing', async () => {
    expect((await readAll({ rows: 12, mode: 'page' }, { perPage: 5, maxPages: 3 })).proof.complete).toBe(true);
  });

  test('a stored cursor that is no longer accepted says to begin again', async () => {
    const fetch: Fetch = async () => new Response('', { status: 400 });
    const read = clientOf(fetch).groups.list({}, { startAt: { mode: 'cursor', cursor: 'old' } });
    expect((await drain(read)).error).toMatchObject({
      code: 'incomplete_read',
      hint: expect.stringContaining('first page'),
    });
    expect(read.proof()).toMatchObject({ complete: false, why: 'error', requests: 1 });
  });

  test('a read runs once', async () => {
    const read = clientOf(service({ rows: 3, mode: 'page' }).fetch).groups.list();
    await drain(read);
    expect((await drain(read)).error).toMatchObject({ code: 'invalid_request' });
    expect(read.proof().complete).toBe(true);
  });

  test('before it runs a read proves nothing and has sent nothing', async () => {
    const { fetch, queries } = service({ rows: 3, mode: 'page' });
    const read = clientOf(fetch).groups.list();
    expect(read.proof()).toMatchObject({ complete: false, why: 'not_finished', requests: 0 });
    expect(queries).toHaveLength(0);
  });

  test('the next page is asked for before this one is parsed, when the answer names its cursor', async () => {
    const { fetch, queries } = service({ rows: 98, mode: 'cursor_only' });
    const parseJson = JSON.parse;
    const askedWhenParsed: number[] = [];
    const parse = vi.spyOn(JSON, 'parse').mockImplementation((text) => {
      askedWhenParsed.push(queries.length);
      return parseJson(text);
    });
    await drain(clientOf(fetch).groups.list({}, { perPage: 5 }));
    parse.mockRestore();
    expect(askedWhenParsed).toEqual(askedWhenParsed.map((_, index) => Math.min(20, index + 2)));
    expect(askedWhenParsed).toHaveLength(20);
  });

  test('a page ahead that is refused slows the account down while the caller still works on the page before', async () => {
    const { fetch, queries } = service({ rows: 98, mode: 'cursor_only' });
    const refusing: Fetch = async (url, init) => {
      const answer = await fetch(url, init);
      return queries.length === 2 ? new Response('', { status: 429, headers: { 'Retry-After': '60' } }) : answer;
    };
    const sleep = (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    const client = clientOf(refusing, { sleep, now: () => 0 });
    for await (const page of client.groups.list({}, { perPage: 5 }).pages()) {
      expect(page.page).toBe(1);
      await vi.waitFor(async () => expect((await client.limiter.usage()).pausedUntil).toBe(60_000));
      break;
    }
  });

  test('pages are fetched ahead as far as was asked for, and no further', async () => {
    for (const prefetch of [0, 1, 2, 4]) {
      const { fetch, queries } = service({ rows: 98, mode: 'cursor_only' });
      const read = clientOf(fetch).groups.list({}, { perPage: 5, prefetch });
      for await (const page of read.pages()) {
        const fetched = Math.min(20, page.page + prefetch);
        await vi.waitFor(() => expect(queries.length).toBe(fetched), { interval: 1 });
        // One that goes further would have asked within a turn.
        await new Promise((resolve) => setTimeout(resolve));
        expect(queries.length).toBe(fetched);
      }
    }
  });
});

test('fields that change their type are counted for the whole list', async () => {
  const rows = [
    { id: 1, member_count: '7' },
    { id: 2, member_count: 8 },
    { id: 3, member_count: 'many' },
  ];
  const read = clientOf(async () => new Response(JSON.stringify(rows))).groups.list({}, { perPage: 3, maxPages: 1 });
  const { pages } = await drain(read);
  expect(pages[0]!.rows.map((row) => row.record.memberCount)).toEqual([7, 8, null]);
  expect(read.coercions()).toEqual({ member_count: 2 });
});
