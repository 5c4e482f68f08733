import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { courseItemsSpec, coursesSpec } from '../directory/courses.ts';
import { enrollmentsSpec } from '../directory/enrollments.ts';
import { traineesSpec } from '../directory/trainees.ts';
import { rawAccount, rawUser } from '../store/contract/mirror.ts';
import { type TestDatabase, testDatabase } from '../store/contract/test-database.ts';
import { openDoor } from './contract/door.ts';
import { mirroredGateway } from './contract/mirrored.ts';

const root = '/unified/lms';
const clock = () => new Date('2026-11-20T09:00:00.000Z');
const person = (id: number) => ({ id, first_name: 'Amara', last_name: `L${id}`, email: `amara.${id}@example.com` });
const enrollment = (id: number, user: number, changes: object = {}) => ({
  enrollment_id: id,
  content_type: 'Store Purchase',
  module_name: 'Basics',
  user: person(user),
  campaign_name: 'Spring',
  campaign_id: 4001,
  store_purchase_id: 71,
  enrollment_date: '2026-03-01T09:00:00.000Z',
  start_date: null,
  completion_date: null,
  status: 'Not Started',
  time_spent: 0,
  policy_acknowledged: false,
  ...changes,
});
const contents = {
  acme: {
    account: [rawAccount()],
    users: [rawUser(1, { phone_number: '+15550100', department: 'Sales' }), rawUser(2), rawUser(3)],
    removedUsers: ['3'],
    store_purchases: [
      { store_purchase_id: 71, content_type: 'Store Purchase', name: 'Basics', type: 'Training Module', duration: 15 },
      { store_purchase_id: 72, content_type: 'Store Purchase', name: 'Old', retired: true },
    ],
    policies: [{ policy_id: 9, content_type: 'Uploaded Policy', name: 'Acceptable use', status: 'published' }],
    training_campaigns: [
      {
        ...{ campaign_id: 4001, name: 'Spring', status: 'In Progress', duration_type: 'Specific End Date' },
        ...{ start_date: '2026-03-01T09:00:00.000Z', end_date: '2026-04-01T09:00:00.000Z' },
        content: [
          { store_purchase_id: 71, content_type: 'Store Purchase', name: 'Basics', duration: 15 },
          { policy_id: 9, content_type: 'Uploaded Policy', name: 'Acceptable use' },
        ],
      },
      {
        campaign_id: 4002,
        name: 'Open',
        duration_type: 'No End Date',
        end_date: '2026-04-01T09:00:00.000Z',
        content: [],
      },
    ],
    enrollments: [
      enrollment(1, 1),
      enrollment(2, 1, {
        ...{ content_type: 'Uploaded Policy', module_name: 'Acceptable use', store_purchase_id: null },
        ...{ status: 'Passed', start_date: '2026-03-02T09:00:00.000Z', completion_date: '2026-03-03T09:00:00.000Z' },
      }),
      enrollment(3, 2, { status: 'Past Due', campaign_id: 4002, campaign_name: 'Open', time_spent: 90 }),
      enrollment(4, 2, { status: null, store_purchase_id: 7 }),
    ],
  },
};

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.remove());

describe.each(['SQLite', 'Postgres'])('training from %s', (engine) => {
  let mirrored: Awaited<ReturnType<typeof mirroredGateway>>;
  let door: Awaited<ReturnType<typeof openDoor>>;
  let token: string;
  beforeAll(async () => {
    mirrored = await mirroredGateway(contents, clock, engine === 'SQLite' ? undefined : database.url);
    door = await openDoor({ gateway: mirrored.gateway, now: clock });
    token = (await mirrored.gateway.tokens.create({ name: 'lms', scopes: ['training'] })).secret;
  });
  afterAll(async () => {
    await door.close();
    await mirrored.close();
  });
  const get = (path: string) => door.call(root + path, { token });
  const ids = async (path: string) => (await get(path)).body.result.map(({ id }: { id: string }) => id);

  test('records are exactly as documented, in lists and alone', async () => {
    for (const [path, name] of [
      ['courses', 'Course'],
      ['course-items', 'CourseItem'],
      ['course-enrollments', 'CourseEnrollment'],
      ['users', 'LmsUser'],
    ]) {
      const { body: list, status } = await get(`/${path}`);
      expect(status).toBe(200);
      door.conforms.schema(`${name}List`, list);
      expect(list.is_partial_response).toBeUndefined();
      for (const record of list.result) {
        const alone = await get(`/${path}/${encodeURIComponent(record.id)}`);
        expect(alone.body).toEqual(record);
        expect(alone.headers.get('x-foreknow-as-of')).toBe(list.x_freshness.as_of);
      }
      expect((await get(`/${path}/none`)).body.details.code).toBe('not_found');
    }
  });

  test('store purchases and policies are courses', async () => {
    const { result } = (await get('/courses')).body;
    expect(result).toMatchObject([
      { id: 'policy:9', title: 'Acceptable use', type: 'other', status: 'published' },
      { id: 'store_purchase:71', title: 'Basics', type: 'course', status: 'published', duration_seconds: 900 },
      { id: 'store_purchase:72', status: 'archived', remote_data: { retired: true } },
    ]);
    expect(await ids('/courses?status=archived')).toEqual(['store_purchase:72']);
    expect(await ids('/courses?title[like]=ACCEPT')).toEqual(['policy:9']);
  });

  test('what campaigns hold are course items', async () => {
    expect(await ids('/course-items')).toEqual(['4001:policy:9', '4001:store_purchase:71']);
    expect(await ids('/course-items?course_id=policy:9')).toEqual(['4001:policy:9']);
    expect(await ids('/course-items?x_campaign_id=4002')).toEqual([]);
    const { body } = await get('/course-items/4001%3Astore_purchase%3A71');
    expect(body).toMatchObject({
      course: { id: 'store_purchase:71', title: 'Basics' },
      x_campaign: { id: '4001', name: 'Spring', status: 'In Progress' },
    });
  });

  test('an enrollment says who, what, how far and by when', async () => {
    const { result } = (await get('/course-enrollments')).body;
    expect(result).toMatchObject([
      {
        ...{ id: '1', status: 'assigned', enrolled_at: '2026-03-01T09:00:00.000Z', completed_at: null },
        user: { id: '1', name: 'Amara L1', emails: [{ email: 'amara.1@example.com', is_primary: true }] },
        ...{ course: { id: 'store_purchase:71', title: 'Basics' }, due_at: '2026-04-01T09:00:00.000Z' },
      },
      { id: '2', status: 'passed', course: { id: 'policy:9' }, last_activity_at: '2026-03-03T09:00:00.000Z' },
      { id: '3', status: 'overdue', x_status: 'Past Due', due_at: null, time_spent_seconds: 90 },
      { id: '4', status: 'unknown', x_campaign: { id: '4001', name: 'Spring' } },
    ]);
  });

  test.each([
    ['user_id=2', ['3', '4']],
    ['status=overdue', ['3']],
    ['status[in]=passed,assigned', ['1', '2']],
    ['status=unknown', ['4']],
    ['course_id=store_purchase:71', ['1', '3']],
    ['course_id[]=policy:9&course_id[]=store_purchase:7', ['2', '4']],
    ['course_id=nonsense', []],
    ['x_campaign_id=4002', ['3']],
    ['completed_at[gt]=2026-03-01', ['2']],
    ['enrolled_at[lt]=2026-03-01', []],
    ['sort_by[id]=desc', ['4', '3', '2', '1']],
  ])('enrollments by %s', async (query, expected) => {
    expect(await ids(`/course-enrollments?${query}`)).toEqual(expected);
  });

  test('pages follow each other, and their cursors are good for them alone', async () => {
    const first = (await get('/course-enrollments?limit=3')).body;
    const second = (await get(`/course-enrollments?limit=3&next_cursor=${first.next_cursor}`)).body;
    expect([...first.result, ...second.result].map(({ id }) => id)).toEqual(['1', '2', '3', '4']);
    expect(second.next_cursor).toBeNull();
    const other = await get(`/courses?next_cursor=${first.next_cursor}`);
    expect(other.body.details.code).toBe('invalid_cursor');
  });

  test('people come with what they have to learn, and with nothing that training does not need, in any form', async () => {
    const { result } = (await get('/users?sort_by[name]=asc')).body;
    expect(result).toMatchObject([
      { id: '1', x_enrolled: 2, x_completed: 1, x_overdue: 0 },
      { id: '2', x_overdue: 1 },
    ]);
    expect(await ids('/users?x_overdue=true')).toEqual(['2']);
    expect(await ids('/users?x_deleted=only')).toEqual(['3']);
    for (const format of ['unified', 'raw', 'normalized', 'stream', 'debug']) {
      for (const path of ['/users', '/users/1']) {
        const { text } = await get(`${path}?truto_response_format=${format}`);
        expect(text).toContain('1@example.com');
        expect(text).not.toMatch(/\+15550100|Sales/);
      }
    }
    const { body } = await door.call('/unified/user-directory/users', { token });
    expect([body.statusCode, body.details.code]).toEqual([403, 'scope_missing']);
  });

  test('every filter and sort that is read is documented, and no other', () => {
    for (const [path, spec] of [
      ['courses', coursesSpec],
      ['course-items', courseItemsSpec],
      ['course-enrollments', enrollmentsSpec],
      ['users', traineesSpec],
    ] as const) {
      type Parameter = { name: string; schema: { propertyNames?: { enum?: string[] } } };
      const { parameters } = door.document.paths[`${root}/${path}`]!.get as unknown as { parameters: Parameter[] };
      const others = /^(integrated_account_id|limit|next_cursor|prev_cursor|sort_by|truto_.*)$/;
      const filters = parameters.map(({ name }) => name).filter((name) => !others.test(name));
      expect(filters.toSorted(), path).toEqual(Object.keys(spec.filters).toSorted());
      const sort = parameters.find(({ name }) => name === 'sort_by')!;
      expect(sort.schema.propertyNames?.enum?.toSorted(), path).toEqual(Object.keys(spec.sorts).toSorted());
    }
  });
});
