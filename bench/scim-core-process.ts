/** The SCIM core alone, each against the least that the same work can cost. Prints milliseconds of processor time, medians of rounds in turns. */
import { parseFilter } from '../src/scim/filter.ts';
import { compileFilter } from '../src/scim/match-filter.ts';
import { applyPatch } from '../src/scim/patch.ts';
import { profiles } from '../src/scim/profile.ts';
import { groupType, userType } from '../src/scim/schema.ts';
import { median, round } from './parts.ts';

const ROUNDS = 7;

function timed(work: () => void): number {
  const began = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(began);
  return (user + system) / 1000;
}

/** Both in turns, so that what else the machine does meets both. */
function against(ours: () => void, bare: () => void) {
  const rounds = Array.from({ length: ROUNDS }, () => [timed(ours), timed(bare)] as const);
  const [ms, bare_ms] = [median(rounds.map(([one]) => one)), median(rounds.map(([, one]) => one))];
  return { ms: round(ms), bare_ms: round(bare_ms), ratio: round(ms / bare_ms) };
}

const user = {
  userName: 'person-7@example.com',
  active: true,
  emails: [{ type: 'work', value: 'person-7@example.com' }],
};
const filters = Array.from(
  { length: 20_000 },
  (_, index) => `userName eq "person-${index}@example.com" and (active eq true or emails[type eq "work"])`,
);
const texts = filters.map((filter) => JSON.stringify({ filter, active: true }));

const members = Array.from({ length: 20_000 }, (_, index) => ({ value: `00u-${String(index).padStart(12, '0')}` }));
const group = { schemas: [groupType.schema.id], displayName: 'Everybody', members };
const some = members.slice(9_000, 10_000);
const ids = new Set(some.map(({ value }) => value));
const removals = { Operations: some.map(({ value }) => ({ op: 'remove', path: `members[value eq "${value}"]` })) };
const additions = { Operations: [{ op: 'add', path: 'members', value: some }] };
const smaller = { ...group, members: members.filter(({ value }) => !ids.has(value)) };
const copy = JSON.stringify(group);

console.log(
  JSON.stringify({
    /** Read, made into a question and asked once, against `JSON.parse` of texts of the same length. */
    filters_20000: against(
      () => {
        for (const text of filters) compileFilter(userType, parseFilter(text), profiles.entra)(user);
      },
      () => {
        for (const text of texts) JSON.parse(text);
      },
    ),
    /** Against reading and writing the group as JSON once. */
    patch_remove_1000_of_20000: against(
      () => void applyPatch(groupType, group, removals, profiles.entra),
      () => void JSON.stringify(JSON.parse(copy)),
    ),
    patch_add_1000_to_19000: against(
      () => void applyPatch(groupType, smaller, additions, profiles.entra),
      () => void JSON.stringify(JSON.parse(copy)),
    ),
  }),
);
process.exit(0);
