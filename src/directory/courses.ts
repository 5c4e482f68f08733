import type { UnifiedCourse, UnifiedCourseItem } from '../model/training.ts';
import { courseOfPolicy, courseOfPurchase, toCourseItem } from '../model/training-from-wire.ts';
import { recordReaders } from '../wire/reporting/record-readers.ts';
import type { Envelope } from './answer.ts';
import { alone, type Listed, type Shown } from './answer.ts';
import { type ListInput, readFlags } from './list-query.ts';
import type { ConnectionStamp, DirectoryRow, DirectoryStore } from './ports.ts';
import { readRow } from './rows.ts';
import { notFound, oneConnection } from './scope.ts';
import { listSmall, smallSpec } from './small-list.ts';

type Deps = { readonly store: DirectoryStore; readonly cursorKey: Uint8Array };

export const coursesSpec = smallSpec('courses', ['id', 'title', 'type', 'status']);
export const courseItemsSpec = smallSpec('course-items', ['id', 'title', 'type', 'course_id', 'x_campaign_id']);

/** Store purchases and policies, without those that are gone. */
export const listCourses =
  ({ store, cursorKey }: Deps) =>
  async (input: ListInput): Promise<Listed> => {
    const connectionId = oneConnection(input.connectionIds);
    const stamp = await store.stamp(connectionId);
    const courses = (await readCourses(store, connectionId)).filter(({ unified }) => unified.x_deleted_at === null);
    return listSmall(coursesSpec, input, cursorKey, courses, known(stamp, ['store_purchases', 'policies']));
  };

export const getCourse =
  ({ store }: Deps) =>
  async ({ connectionIds, query }: ListInput, id: string): Promise<object> => {
    const flags = readFlags(query);
    const courses = await readCourses(store, oneConnection(connectionIds));
    const found = courses.find(({ unified }) => unified.id === id);
    if (found === undefined) throw notFound('course', id);
    return alone(found, flags);
  };

/** What is in the training campaigns. */
export const listCourseItems =
  ({ store, cursorKey }: Deps) =>
  async (input: ListInput): Promise<Listed> => {
    const connectionId = oneConnection(input.connectionIds);
    const stamp = await store.stamp(connectionId);
    const items = await readItems(store, connectionId);
    const searched = items.map((item) => {
      const { course, x_campaign: campaign } = item.unified;
      return { ...item, searched: { course_id: course.id, x_campaign_id: campaign.id } };
    });
    return listSmall(courseItemsSpec, input, cursorKey, searched, known(stamp, ['training_campaigns']));
  };

export const getCourseItem =
  ({ store }: Deps) =>
  async ({ connectionIds, query }: ListInput, id: string): Promise<object> => {
    const flags = readFlags(query);
    const items = await readItems(store, oneConnection(connectionIds));
    const found = items.find(({ unified }) => unified.id === id);
    if (found === undefined) throw notFound('course item', id);
    return alone(found, flags);
  };

async function readCourses(store: DirectoryStore, connectionId: string): Promise<readonly Shown<UnifiedCourse>[]> {
  const [purchases, policies] = await Promise.all([
    store.contentRows(connectionId, 'store_purchases'),
    store.contentRows(connectionId, 'policies'),
  ]);
  return [...purchases.map(showPurchase), ...policies.map(showPolicy)];
}

function showPurchase(row: DirectoryRow): Shown<UnifiedCourse> {
  const { record, raw } = readRow(row, recordReaders.store_purchases);
  return { unified: courseOfPurchase(record, row), record, raw };
}

function showPolicy(row: DirectoryRow): Shown<UnifiedCourse> {
  const { record, raw } = readRow(row, recordReaders.policies);
  return { unified: courseOfPolicy(record, row), record, raw };
}

async function readItems(store: DirectoryStore, connectionId: string): Promise<readonly Shown<UnifiedCourseItem>[]> {
  const rows = await store.contentRows(connectionId, 'training_campaigns');
  const items = rows
    .filter(({ deletedAt }) => deletedAt === null)
    .flatMap((row) => {
      const { record, raw } = readRow(row, recordReaders.training_campaigns);
      const raws = Array.isArray(raw.content) ? (raw.content as readonly Shown<object>['raw'][]) : [];
      return record.content.map((content, index) => ({
        unified: toCourseItem(content, record, row),
        record: content,
        raw: raws[index] ?? {},
      }));
    });
  // The same course twice in one campaign is told once.
  return [...new Map(items.map((item) => [item.unified.id, item])).values()];
}

/** As fresh as the stalest of its streams; partial before each was read whole. */
function known(
  { completeAt }: ConnectionStamp,
  streams: readonly string[],
): { readonly asOf: Envelope['x_freshness']['as_of']; readonly isPartial: boolean } {
  const times = streams.map((stream) => completeAt[stream] ?? null);
  const asOf = times.includes(null) ? null : (times.toSorted()[0] ?? null);
  return { asOf, isPartial: false };
}
