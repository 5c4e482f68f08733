import type { SourceView } from '../../gateway/sources.ts';
import type { ReadRecord } from '../../sources/ports.ts';
import type { SourceCheck } from '../../sources/source.ts';
import { table } from './table.ts';
import { count, counted, moment } from './words.ts';

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export const sourceTable = (sources: readonly SourceView[], width: number): string =>
  sources.length === 0
    ? 'No sources. They stand in the configuration file, under sources.\n'
    : table(
        sources,
        [
          { title: 'name', value: ({ name }) => name, least: 12 },
          { title: 'kind', value: ({ kind }) => kind },
          { title: 'people', value: ({ known }) => count(known.people), align: 'right' },
          { title: 'absent', value: ({ known }) => count(known.absent), align: 'right' },
          { title: 'last read', value: ({ lastRead }) => moment(lastRead?.startedAt ?? null) ?? 'never' },
          { title: 'it is', value: ({ lastRead }) => (lastRead === null ? '' : stateWords(lastRead)), least: 12 },
          { title: 'waits', value: ({ waiting }) => waiting?.id ?? '' },
        ],
        width,
      );

export const readTable = (reads: readonly ReadRecord[], width: number): string =>
  reads.length === 0
    ? 'No reads.\n'
    : table(
        reads,
        [
          { title: 'id', value: ({ id }) => id, least: 19 },
          { title: 'source', value: ({ source }) => source },
          { title: 'when', value: ({ startedAt }) => moment(startedAt) },
          { title: 'people', value: ({ people }) => count(people), align: 'right' },
          { title: 'it is', value: stateWords, least: 12 },
          { title: 'proof', value: ({ proof }) => proof?.words ?? '', least: 12 },
        ],
        width,
      );

/** `kept, complete` */
function stateWords({ state, proof }: ReadRecord): string {
  if (state === 'kept' || state === 'accepted') return `${state}, ${proof?.state ?? ''}`;
  return state;
}

/** A read whole: what it showed, what proves it, what looks wrong, how far attributes are filled. */
export function readText(read: ReadRecord, width: number): string {
  const { proof, error, findings, approvals } = read;
  const lines = [
    `${read.id}   ${read.source}   ${stateWords(read)}   ${moment(read.startedAt)}   by ${read.by}`,
    `  ${counted(read.people, 'person', 'people')}: ${count(read.added)} new, ${count(read.changed)} changed, ${count(read.gone)} not shown any more${read.doubled === 0 ? '' : `, ${count(read.doubled)} shown twice with other values (theirs stay as they were)`}`,
    ...(proof === null ? [] : [`  ${proof.state}: ${proof.words}`]),
    ...(error === null ? [] : [`  ${error.code}: ${error.detail}${error.hint === null ? '' : `\n  ${error.hint}`}`]),
    ...findings.map(({ guard, words }) => `  ! ${guard}: ${words}`),
    ...approvals.map(({ name, at }) => `  accepted by ${name}, ${moment(at)}`),
  ];
  if (read.state === 'quarantined') {
    lines.push(
      `  Nothing of it is used until two people accept it (digest ${read.digest ?? ''}).`,
      '  What was known before stays.',
    );
  }
  return `${lines.join('\n')}\n${read.coverage.length === 0 ? '' : `\n${coverageTable(read, width)}`}`;
}

const coverageTable = ({ coverage }: ReadRecord, width: number): string =>
  table(
    coverage,
    [
      { title: 'attribute', value: ({ attribute }) => attribute, least: 12 },
      { title: 'filled', value: ({ share }) => percent(share), align: 'right' },
      { title: 'before', value: ({ before }) => (before === null ? '' : percent(before)), align: 'right' },
      { title: 'newly blank', value: ({ newlyBlank }) => count(newlyBlank), align: 'right' },
      { title: 'changed', value: ({ changed }) => count(changed), align: 'right' },
    ],
    width,
  );

/** What was reached, and what headings are taken for. */
export function checkText({ ok, words, columns }: SourceCheck, width: number): string {
  const said = [ok ? 'It can be read.' : 'It cannot be read as it is set up.', ...words].join('\n');
  if (columns === undefined) return `${said}\n`;
  const mapped = table(
    columns,
    [
      { title: 'heading', value: ({ heading }) => heading, least: 12 },
      { title: 'is kept as', value: ({ attribute }) => attribute ?? '–' },
      { title: 'likely', value: ({ suggested }) => suggested ?? '' },
      { title: 'filled', value: ({ filled }) => percent(filled), align: 'right' },
    ],
    width,
  );
  return `${said}\n\n${mapped}`;
}

/** A few people as they would be known. */
export function sampleText({ sample, words }: SourceCheck): string {
  if (sample.length === 0) return `Nobody to show.\n${words.join('\n')}\n`;
  return sample
    .map(({ sourceId, attributes, groups, active }) => {
      const lines = Object.entries(attributes).map(([name, value]) => `  ${name}: ${shown(value)}`);
      const memberships = groups.length === 0 ? [] : [`  groups: ${groups.join('; ')}`];
      return `${[`${sourceId}${active ? '' : '   not active'}`, ...lines, ...memberships].join('\n')}\n`;
    })
    .join('\n');
}

const shown = (value: string | readonly string[] | null): string => {
  if (value === null) return '–';
  return typeof value === 'string' ? value : value.join('; ');
};
