import { attributeTexts, type Facts, fieldOf } from './facts.ts';
import { fold } from './fold.ts';

/** Attributes by which somebody may be meant as another's manager. */
export const callingAttributes = [
  ...['distinguishedName', 'dn', 'employee_number', 'employeeNumber', 'employeeID', 'mail', 'email'],
  ...['userPrincipalName', 'uid'],
];

/** Everybody, found by DN, employee number, address or the source's id. */
export type Company = {
  /** By a text that `callName` made. `many` when two people are called so: then nobody is meant. */
  called(called: string): Facts | 'many' | null;
  /** The same by any text. */
  find(text: string): Facts | 'many' | null;
  /** Those whom a person reports to, nearest first, at most 100. It ends before somebody would come twice. */
  chainOf(facts: Facts): readonly Facts[];
};

/** @param managerOf the text that names a person's manager */
export function createCompany(everybody: readonly Facts[], managerOf: (facts: Facts) => string | null): Company {
  const found = new Map<string, Facts | 'many'>();
  for (const facts of everybody) {
    for (const name of namesOf(facts)) {
      const other = found.get(name);
      found.set(name, other === undefined || other === facts ? facts : 'many');
    }
  }
  const called = (name: string): Facts | 'many' | null => found.get(name) ?? null;
  const find = (text: string): Facts | 'many' | null => called(callName(text));
  return {
    called,
    find,
    chainOf(facts) {
      facts.chain ??= climb(facts, (one) => {
        const manager = managerOf(one);
        const leader = manager === null ? null : find(manager);
        return leader === 'many' ? null : leader;
      });
      return facts.chain;
    },
  };
}

/** Nobody, for rules that ask for nobody else. */
export const noCompany: Company = { called: () => null, find: () => null, chainOf: () => [] };

/** No company has more levels: what goes on is a mistake of the source, and would be kept for everybody. */
const MOST_LEVELS = 100;

function climb(facts: Facts, leaderOf: (facts: Facts) => Facts | null): readonly Facts[] {
  const met = new Set([facts]);
  const chain: Facts[] = [];
  for (
    let leader = leaderOf(facts);
    leader !== null && !met.has(leader) && chain.length < MOST_LEVELS;
    leader = leaderOf(leader)
  ) {
    met.add(leader);
    chain.push(leader);
  }
  return chain;
}

function namesOf(facts: Facts): readonly string[] {
  const { person, fields } = facts;
  const mapped = (['employee_number', 'email'] as const).flatMap((name) => fieldOf(fields, name) ?? []);
  const attributes = callingAttributes.flatMap((name) => attributeTexts(person, name));
  const ids = person.refs.map(({ sourceId }) => sourceId);
  return [...new Set([...mapped, ...attributes, ...ids].map(callName))];
}

/** How a text that names somebody is compared. DNs are the same whatever blanks stand around their commas. */
export function callName(text: string): string {
  const folded = fold(text);
  if (!folded.includes('=') || !folded.includes(',')) return folded;
  return folded
    .split(',')
    .map((part) => part.trim())
    .join(',');
}
