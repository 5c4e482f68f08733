import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clean, cut, widthOf } from './cell.ts';
import { facts, table } from './table.ts';

type Row = { name: string; seats: number | null };
const columns = [
  { title: 'name', value: (row: Row) => row.name, least: 6 },
  { title: 'seats', value: (row: Row) => row.seats, align: 'right' as const },
];
const rows = [
  { name: 'acme', seats: 25 },
  { name: 'a company with a long name', seats: null },
];

test('columns stand under their titles, numbers to the right, nothing as a dash', () => {
  expect(table(rows, columns, Number.POSITIVE_INFINITY)).toBe(
    [
      'NAME                        SEATS',
      'acme                           25',
      'a company with a long name      –',
      '',
    ].join('\n'),
  );
});

test('the widest column is cut to the terminal', () => {
  expect(table(rows, columns, 20)).toBe(
    ['NAME           SEATS', 'acme              25', 'a company wi…      –', ''].join('\n'),
  );
});

test('figures are never cut: where all columns do not fit, a spare one goes', () => {
  const columns = [
    { title: 'name', value: () => 'Bartholomew Longname' },
    { title: 'state', value: () => 'active', spare: true },
    { title: 'failed', value: () => 123_456, align: 'right' as const },
  ];
  expect(table([{}], columns, 24)).toBe('NAME      STATE   FAILED\nBarthol…  active  123456\n');
  expect(table([{}], columns, 23)).toBe('NAME             FAILED\nBartholomew Lo…  123456\n');
});

test('no line is wider than the terminal, whatever is in the cells and however narrow it is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ name: fc.string({ unit: 'grapheme' }), seats: fc.option(fc.integer()) }), { maxLength: 5 }),
      fc.integer({ min: 1, max: 60 }),
      (some, width) => {
        for (const line of table(some, columns, width).split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width);
      },
    ),
  );
});

test('escape sequences and marks of direction in a name do not reach the terminal', () => {
  expect(clean('Mara\u001b[2J\u0007 \u202eevil')).toBe('Mara [2J  evil');
  expect(table([{ name: 'x\u001b]0;t\u0007y', seats: 1 }], columns, 80)).not.toContain('\u001b');
});

test('wide scripts count two columns', () => {
  expect(widthOf('田中')).toBe(4);
  expect(cut('田中太郎', 5)).toBe('田中…');
});

test('facts without a value are left out', () => {
  expect(
    facts([
      ['name', 'acme'],
      ['tenant', null],
      ['seats', 25],
    ]),
  ).toBe('name   acme\nseats  25\n');
});
