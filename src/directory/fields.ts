import { ForeknowError } from '../errors/errors.ts';
import type { Condition } from './ports.ts';

/** A value of a query: text from an address, or what JSON has. Nested objects are brackets: `created_at[gt]=…`. */
type QueryValue = unknown;

type FieldKind = 'text' | 'number' | 'instant';

type Operator = keyof Condition<unknown>;
const operators: Readonly<Record<FieldKind, readonly Operator[]>> = {
  text: ['eq', 'in', 'like'],
  number: ['eq', 'in', 'gt', 'gte', 'lt', 'lte'],
  instant: ['eq', 'in', 'gt', 'gte', 'lt', 'lte'],
};

/**
 * Reads one field: `value`, `{op: value}`, or a list of values (which means `in`).
 * @throws ForeknowError `invalid_request` naming the field
 */
export function readCondition(name: string, kind: FieldKind, value: QueryValue): Condition<string | number> {
  if (Array.isArray(value)) return { in: value.map((item) => readValue(name, kind, item)) };
  if (typeof value !== 'object' || value === null) return { eq: readValue(name, kind, value) };
  const entries = Object.entries(value);
  if (entries.length === 0) throw invalid(name, 'has no value');
  if (entries.every(([key]) => /^\d+$/.test(key))) {
    return { in: entries.map(([, item]) => readValue(name, kind, item)) };
  }
  // In a fixed order, so that equal conditions read equal however they were written.
  const inOrder = entries.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(inOrder.map(([operator, item]) => [operator, readOperand(name, kind, operator, item)]));
}

function readOperand(name: string, kind: FieldKind, operator: string, value: QueryValue) {
  const known = operators[kind];
  if (!(known as readonly string[]).includes(operator)) {
    throw invalid(
      `${name}[${operator}]`,
      'is not an operator of this field',
      `${didYouMean(operator, known)} Operators of ${name}: ${known.join(', ')}.`.trim(),
    );
  }
  if (operator !== 'in') return readValue(`${name}[${operator}]`, kind, value);
  return listOf(`${name}[in]`, value).map((item) => readValue(`${name}[in]`, kind, item));
}

/** A list as `x[]=a&x[]=b`, as `x[0]=a&x[1]=b`, or as `x=a,b`. */
export function listOf(name: string, value: QueryValue): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return value === '' ? [] : value.split(',');
  if (typeof value === 'number' || typeof value === 'boolean') return [value];
  if (typeof value === 'object' && value !== null) return Object.values(value);
  throw invalid(name, 'must be a list of values');
}

function readValue(name: string, kind: FieldKind, value: QueryValue): string | number {
  if (kind === 'number') return readNumber(name, value);
  if (kind === 'instant') return readInstant(name, value);
  return readText(name, value);
}

export function readText(name: string, value: QueryValue): string {
  if (typeof value === 'string') {
    // Databases cannot hold it; nothing that was ever stored matches.
    if (value.includes('\0')) throw invalid(name, 'holds a zero character');
    return value;
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw invalid(name, 'must be one value');
}

function readNumber(name: string, value: QueryValue): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw invalid(name, 'must be a number');
}

export function readBoolean(name: string, value: QueryValue): boolean {
  const word = String(value).toLowerCase();
  if (word === 'true' || word === '1') return true;
  if (word === 'false' || word === '0') return false;
  throw invalid(name, 'must be true or false');
}

const instantForm = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** `2026-03-02`, `2026-03-02T09:15:00Z`, with an offset, or with a space; without a zone it is UTC. */
function readInstant(name: string, value: QueryValue): string {
  const text = typeof value === 'string' ? value.trim() : '';
  const found = instantForm.exec(text);
  if (found !== null) {
    const hasZone = found[1] === undefined || found[4] !== undefined;
    const time = Date.parse(`${text.replace(' ', 'T').toUpperCase()}${hasZone ? '' : 'Z'}`);
    if (!Number.isNaN(time)) return new Date(time).toISOString();
  }
  throw invalid(name, 'must be a time', 'Write it as 2026-03-02 or 2026-03-02T09:15:00Z.');
}

export const invalid = (field: string, reason: string, hint?: string): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: `${field} ${reason}.`,
    field,
    ...(hint === undefined ? {} : { hint }),
  });

/** An unknown name, with the nearest right one. */
export const unknownName = (field: string, what: string, name: string, known: readonly string[]): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: `${/^[\w.:-]+$/.test(name) ? name : JSON.stringify(name)} is not a ${what} here.`,
    hint: `${didYouMean(name, known)} There are: ${known.join(', ')}.`.trim(),
    field,
  });

function didYouMean(name: string, known: readonly string[]): string {
  const [nearest, distance] = known
    .map((candidate) => [candidate, editDistance(name.toLowerCase(), candidate)] as const)
    .reduce((best, next) => (next[1] < best[1] ? next : best), ['', Number.POSITIVE_INFINITY] as readonly [
      string,
      number,
    ]);
  return distance <= Math.max(2, name.length / 2) ? `Did you mean ${nearest}?` : '';
}

/** Levenshtein; names longer than 40 characters are cut. */
function editDistance(left: string, right: string): number {
  const [a, b] = [left.slice(0, 40), right.slice(0, 40)];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
