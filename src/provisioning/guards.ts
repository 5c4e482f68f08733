import { isWritable } from './groups.ts';
import type { Effect, Guard, GuardName, Step } from './plan.ts';
import type { PlanInput, RecentStep } from './plan-input.ts';
import { isArchivedThere } from './put-back.ts';
import { activeUsers, countChange, type FieldStats, type Work } from './work.ts';

/** Field values of fewer people than this are a handful of honest changes, in a company of any size. */
const DATA_FLOOR = 5;
/** As many people may begin on one day in the smallest company. */
const BURST_FLOOR = 3;

/**
 * Every guard with its value and limit, over the plan and what was done in the last 24 hours.
 * @param effects of the plan as a whole: whom KnowBe4 archives by itself counts as archived
 */
export function guardsOf(
  work: Work,
  steps: readonly Step[],
  { cost, effects }: { readonly cost: { readonly verifyReads: number }; readonly effects: readonly Effect[] },
): readonly Guard[] {
  return [
    ...ofConnection(work.input),
    ...ofSources(work.input),
    archiveShare(work, steps, effects),
    ...groupShrink(work, steps),
    createBurst(work, steps),
    seats(work, steps),
    heldFor(work, 'protected', 'people and groups that no step touches'),
    heldFor(work, 'domain', 'addresses outside the account’s domains'),
    data(work, steps),
    budget(work.input, cost.verifyReads),
  ];
}

const guard = (
  name: GuardName,
  state: Guard['state'],
  text: string,
  rest: Partial<Pick<Guard, 'value' | 'limit' | 'stepIds'>> = {},
): Guard => ({ name, state, text, value: rest.value ?? 0, limit: rest.limit ?? 0, stepIds: rest.stepIds ?? [] });

function ofConnection({ state, kind, target, late, now }: PlanInput): readonly Guard[] {
  const isForeign = state.owner === 'foreign';
  const guards: Guard[] = [
    guard(
      'foreign_owner',
      isForeign ? 'blocked' : 'ok',
      isForeign
        ? 'Another provisioner owns the users: nothing is written until a person attests that it is off'
        : 'No other provisioner is known',
    ),
    guard(
      'target_read',
      target.asOf === null ? 'blocked' : 'ok',
      target.asOf === null ? 'KnowBe4 was never read whole: nothing can be planned' : `KnowBe4 as of ${target.asOf}`,
    ),
    adoption({ state, kind }),
  ];
  if (kind === 'adoption') guards.push(testMode(state));
  if (state.pausedAt !== null || state.stoppedAt !== null) {
    guards.push(
      guard('paused', 'notice', 'Provisioning is paused: nothing is applied before it is resumed', { value: 1 }),
    );
  }
  if (late > 0)
    guards.push(
      guard('late', 'notice', `${late} earlier steps are not visible in time: nobody is archived`, { value: late }),
    );
  const { quarantine } = state;
  if (quarantine !== null && Date.parse(quarantine.until) > now.getTime()) {
    guards.push(
      guard('quarantine', 'blocked', `Writes rest until ${quarantine.until}: ${quarantine.reason}`, { value: 1 }),
    );
  } else guards.push(guard('quarantine', 'ok', 'Writes do not rest'));
  guards.push(freeze(state.freezes, now, kind === 'urgent'));
  return guards;
}

/** Until the SCIM store is known to be whole, KnowBe4 would archive whoever is missing there. */
function adoption({ state, kind }: Pick<PlanInput, 'state' | 'kind'>): Guard {
  if (kind === 'adoption' || state.adoption.state === 'adopted')
    return guard('adoption', 'ok', 'The SCIM store is taken over');
  const text =
    'scim_not_adopted: KnowBe4’s SCIM store is not taken over yet, so it would archive whoever is missing there; run foreknow adopt';
  return guard('adoption', state.mode === 'observe' ? 'notice' : 'blocked', text, { value: 1 });
}

function testMode({ testMode: { state } }: PlanInput['state']): Guard {
  if (state === 'on') return guard('test_mode', 'ok', 'KnowBe4’s Test Mode is on: its syncs only report');
  const text = `KnowBe4’s Test Mode is ${state === 'off' ? 'off' : 'not known to be on'}: turn it on in the console before anything is sent`;
  return guard('test_mode', 'blocked', text, { value: 1 });
}

function freeze(freezes: PlanInput['state']['freezes'], now: Date, isUrgent: boolean): Guard {
  const at = now.getTime();
  const span = freezes.find(({ from, until }) => Date.parse(from) <= at && at < Date.parse(until));
  if (!span) return guard('freeze', 'ok', 'No freeze');
  return guard(
    'freeze',
    'notice',
    `Frozen until ${span.until}${span.reason ? ` (${span.reason})` : ''}: ${isUrgent ? 'one urgent leaver is archived all the same' : 'nothing is applied before'}`,
    { value: 1 },
  );
}

function ofSources({ sources, kind }: PlanInput): readonly Guard[] {
  if (kind !== 'sync') return [];
  const names = (state: string) => sources.filter((source) => source.state === state).map(({ name }) => name);
  const [broken, unproven, quarantined] = [names('incomplete'), names('unproven'), names('quarantined')];
  const parts = [
    broken.length > 0 ? `${broken.join(', ')} incomplete: nobody is archived or leaves a group` : null,
    unproven.length > 0 ? `${unproven.join(', ')} unproven: absences do not count` : null,
  ].filter((part) => part !== null);
  return [
    guard('source_complete', parts.length > 0 ? 'notice' : 'ok', parts.join('; ') || 'Every read was proven complete', {
      value: broken.length + unproven.length,
    }),
    guard(
      'source_shrink',
      quarantined.length > 0 ? 'blocked' : 'ok',
      quarantined.length > 0
        ? `${quarantined.join(', ')} shrank or looks broken; a person releases the read with foreknow sources accept`
        : 'No source shrank',
      { value: quarantined.length },
    ),
  ];
}

const done = (recent: readonly RecentStep[], ...actions: readonly Step['action'][]): number =>
  recent.filter(({ action }) => actions.includes(action)).length;

const idsOf = (steps: readonly Step[], ...actions: readonly Step['action'][]): readonly string[] =>
  steps.filter(({ action }) => actions.includes(action)).map(({ id }) => id);

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

function archiveShare({ input }: Work, steps: readonly Step[], effects: readonly Effect[]): Guard {
  const { share, people } = input.rules.settings.guards.archive_share;
  const before = done(input.recent, 'archive');
  // Taking accounts over shows these by name, and nothing of it is at work while Test Mode is on.
  const byItself = input.kind === 'adoption' || steps.length === 0 ? 0 : archivedByItself(effects);
  // KnowBe4's next sync comes with the first write, whatever it is about.
  const leaving = idsOf(
    steps.filter((step) => !isArchivedThere(step)),
    'archive',
  );
  const stepIds = byItself > 0 ? steps.map(({ id }) => id) : leaving;
  const count = leaving.length + byItself + before;
  const value = count / Math.max(1, activeUsers(input.target.users).length + before);
  const isTripped = stepIds.length > 0 && value > share && count > people;
  const its = byItself === 0 ? '' : `, ${byItself} of them by KnowBe4 itself`;
  const text = `${count} archived in 24 hours${its} are ${percent(value)} of active people`;
  return guard('archive_share', isTripped ? 'tripped' : 'ok', text, {
    value,
    limit: share,
    stepIds: isTripped ? stepIds : [],
  });
}

const archivedByItself = (effects: readonly Effect[]): number =>
  effects.reduce((sum, { kind, userIds }) => sum + (kind === 'archived_by_scim' ? (userIds?.length ?? 0) : 0), 0);

/** One for each group that shrinks too much, one for all of them together, which small ones cannot slip under; one that is ok when none does. */
function groupShrink({ input, index }: Work, steps: readonly Step[]): readonly Guard[] {
  const { share, people } = input.rules.settings.guards.group_shrink;
  const isActive = (id: string): boolean => index.users.get(id)?.status === 'active';
  const removals = Map.groupBy(
    steps.filter(({ action }) => action === 'member_remove'),
    ({ group }) => group!.groupId!,
  );
  const tripped: Guard[] = [];
  let worst = 0;
  for (const [groupId, leaving] of removals) {
    const before = input.recent.filter((step) => step.action === 'member_remove' && step.groupId === groupId).length;
    const members = [...(index.groups.get(groupId)?.memberIds ?? [])].filter(isActive);
    const count = leaving.length + before;
    const value = count / Math.max(1, members.length + before);
    worst = Math.max(worst, value);
    if (value <= share || count <= people) continue;
    const text = `"${leaving[0]!.group!.name}" loses ${count} of ${members.length + before} members in 24 hours (${percent(value)})`;
    tripped.push(guard('group_shrink', 'tripped', text, { value, limit: share, stepIds: leaving.map(({ id }) => id) }));
  }
  const before = done(input.recent, 'member_remove');
  const groups = new Set([
    ...removals.keys(),
    ...input.recent.flatMap(({ action, groupId }) => (action === 'member_remove' ? [groupId] : [])),
  ]);
  const memberships = input.target.groups
    .filter(isWritable)
    .reduce((sum, { memberIds }) => sum + [...memberIds].filter(isActive).length, before);
  const stepIds = idsOf(steps, 'member_remove');
  const count = stepIds.length + before;
  const value = count / Math.max(1, memberships);
  if (stepIds.length > 0 && groups.size > 1 && value > share && count > people) {
    const text = `${groups.size} groups lose ${count} of all ${memberships} memberships in 24 hours (${percent(value)})`;
    tripped.push(guard('group_shrink', 'tripped', text, { value, limit: share, stepIds }));
  }
  return tripped.length > 0
    ? tripped
    : [guard('group_shrink', 'ok', 'No group loses too many', { value: worst, limit: share })];
}

function createBurst({ input }: Work, steps: readonly Step[]): Guard {
  const { share } = input.rules.settings.guards.create_burst;
  const stepIds = idsOf(steps, 'create', 'restore');
  const before = done(input.recent, 'create', 'restore');
  const count = stepIds.length + before;
  const value = count / Math.max(1, activeUsers(input.target.users).length - before);
  const isTripped = stepIds.length > 0 && value > share && count > BURST_FLOOR;
  const text = `${count} created or restored in 24 hours are ${percent(value)} of active people: seats and mails`;
  return guard('create_burst', isTripped ? 'tripped' : 'ok', text, {
    value,
    limit: share,
    stepIds: isTripped ? stepIds : [],
  });
}

function seats({ input, items }: Work, steps: readonly Step[]): Guard {
  const now = activeUsers(input.target.users).length;
  const after = now + idsOf(steps, 'create', 'restore').length - idsOf(steps, 'archive').length;
  const held = items.filter(({ reason }) => reason === 'seats').length;
  const bought = input.target.account.seats;
  const text =
    bought === null
      ? 'The account does not say how many seats are bought'
      : held > 0
        ? `${held} people wait for a seat: ${bought} are bought`
        : `${after} of ${bought} seats`;
  return guard('seats', held > 0 ? 'notice' : 'ok', text, { value: after, limit: bought ?? 0 });
}

function heldFor({ items }: Work, name: 'protected' | 'domain', words: string): Guard {
  const value = items.filter(({ reason }) => reason === name).length;
  return guard(name, value > 0 ? 'notice' : 'ok', value > 0 ? `Held: ${value} ${words}` : `No ${words} are met`, {
    value,
  });
}

/**
 * A field that changes for very many within a day is a broken export or a wrong mapping, whether the sources say so at once, one plan after another does it, or
 * requests do.
 */
function data(work: Work, steps: readonly Step[]): Guard {
  const { blank, changed } = work.input.rules.settings.guards.data;
  const day = ofADay(work, steps);
  const people = Math.max(1, day.compared.size);
  const found = [worst('newly blank', day.blank, people, blank), worst('changed', day.changed, people, changed)];
  const over = found.filter(({ fields }) => fields.length > 0);
  const { value, limit } = over[0] ?? found[1]!;
  if (over.length === 0) return guard('data', 'ok', 'No field changes for very many at once', { value, limit });
  const fields = new Set(over.flatMap((one) => one.fields));
  const stepIds = steps
    .filter((step) => setsFields.has(step.action) && step.fields.some(({ name }) => fields.has(name)))
    .map(({ id }) => id);
  const text = `${over.map((one) => one.text).join('; ')}: a broken export or a wrong mapping?`;
  return guard('data', stepIds.length > 0 ? 'tripped' : 'notice', text, { value, limit, stepIds });
}

const setsFields: ReadonlySet<Step['action']> = new Set(['update', 'manager']);

/** What the sources want otherwise, what the steps change, and what was changed in the last 24 hours, each account once a field. */
function ofADay({ input, stats }: Work, steps: readonly Step[]): FieldStats {
  const copied = (ids: FieldStats['changed']) => new Map([...ids].map(([name, some]) => [name, new Set(some)]));
  const day = { compared: new Set(stats.compared), blank: copied(stats.blank), changed: copied(stats.changed) };
  const all = [
    ...input.recent,
    ...steps.map(({ action, person, fields }) => ({ action, userId: person?.userId ?? null, fields })),
  ];
  for (const { action, userId, fields } of all) {
    if (userId === null || !setsFields.has(action)) continue;
    for (const change of fields) countChange(day, userId, change);
    if (stats.compared.size > 0) day.compared.add(userId);
  }
  if (stats.compared.size === 0) for (const { id } of activeUsers(input.target.users)) day.compared.add(id);
  return day;
}

function worst(word: string, ids: FieldStats['changed'], people: number, limit: number) {
  const over = [...ids].filter(([, { size }]) => size > DATA_FLOOR && size / people > limit);
  const value = Math.max(0, ...[...ids.values()].map(({ size }) => size / people));
  const text = over.map(([field, { size }]) => `${field} ${word} for ${percent(size / people)} of people`).join(', ');
  return { fields: over.map(([field]) => field), value, limit, text };
}

function budget({ readsLeft }: PlanInput, verifyReads: number): Guard {
  const isShort = readsLeft !== null && verifyReads > readsLeft;
  const text = isShort
    ? `Seeing the result takes ${verifyReads} reads, and ${readsLeft} are left today: it will be seen later`
    : `Seeing the result takes ${verifyReads} reads`;
  return guard('budget', isShort ? 'notice' : 'ok', text, { value: verifyReads, limit: readsLeft ?? 0 });
}
