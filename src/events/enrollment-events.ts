import type { ChangeFields, LoggedChange } from '../model/change.ts';
import type { EventType } from './catalog.ts';
import { type Draft, draft, moved, shortUser, shown } from './parts.ts';

/** Words of KnowBe4 for where an enrollment stands, and the event that reaching it makes. */
const steps: Readonly<Record<string, EventType>> = {
  'in progress': 'enrollment.started',
  completed: 'enrollment.completed',
  passed: 'enrollment.completed',
  'past due': 'enrollment.overdue',
};

const stepOf = (fields: ChangeFields | null): EventType | undefined =>
  typeof fields?.status === 'string' ? steps[fields.status.toLowerCase()] : undefined;

/** One event for each change; an enrollment that is seen for the first time and stands somewhere already makes two. */
export function enrollmentEvents(change: LoggedChange): readonly Draft[] {
  const { kind, key, current, previous, about } = change;
  if (kind !== 'enrollment.updated') {
    const record = current ?? previous ?? {};
    const head = headOf(key, record, record);
    const data = { ...head, enrollment: shown(withoutPerson(record)) };
    if (kind === 'enrollment.deleted') return [draft('enrollment.deleted', data)];
    const step = stepOf(current);
    const first = draft('enrollment.created', data);
    const { status } = record;
    const stepData = { ...head, attributes: { status }, previous_attributes: { status: null } };
    return step === undefined ? [first] : [first, draft(step, stepData)];
  }
  const step = stepOf(current);
  const isStep = step !== undefined && step !== stepOf(previous);
  const head = headOf(key, flat(about), { status: about?.status, ...current });
  return [draft(isStep ? step : 'enrollment.updated', { ...head, ...moved(withoutUser(change)) })];
}

/** What is known in short, under the names of the record. */
function flat(about: ChangeFields | null | undefined): ChangeFields {
  const { user, campaign, module } = (about ?? {}) as {
    readonly user?: unknown;
    readonly campaign?: { readonly id?: unknown; readonly name?: unknown };
    readonly module?: { readonly name?: unknown; readonly contentType?: unknown };
  };
  return {
    user: user ?? null,
    campaignId: campaign?.id,
    campaignName: campaign?.name,
    moduleName: module?.name,
    contentType: module?.contentType,
  };
}

const headOf = (key: string, record: ChangeFields, { status }: ChangeFields) => ({
  enrollment: { id: key },
  user: shortUser(record.user ?? null, null),
  campaign: { id: record.campaignId ?? null, name: record.campaignName ?? null },
  module: { name: record.moduleName ?? null, content_type: record.contentType ?? null },
  status: status ?? null,
});

function withoutPerson(record: ChangeFields): ChangeFields {
  const { user, ...rest } = record;
  return rest;
}

const withoutUser = (change: LoggedChange): LoggedChange => ({
  ...change,
  current: withoutPerson(change.current ?? {}),
  previous: withoutPerson(change.previous ?? {}),
});
