import { describe, expect, test } from 'vitest';
import type { Emulator, UserEvent } from '../index.ts';
import { anEmulator, ask } from '../lab.contract.ts';

const DAY = 86_400_000;
const read = async (emulator: Emulator, path: string) => (await ask(emulator, 'events', path)).body;
const post = (emulator: Emulator, body: unknown) => ask(emulator, 'events', '/events', { method: 'POST', body });
const ids = (body: { data: UserEvent[] }) => body.data.map(({ id }) => id);

describe('the world’s own events', () => {
  test('are the truth, the newest first, in the form of the wire', async () => {
    const emulator = await anEmulator({ people: 600 });
    const truth = emulator.truth();
    const { data, meta } = await read(emulator, '/events?per_page=100');
    expect(data.length).toBeGreaterThan(40);
    expect(data).toEqual(truth.user_events);
    expect(data.map((event: UserEvent) => event.occurred_date)).toEqual(
      truth.user_events
        .map((event) => event.occurred_date)
        .sort()
        .reverse(),
    );
    expect(meta.count).toBe(data.length);
    expect(Object.keys(data[0])).toEqual([
      ...['id', 'account_id', 'user', 'external_id', 'source', 'description'],
      ...['occurred_date', 'risk', 'metadata', 'event_type'],
    ]);
    expect(new Set(ids({ data })).size).toBe(data.length);
    const users = new Map(truth.users.map((user) => [user.id, user]));
    for (const { user, occurred_date } of data as UserEvent[]) {
      const { email, status, joined_on, archived_at } = users.get(user.id)!;
      expect(user).toEqual({ id: user.id, email, archived: status === 'archived' });
      expect(occurred_date > joined_on && occurred_date < (archived_at ?? '9')).toBe(true);
    }
  });

  test('come as time goes on, the same however it is divided and whenever they are asked for', async () => {
    const watched = await anEmulator({ people: 600 });
    const left = await anEmulator({ people: 600 });
    const before = await read(watched, '/events?per_page=100');
    for (let hour = 0; hour < 14 * 24; hour += 7) {
      watched.advance(7 * 3_600_000);
      await read(watched, '/events');
    }
    left.advance(14 * DAY);
    const after = await read(left, '/events?per_page=100');
    expect(await read(watched, '/events?per_page=100')).toEqual(after);
    expect(after.meta.count).toBeGreaterThan(before.meta.count + 5);
    expect(watched.now()).toBe(left.now());
    expect(ids(after)).toEqual(expect.arrayContaining(ids(before)));
    const latest = Date.parse(after.data[0].occurred_date);
    expect(left.now() - latest).toBeLessThan(5 * DAY);
    expect(latest).toBeLessThanOrEqual(left.now());
  });

  test('follow from the seed and leave the rest of the world as it is', async () => {
    const one = await anEmulator({ people: 200 });
    const other = await anEmulator({ people: 200, seed: 8 });
    expect(one.truth().user_events).not.toEqual(other.truth().user_events);
    const untouched = await anEmulator({ people: 200 });
    await post(one, { target_user: one.truth().users[0]!.email, event_type: 'x', risk_level: 10 });
    for (const emulator of [one, untouched]) emulator.advance(10 * DAY);
    expect(one.truth().users).toEqual(untouched.truth().users);
    expect(one.truth().changes).toEqual(untouched.truth().changes);
  });

  test('of a person who is gone stay, as of somebody archived', async () => {
    const emulator = await anEmulator({ people: 600 });
    const { user, id } = emulator.truth().user_events.find((event) => !event.user.archived)!;
    emulator.mutate({ kind: 'delete-user', user: user.id });
    expect((await read(emulator, `/events/${id}`)).data.user).toEqual({ ...user, archived: true });
  });
});

describe('reading', () => {
  test('by each filter, alone and together', async () => {
    const emulator = await anEmulator({ people: 600 });
    const all = emulator.truth().user_events;
    const one = all.find((event) => event.external_id !== null && event.risk.level !== null)!;
    const filters: [string, string, (event: UserEvent) => boolean][] = [
      ['event_type', one.event_type.name, (event) => event.event_type.id === one.event_type.id],
      ['event_type', String(one.event_type.id), (event) => event.event_type.id === one.event_type.id],
      ['target_user', one.user.email.toUpperCase(), (event) => event.user.id === one.user.id],
      ['target_user', String(one.user.id), (event) => event.user.id === one.user.id],
      ['external_id', one.external_id!, (event) => event.external_id === one.external_id],
      ['source', one.source!, (event) => event.source === one.source],
      ['risk_level', String(one.risk.level), (event) => event.risk.level === one.risk.level],
      ['risk_decay_mode', '0', (event) => event.risk.decay_mode === 0],
      [
        'occurred_date',
        one.occurred_date.slice(0, 10),
        (event) => event.occurred_date.slice(0, 10) === one.occurred_date.slice(0, 10),
      ],
      ['occurred_date', one.occurred_date, (event) => event.occurred_date === one.occurred_date],
    ];
    for (const [name, value, fits] of filters) {
      const found = await read(emulator, `/events?per_page=100&${new URLSearchParams({ [name]: value })}`);
      const wanted = all.filter(fits);
      expect(wanted.length).toBeLessThan(all.length);
      expect(found.data).toEqual(wanted);
      expect(found.meta.count).toBe(wanted.length);
    }
    const both = new URLSearchParams({ source: one.source!, target_user: one.user.email });
    expect(ids(await read(emulator, `/events?${both}`))).toContain(one.id);
    expect((await read(emulator, '/events?source=nobody')).data).toEqual([]);
    expect((await read(emulator, '/events?risk_expire_date=2030-01-01')).data).toEqual([]);
    expect((await read(emulator, '/events?per_page=100&source=&no_such=1')).data).toEqual(all);
  });

  test('in another order', async () => {
    const emulator = await anEmulator({ people: 600 });
    const oldestFirst = ids(await read(emulator, '/events?per_page=100&order_direction=asc'));
    expect(oldestFirst).toEqual(
      emulator
        .truth()
        .user_events.map(({ id }) => id)
        .reverse(),
    );
    const levels = (await read(emulator, '/events?per_page=100&order_by=risk_level&order_direction=desc')).data.map(
      (event: UserEvent) => event.risk.level ?? -1,
    );
    expect(levels).toEqual(levels.toSorted((a: number, b: number) => b - a));
    expect(new Set(levels).size).toBeGreaterThan(2);
  });

  test('page by page to the end, at most 100 at once', async () => {
    const emulator = await anEmulator({ people: 3000 });
    const all = emulator.truth().user_events.map(({ id }) => id);
    expect(all.length).toBeGreaterThan(200);
    const found: string[] = [];
    for (let page: number | null = 1; page !== null; ) {
      const { data, meta }: { data: UserEvent[]; meta: { next_page: number | null } } = await read(
        emulator,
        `/events?per_page=1000&page=${page}`,
      );
      found.push(...ids({ data }));
      const last = found.length === all.length;
      expect(meta).toEqual({
        count: all.length,
        limit_value: 100,
        total_pages: Math.ceil(all.length / 100),
        current_page: page,
        next_page: last ? null : page + 1,
        prev_page: page === 1 ? null : page - 1,
        is_first_page: page === 1,
        is_last_page: last,
        is_out_of_range: false,
      });
      page = meta.next_page;
    }
    expect(found).toEqual(all);
    const beyond = await read(emulator, '/events?page=900');
    expect(beyond).toMatchObject({ data: [], meta: { limit_value: 50, next_page: null, is_out_of_range: true } });
    expect((await read(emulator, '/events?per_page=0&page=x')).data).toHaveLength(50);
  });

  test('types, all, by name and by id', async () => {
    const emulator = await anEmulator();
    const { data, meta } = await read(emulator, '/event_types');
    expect(data).toEqual(emulator.truth().user_event_types);
    expect(meta).toEqual({ count: data.length });
    expect(data[0].id).toBeGreaterThan(2 ** 31);
    expect((await read(emulator, '/event_types?name=DLP%20block')).data).toEqual([data[1]]);
    expect((await read(emulator, '/event_types?name=nothing')).data).toEqual([]);
    expect((await read(emulator, `/event_types/${data[2].id}`)).data).toEqual(data[2]);
  });

  test('what is not there is 404', async () => {
    const emulator = await anEmulator();
    for (const path of [
      '/events/no',
      '/event_types/1',
      '/statuses/no',
      '/nothing',
      '/events/a/b',
      '/events/%E0%A4%A',
    ]) {
      expect(await ask(emulator, 'events', path)).toMatchObject({ status: 404, body: { message: 'Not Found' } });
    }
    expect((await ask(emulator, 'events', '/events', { method: 'PUT' })).status).toBe(404);
  });
});

describe('posting', () => {
  test('is answered with the id of the request; the event comes when it is processed', async () => {
    const emulator = await anEmulator();
    const user = emulator.truth().users[4]!;
    const payload = {
      target_user: user.email,
      event_type: 'Clean desk',
      external_id: 'a-1',
      source: 'audit',
      description: 'Badge left & found',
      occurred_date: '2026-11-01',
      risk_level: 4,
      risk_decay_mode: 'linear',
      risk_expire_date: '2026-12-01',
    };
    const { status, body } = await post(emulator, payload);
    expect(status).toBe(201);
    const request: string = body.data.id;
    const pending = { id: request, details: { events: [], failures: [] }, processed: null };
    expect((await read(emulator, `/statuses/${request}`)).data).toMatchObject(pending);
    expect((await read(emulator, '/statuses?processed=false')).data).toMatchObject([pending]);
    expect((await read(emulator, '/events?source=audit')).data).toEqual([]);
    emulator.advance(1999);
    expect((await read(emulator, `/statuses/${request}`)).data.processed).toBeNull();
    emulator.advance(1);
    const done = (await read(emulator, `/statuses/${request}`)).data;
    expect(done).toMatchObject({ processed: '2026-11-16T09:00:02.000Z', details: { failures: [] } });
    const [id] = done.details.events;
    expect(id).not.toBe(request);
    expect((await read(emulator, `/events/${id}`)).data).toEqual({
      id,
      account_id: expect.any(Number),
      user: { email: user.email, id: user.id, archived: false },
      external_id: 'a-1',
      source: 'audit',
      description: 'Badge left & found',
      occurred_date: '2026-11-01T00:00:00.000Z',
      risk: { level: 4, decay_mode: 'linear', expire_date: '2026-12-01' },
      metadata: null,
      event_type: { id: expect.any(Number), name: 'Clean desk', description: null },
    });
    expect((await read(emulator, '/event_types?name=Clean%20desk')).data).toHaveLength(1);
    expect(emulator.truth().user_event_statuses).toEqual([done]);
  });

  test('little is needed; the same twice makes two events of one type', async () => {
    const emulator = await anEmulator({ switches: { eventsDelayMs: 0 } });
    const { id } = emulator.truth().users[0]!;
    for (let n = 0; n < 2; n += 1) {
      expect((await post(emulator, { target_user: id, event_type: 'Twice', external_id: 'same' })).status).toBe(201);
    }
    const { data } = await read(emulator, '/events?event_type=Twice');
    expect(data).toHaveLength(2);
    expect(data[0]).toMatchObject({
      user: { id },
      source: null,
      occurred_date: '2026-11-16T09:00:00.000Z',
      risk: { level: null, decay_mode: null, expire_date: null },
    });
    expect(new Set(ids({ data })).size).toBe(2);
    expect(emulator.truth().user_event_types.filter(({ name }) => name === 'Twice')).toHaveLength(1);
    expect((await read(emulator, '/statuses?processed=true&per_page=1&page=2')).data).toEqual([
      emulator.truth().user_event_statuses[0],
    ]);
  });

  test('somebody who is not there is a failure in the status', async () => {
    const emulator = await anEmulator({ switches: { eventsDelayMs: 0 } });
    const payload = { target_user: 'nobody@example.com', event_type: 'New' };
    const { status, body } = await post(emulator, payload);
    expect(status).toBe(201);
    expect((await read(emulator, `/statuses/${body.data.id}`)).data.details).toEqual({
      events: [],
      failures: [{ errors: { target_user: ['was not found'] }, payload }],
    });
    expect(emulator.truth().user_event_types.map(({ name }) => name)).not.toContain('New');
  });

  test('of two addresses that differ by case, the one that is written so is meant', async () => {
    const emulator = await anEmulator({ switches: { eventsDelayMs: 0 } });
    const twins = emulator.truth().users.filter((user) => user.email.toLowerCase().startsWith('ola.berg@'));
    expect(twins).toHaveLength(2);
    for (const { email } of twins) await post(emulator, { target_user: email, event_type: 'Twin' });
    const { data } = await read(emulator, '/events?event_type=Twin&order_direction=asc');
    expect(data.map((event: UserEvent) => event.user.id).sort()).toEqual(twins.map(({ id }) => id).sort());
  });

  test.each([
    ['', 'JSON object'],
    ['[]', 'JSON object'],
    ['{"target_user":"a@example.com"}', 'event_type is required'],
    ['{"event_type":"x"}', 'target_user is required'],
    ['{"target_user":"","event_type":"x"}', 'target_user must be'],
    [JSON.stringify({ target_user: 'a', event_type: 'x', external_id: 'x'.repeat(65) }), 'external_id must be'],
    [JSON.stringify({ target_user: 'a', event_type: 'x', description: 'x'.repeat(256) }), 'description must be'],
    [JSON.stringify({ target_user: 'a', event_type: 'x', occurred_date: 'today' }), 'occurred_date must be'],
    [JSON.stringify({ target_user: 'a', event_type: 'x', occurred_date: '2026-13-45' }), 'occurred_date must be'],
    [JSON.stringify({ target_user: 'a', event_type: 'x', risk_level: '5' }), 'risk_level must be'],
    [JSON.stringify({ target_user: 'a', event_type: 'x', risk_decay_mode: {} }), 'risk_decay_mode must be'],
  ])('%s is refused', async (body, words) => {
    const emulator = await anEmulator({ switches: { eventsDelayMs: 0 } });
    const refused = await post(emulator, body);
    expect(refused).toMatchObject({ status: 400, body: { message: expect.stringContaining(words) } });
    expect(emulator.truth().user_event_statuses).toEqual([]);
  });

  test('an event is deleted once', async () => {
    const emulator = await anEmulator({ people: 600 });
    const [first, ...rest] = emulator.truth().user_events;
    const remove = () => ask(emulator, 'events', `/events/${first!.id}`, { method: 'DELETE' });
    expect(await remove()).toMatchObject({ status: 204, text: '' });
    expect(await remove()).toMatchObject({ status: 404 });
    expect(emulator.truth().user_events).toEqual(rest);
  });
});
