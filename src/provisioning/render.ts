import type { Action, Effect, Plan, PlanItem, Step } from './plan.ts';

/** Names shown of a list before "… N more". */
const SHOWN = 3;
/** Effects, likewise; each is another sentence. */
const SHOWN_EFFECTS = 12;

type RenderOptions = {
  readonly now: Date;
  /** Names of connection and sources, as people call them. */
  readonly connection: string;
  /** Where the plan can be looked at; null: nowhere. */
  readonly url: string | null;
  /** Whether it can be looked at again; default yes. */
  readonly isKept?: boolean;
};

/** A plan as a terminal shows it. No colours, no control characters of names that came from elsewhere. */
export function renderPlan(plan: Plan, options: RenderOptions): string {
  const { basis, id } = plan;
  const sources = basis.sources.map(({ name }) => name).join(', ') || plan.kind;
  const rules = basis.rules === null ? '' : `   rules ${basis.rules.commit ?? basis.rules.digest.slice(0, 14)}`;
  const next = nextOf(plan, options);
  const isPlain = plan.state === 'waiting' || (plan.state === 'draft' && plan.steps.length === 0);
  const state = isPlain ? '' : `   ${plan.state}`;
  return [
    `Plan ${id}   ${options.connection} ← ${sources}${rules}${state}`,
    ...basisLines(plan, options.now),
    '',
    ...(plan.steps.length === 0 ? ['  nothing to do'] : actionLines(plan)),
    ...itemLines(plan.items),
    ...effectLines(plan),
    ...endLines(plan),
    ...(next === '' ? [] : ['', `  ${next}`]),
  ]
    .map(plain)
    .join('\n');
}

/** What can be done with it now. */
function nextOf({ id, state, steps, items }: Plan, { url, isKept = true }: RenderOptions): string {
  if (!isKept) return 'a look at other rules: this plan is not kept';
  return [
    ...(steps.length > 0 ? [`foreknow plans steps ${id}`] : []),
    ...(steps.length === 0 && items.length > 0 ? [`foreknow plans items ${id}`] : []),
    ...(state === 'waiting' && steps.length > 0 ? [`foreknow approve ${id}`] : []),
    ...(state === 'draft' && steps.length > 0
      ? ['a draft: foreknow provisioning mode propose lets plans be approved']
      : []),
    ...(state === 'approved' ? [`foreknow apply ${id}`] : []),
    ...(state === 'applied' ? [`foreknow undo ${id}`] : []),
    ...(url === null ? [] : [url]),
  ].join(' · ');
}

/** Names come from elsewhere: a terminal must not obey them. */
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '');

const count = (value: number): string => value.toLocaleString('en-US');

function basisLines({ basis }: Plan, now: Date): readonly string[] {
  const { active, asOf } = basis.target;
  return [
    ...basis.sources.map(
      ({ name, people, state, proof }) => `  ${pad(name, 8)} ${count(people)} people, ${state} (${proof})`,
    ),
    `  ${pad('KnowBe4', 8)} ${count(active)} active, ${asOf === null ? 'never read whole' : `as of ${ago(now, asOf)}`}`,
  ];
}

function ago(now: Date, at: string): string {
  const minutes = Math.max(0, Math.round((now.getTime() - Date.parse(at)) / 60_000));
  if (minutes === 0) return 'just now';
  if (minutes < 120) return `${minutes} min ago`;
  return minutes < 2880 ? `${Math.round(minutes / 60)} h ago` : `${Math.round(minutes / 1440)} days ago`;
}

const pad = (text: string, width: number): string => text.padEnd(width);

const lines: readonly { readonly sign: string; readonly word: string; readonly actions: readonly Action[] }[] = [
  { sign: '⊕', word: 'take over', actions: ['claim'] },
  { sign: '+', word: 'create', actions: ['create'] },
  { sign: '~', word: 'update', actions: ['update', 'manager'] },
  { sign: '↺', word: 'restore', actions: ['restore'] },
  { sign: '⇄', word: 'groups', actions: ['group_create', 'member_add', 'member_remove', 'group_rename'] },
  { sign: '▽', word: 'archive', actions: ['archive'] },
];

/** What a plan does, in a line for each kind of change. */
export type Doing = {
  readonly sign: string;
  readonly word: string;
  /** Steps; of updates people. */
  readonly many: number;
  /** Some names, fields or groups. */
  readonly words: string;
  readonly needsApproval: boolean;
};

export function doingsOf(steps: readonly Step[]): readonly Doing[] {
  // Who comes is told as coming, not as changed too.
  const coming = new Set(
    steps.flatMap((step) => (step.action === 'create' || step.action === 'restore' ? who(step) : [])),
  );
  return lines.flatMap(({ sign, word, actions }) => {
    const theirs = steps.filter(
      (step) => actions.includes(step.action) && (word !== 'update' || !coming.has(who(step))),
    );
    if (theirs.length === 0) return [];
    const words = word === 'update' ? changedFields(theirs) : word === 'groups' ? changedGroups(theirs) : names(theirs);
    const many = word === 'update' ? new Set(theirs.map(who)).size : theirs.length;
    return [{ sign, word, many, words, needsApproval: theirs.some(({ approval }) => approval.needed > 0) }];
  });
}

const who = ({ person }: Pick<Step, 'person'>): string => person?.userId ?? person?.key ?? person?.email ?? '';

const actionLines = ({ steps }: Plan): readonly string[] =>
  doingsOf(steps).map(({ sign, word, many, words, needsApproval }) => {
    const waits = word === 'archive' && needsApproval ? '   needs approval' : '';
    return `  ${sign} ${pad(word, 9)} ${count(many).padStart(4)}   ${words}${waits}`;
  });

const names = (steps: readonly Pick<Step, 'person'>[]): string => listed(steps.map(({ person }) => person?.name ?? ''));

function listed(all: readonly string[]): string {
  const shown = all.slice(0, all.length > SHOWN ? SHOWN - 1 : SHOWN);
  const more = all.length - shown.length;
  return more > 0 ? `${shown.join(', ')}, … ${count(more)} more` : shown.join(', ');
}

const fieldWords: Readonly<Record<string, string>> = {
  job_title: 'title',
  email: 'e-mail',
  manager_email: 'manager',
  first_name: 'first name',
  last_name: 'last name',
};

function changedFields(steps: readonly Step[]): string {
  const tally = new Map<string, number>();
  for (const { fields } of steps) for (const { name } of fields) tally.set(name, (tally.get(name) ?? 0) + 1);
  return [...tally]
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, times]) => `${count(times)} ${plural(fieldWords[name] ?? name.replaceAll('_', ' '), times)}`)
    .join(', ');
}

/** `guard:archive_share` as people say it. */
export const spoken = (reason: string): string => reason.replace(':', ' ').replaceAll('_', ' ');

const plural = (word: string, times: number): string => (times === 1 || /\d$/.test(word) ? word : `${word}s`);

function changedGroups(steps: readonly Step[]): string {
  const of = (action: Action) => steps.filter((step) => step.action === action);
  const [added, removed, made, renamed] = [
    of('member_add'),
    of('member_remove'),
    of('group_create'),
    of('group_rename'),
  ];
  const members = [
    added.length > 0 ? `+${count(added.length)}` : null,
    removed.length > 0 ? `−${count(removed.length)}` : null,
  ].filter(Boolean);
  return [
    members.length > 0 ? `${members.join(' ')} members` : null,
    made.length > 0
      ? `${count(made.length)} new ${plural('group', made.length)} ${listed(made.map(({ group }) => `"${group?.name}"`))}`
      : null,
    renamed.length > 0 ? `${count(renamed.length)} renamed` : null,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

const conflicts: ReadonlySet<PlanItem['kind']> = new Set(['ambiguous', 'doubled', 'conflict', 'vanished', 'foreign']);

function itemLines(items: readonly PlanItem[]): readonly string[] {
  const named = (list: readonly PlanItem[]) =>
    listed(list.map(({ person, group }) => person?.name ?? group?.name ?? 'several people'));
  const conflicting = items.filter(({ kind }) => conflicts.has(kind));
  const held = items.filter(({ kind }) => kind === 'held');
  const reasons = [...Map.groupBy(held, ({ reason }) => reason)].map(
    ([reason, list]) => `${count(list.length)} ${reason.replaceAll('_', ' ')}`,
  );
  return [
    ...(conflicting.length > 0
      ? [`  ! ${pad('conflict', 9)} ${count(conflicting.length).padStart(4)}   not applied: ${named(conflicting)}`]
      : []),
    ...(held.length > 0 ? [`  · ${pad('held', 9)} ${count(held.length).padStart(4)}   ${reasons.join(', ')}`] : []),
  ];
}

/** What KnowBe4 does by itself, with some of those whom it happens to: the same thing that happens to many is one line. Seats are told apart. */
export function effectWords({
  steps,
  effects,
}: Pick<Plan, 'steps' | 'effects'>): Readonly<Record<Effect['certainty'], readonly string[]>> {
  const seats = new Set<Effect['kind']>(['seat_taken', 'seat_freed']);
  const all = steps.flatMap((step) =>
    step.effects.filter(({ kind }) => !seats.has(kind)).map((effect) => ({ effect, step })),
  );
  const folded = [...Map.groupBy(all, ({ effect }) => `${effect.certainty}\n${effect.text}`).values()].map((same) => {
    const { effect } = same[0]!;
    const who = listed([...new Set(same.flatMap(({ step }) => step.person?.name ?? step.group?.name ?? []))]);
    return { certainty: effect.certainty, text: who === '' ? effect.text : `${effect.text}: ${who}` };
  });
  const whole = [...effects, ...folded];
  const of = (certainty: Effect['certainty']) =>
    whole.filter((effect) => effect.certainty === certainty).map(({ text }) => text);
  return { certain: of('certain'), possible: of('possible') };
}

function effectLines(plan: Plan): readonly string[] {
  const { certain, possible } = effectWords(plan);
  const under = (title: string, all: readonly string[]) => {
    if (all.length === 0) return [];
    const left = all.length - SHOWN_EFFECTS;
    const more = left > 0 ? [`    … ${count(left)} more: foreknow plans steps ${plan.id}`] : [];
    return ['', title, ...all.slice(0, SHOWN_EFFECTS).map((text) => `    ${text}`), ...more];
  };
  return [...under('  KnowBe4 then, by itself', certain), ...under('  and perhaps', possible)];
}

function endLines({ seats, cost, guards, approval }: Plan): readonly string[] {
  const of = seats.bought === null ? '' : ` of ${count(seats.bought)}`;
  const visible = cost.visibleBy === null ? '' : `, visible by about ${cost.visibleBy.slice(11, 16)} UTC`;
  const tally = (['ok', 'notice', 'tripped', 'blocked'] as const)
    .map((state) => ({ state, many: guards.filter((guard) => guard.state === state).length }))
    .filter(({ many }) => many > 0)
    .map(({ state, many }) => `${many} ${state}`);
  const loud = guards
    .filter(({ state }) => state !== 'ok')
    .map(({ name, state, text }) => `    ${state} ${name}: ${text}`);
  return [
    '',
    `  Seats ${count(seats.now)} → ${count(seats.after)}${of}      ${count(cost.writes)} ${plural('write', cost.writes)}${visible}`,
    `  Guards ${tally.join(', ')}`,
    ...loud,
    ...(approval.needed > 0
      ? [`  Needs ${approval.needed === 1 ? 'one person' : 'two people'}: ${approval.reasons.map(spoken).join(', ')}`]
      : []),
  ];
}
