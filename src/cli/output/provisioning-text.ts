import type { ProvisioningView } from '../../gateway/provisioning-types.ts';
import type { AdoptionReport } from '../../provisioning/adoption.ts';
import type { DriftReport } from '../../provisioning/drift.ts';
import type { ExplainedPerson, Explanation } from '../../provisioning/explain.ts';
import type { StepPerson } from '../../provisioning/plan.ts';
import type { ProvisioningState, WorkItem } from '../../provisioning/state.ts';
import { clean } from './cell.ts';
import { subjectOf } from './plan-text.ts';
import { facts, table } from './table.ts';
import { count, counted, fromNow, moment } from './words.ts';

/** People shown of a list; `--json` has all. */
const SHOWN = 5;

const lines = (all: readonly string[]): string => all.map((line) => `${clean(line)}\n`).join('');
const personWords = ({ name, email, userId }: StepPerson): string =>
  [name, email === name ? null : email, userId === null ? null : `(${userId})`].filter(Boolean).join(' ');

/** How a connection is provisioned. */
export function stateText(name: string, { state, ...view }: ProvisioningView): string {
  return `${name}\n${facts([
    ['  mode', modeWords[state.mode]],
    ['  adoption', [adoptionWords[state.adoption.state], state.adoption.lacks].filter(Boolean).join('; lacking: ')],
    ['  Test Mode', attestedWords(state.testMode.state, state.testMode.attested)],
    ['  provisioner', attestedWords(ownerWords[state.owner], state.ownerAttested)],
    ['  a new address', attestedWords(renameWords[state.renames.state], state.renames.attested)],
    ['  exempt', state.exempt.length === 0 ? null : counted(state.exempt.length, 'person', 'people')],
    ['  SCIM key', view.hasScimKey ? 'there' : `none: foreknow connections keys add ${name} scim`],
    ['  sources', view.sources.join(', ') || 'none: name them in the configuration file, under people'],
    ['  rules', view.rules ?? 'none: name a file in the configuration file, under rules'],
    ['  plan', view.openPlan === null ? 'none' : `${view.openPlan.id}, ${view.openPlan.state}`],
    ['  conflicts', view.openItems === 0 ? null : `${count(view.openItems)} wait: foreknow conflicts list`],
    ['  in flight', view.inFlight === 0 ? null : `${counted(view.inFlight, 'step')}, ${count(view.late)} late`],
    [
      '  refused',
      view.refused === 0
        ? null
        : `${counted(view.refused, 'step')}, ${count(view.givenUp)} left to people: foreknow plan tells which`,
    ],
    ['  paused', state.pausedAt === null ? null : `since ${moment(state.pausedAt)}: foreknow provisioning resume`],
    ['  stopped', state.stoppedAt === null ? null : `since ${moment(state.stoppedAt)}: foreknow provisioning resume`],
    ['  quarantine', state.quarantine && `until ${moment(state.quarantine.until)}: ${state.quarantine.reason}`],
    ['  freezes', state.freezes.map(({ from, until }) => `${moment(from)} to ${moment(until)}`).join('; ')],
  ])}`;
}

const modeWords = {
  observe: 'observe: plans are looked at, nothing is written',
  propose: 'propose: every step waits for a person',
  auto: 'auto: what the rules name applies by itself',
} as const;
const adoptionWords = {
  none: 'not begun: foreknow adopt --plan',
  pushing: 'under way: the accounts are being sent as they are',
  pushed: 'sent: turn Test Mode off, then foreknow adopt --confirm',
  adopted: 'done',
} as const;
const ownerWords = { unknown: 'not known', ours: 'this one', foreign: 'another one: nothing is written' } as const;
const renameWords = {
  unknown: 'not known: held',
  keep: 'keeps the account',
  duplicate: 'makes a second account',
} as const;

const attestedWords = (value: string, attested: ProvisioningState['ownerAttested']): string =>
  attested === null ? value : `${value}, said ${attested.by} ${moment(attested.at)}`;

/** The first meeting of sources and KnowBe4. */
export function adoptionText(name: string, report: AdoptionReport, now: number): string {
  const { counts, seats, asOf } = report;
  const people = (list: readonly StepPerson[]) => listed(list.map((one) => one.name));
  const parts = [
    part(
      'Found now',
      report.found.map(({ person, by }) => `${personWords(person)}  by ${by.replaceAll('_', ' ')}`),
    ),
    part('In the sources, without an account', report.absent.map(personWords)),
    part('Active accounts that no source knows', report.unmanaged.map(personWords)),
    part(
      'Conflicts',
      report.conflicts.map((item) => `${subjectOf(item)}: ${item.text}`),
    ),
    part(
      'There twice (the first is the one to keep)',
      report.duplicates.map(
        ({ by, accounts }) => `same ${by.replaceAll('_', ' ')}: ${accounts.map(personWords).join(' / ')}`,
      ),
    ),
    part(
      'Seats to reclaim',
      report.reclaimable.map(({ person, reason }) => `${personWords(person)}  ${reason.replaceAll('_', ' ')}`),
    ),
    part('Exempted in the console', report.exempt.map(personWords)),
  ];
  const { unlessCarried, evenSo } = report.wouldBeArchived;
  return lines([
    `Adoption of ${name}   KnowBe4 ${asOf === null ? 'was never read whole: nothing here can be relied on' : `as of ${fromNow(asOf, now)}`}`,
    `  ${count(seats.now)} active${seats.bought === null ? '' : ` of ${counted(seats.bought, 'seat')}`}`,
    `  ${count(counts.linked)} linked, ${count(counts.found)} found now, ${count(counts.absent)} without an account, ${count(counts.unmanaged)} that no source knows`,
    `  ${count(counts.conflict)} in conflict, ${count(counts.duplicated)} doubled, ${count(counts.reclaimable)} seats to reclaim, ${count(counts.unscoped)} outside the rules`,
    ...parts.flat(),
    '',
    '  Whom KnowBe4 would archive once SCIM rules the account',
    `    if only people of the sources were sent: ${count(unlessCarried.length)}${unlessCarried.length === 0 ? '' : ` (${people(unlessCarried)})`}`,
    `    as it is done here, with everybody sent:  ${count(evenSo.length)}${evenSo.length === 0 ? '' : ` (${people(evenSo)})`}`,
  ]);
}

const listed = (all: readonly string[]): string =>
  [...all.slice(0, SHOWN), ...(all.length > SHOWN ? [`… ${count(all.length - SHOWN)} more`] : [])].join(', ');

function part(title: string, all: readonly string[]): readonly string[] {
  if (all.length === 0) return [];
  const more = all.length > SHOWN ? [`    … ${count(all.length - SHOWN)} more (--json has all)`] : [];
  return ['', `  ${title}: ${count(all.length)}`, ...all.slice(0, SHOWN).map((line) => `    ${line}`), ...more];
}

const verdicts = { changed_by_others: 'changed by somebody else', not_yet_applied: 'not applied yet' } as const;

export function driftText({ drifts, missing, compared, asOf }: DriftReport, now: number, width: number): string {
  const head = `${counted(compared, 'account or group', 'accounts and groups')} compared, as of ${fromNow(asOf, now) ?? 'never'}`;
  if (compared === 0 && missing.length === 0) return `${head}: nothing was written through Foreknow yet.\n`;
  if (drifts.length + missing.length === 0) return `${head}: all as it was written.\n`;
  const rows = [
    ...drifts.map(({ person, group, what, wanted, written, found, verdict }) => ({
      ...{ who: person === null ? (group?.name ?? '') : personWords(person), wanted, written, found, verdict },
      what: `${what.replaceAll('_', ' ')}${person !== null && group !== null ? ` of ${group.name}` : ''}`,
    })),
    ...missing.map(({ kind, name, verdict }) => ({
      ...{
        who: name,
        what: kind === 'user' ? 'account' : 'group',
        wanted: null,
        written: 'there',
        found: 'not there',
        verdict,
      },
    })),
  ];
  const shown = table(
    rows,
    [
      { title: 'who', value: ({ who }) => who, least: 14 },
      { title: 'what', value: ({ what }) => what },
      { title: 'written', value: ({ written }) => written },
      { title: 'found', value: ({ found }) => found },
      { title: 'wanted', value: ({ wanted }) => wanted, spare: true },
      { title: 'verdict', value: ({ verdict }) => verdicts[verdict] },
    ],
    width,
  );
  return `${head}\n\n${shown}`;
}

/** The five steps for everybody whom the word means. */
export const explanationText = ({ who, people }: Explanation): string =>
  people.length === 0
    ? `Nobody is known as ${clean(who)}: neither a source nor KnowBe4 has such an address, number, key or id.\n`
    : people.map(onePerson).join('\n');

function onePerson({ read, match, rules, differences, outcome }: ExplainedPerson): string {
  const { person } = read;
  const first = outcome.steps[0]?.person ?? outcome.items[0]?.person ?? match.account;
  const name = first?.name ?? person?.key ?? '';
  return lines([
    `${name}${person === null ? '' : `   ${person.key}`}`,
    ...step('1 read', [
      ...(person === null ? ['no source knows them'] : []),
      ...read.sources.map(({ name: source, state, shows, completeReadsWithout: without }) =>
        shows
          ? `${source} shows them (last read ${state})`
          : `${source} shows them no more (${counted(without, 'complete read')} without them)`,
      ),
      ...Object.entries(person?.attributes ?? {})
        .filter(([, value]) => value !== null && value.length > 0)
        .map(
          ([attribute, value]) => `${attribute} = ${[value].flat().join('; ')}${from(person?.from[attribute], read)}`,
        ),
    ]),
    ...step('2 match', [
      `${match.situation}${match.matchedOn === null ? '' : `, by ${match.matchedOn.replaceAll('_', ' ')}`}: ${accountWords(match)}`,
      ...(match.text === null || match.text === accountWords(match) ? [] : [match.text]),
    ]),
    ...step('3 rules', person === null ? ['none apply'] : ruleLines(rules)),
    ...step(
      '4 differs',
      differences.length === 0
        ? ['nothing']
        : differences.map(
            ({ name: field, from: was, to }) => `${field.replaceAll('_', ' ')}: ${was ?? '–'} → ${to ?? '–'}`,
          ),
    ),
    ...step('5 outcome', outcomeLines(outcome)),
  ]);
}

/** Where a value comes from, where there are several places. */
const from = (source: string | undefined, { sources }: ExplainedPerson['read']): string =>
  source === undefined || sources.length < 2 ? '' : `   (${source})`;

const accountWords = ({ account, status }: ExplainedPerson['match']): string =>
  account === null ? 'no account' : `account ${personWords(account)}${status === null ? '' : `, ${status}`}`;

const ruleLines = ({ inScope, traces, groups, problems }: ExplainedPerson['rules']): readonly string[] => [
  inScope ? 'in scope' : 'out of scope: kept as they are',
  ...traces.map(
    ({ rule, holds, because }) =>
      `${holds ? '✓' : '✗'} ${rule}${because.length === 0 ? '' : `  (${because.map((one) => `${one.holds ? '' : 'not '}${one.test}${one.value === null ? '' : `: ${one.value}`}`).join('; ')})`}`,
  ),
  ...(groups.length === 0 ? [] : [`groups: ${groups.join(', ')}`]),
  ...problems.map((problem) => `problem: ${problem}`),
];

function outcomeLines({ steps, items, guards }: ExplainedPerson['outcome']): readonly string[] {
  const told = new Set<string>();
  const said = [
    ...steps.flatMap(({ action, group, effects, approval, cannot }) => [
      `${action.replaceAll('_', ' ')}${group === null ? '' : ` ${group.name}`}${approval.needed === 0 ? '' : `, needs ${approval.needed === 1 ? 'one person' : 'two people'}`}`,
      // The same that several steps bring is told once.
      ...effects
        .map(({ certainty, text }) => `  KnowBe4 ${certainty === 'certain' ? 'then' : 'perhaps'}: ${text}`)
        .filter((words) => !told.has(words) && told.add(words)),
      ...cannot.map((words) => `  cannot: ${words}`),
    ]),
    ...items.map(({ kind, reason, text }) => `${kind}${reason === kind ? '' : ` (${reason})`}: ${text}`),
  ];
  return [
    ...(said.length === 0 ? ['nothing to do'] : said),
    ...guards.map(({ name, state, text }) => `guard ${name} ${state}: ${text}`),
  ];
}

/** A heading with its lines beside it. */
const step = (title: string, all: readonly string[]): readonly string[] =>
  all.map((line, at) => `  ${(at === 0 ? title : '').padEnd(11)}${line}`);

export function conflictTable(items: readonly WorkItem[], width: number): string {
  if (items.length === 0) return 'No conflict waits for a decision.\n';
  return table(
    items,
    [
      { title: 'conflict', value: ({ id }) => id },
      { title: 'kind', value: ({ kind }) => kind },
      { title: 'who', value: whoOf, least: 20 },
      {
        title: 'state',
        value: ({ state, decision }) => (decision === null ? state : `${decision.choice}, ${decision.by}`),
      },
      { title: 'since', value: ({ openedAt }) => moment(openedAt), least: 20, spare: true },
    ],
    width,
  );
}

/** Those whose records meet, by name. */
function whoOf({ about, records }: WorkItem): string {
  const names = records.map(({ name, email }) => valueWords(name) ?? valueWords(email));
  return [...new Set(names.filter((name) => name !== null))].join(', ') || about;
}

/** A conflict with both records side by side. */
export function conflictText({ id, kind, about, records, decision }: WorkItem, width: number): string {
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const columns = records.map((record, at) => ({
    title: `record ${at + 1}`,
    value: (name: string) => valueWords(record[name]),
    least: 12,
  }));
  const decided =
    decision === null
      ? `decide it: foreknow conflicts decide ${id} --choice ${kind === 'join' ? 'ignore' : 'link|create|ignore|keep_apart'}\n`
      : `${decision.choice}${decision.userId === null ? '' : ` ${decision.userId}`}, ${decision.by} ${moment(decision.at)}${decision.reason === null ? '' : `: ${decision.reason}`}\n`;
  return `${clean(`${id}   ${kind}   ${about}`)}\n\n${table(names, [{ title: '', value: (name) => name, least: 12 }, ...columns], width)}\n${decided}`;
}

const valueWords = (value: unknown): string | null => {
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0))
    return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
