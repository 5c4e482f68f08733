import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isForeknowError } from '../../errors/errors.ts';
import { type CsvEncoding, csvEncodings } from '../../model/csv-encoding.ts';
import { csvSource } from './csv-source.ts';
import { inFolder } from './folder.ts';
import type { CsvOptions } from './options.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-csv-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;

const sourceOf = (content: string | Uint8Array, options: Partial<CsvOptions> = {}) => {
  writeFileSync(join(folder, 'people.csv'), content);
  const place = { path: join(folder, 'people.csv'), beside: [], settleMs: 0 };
  const clock = { now: () => new Date(), sleep: async () => undefined };
  return csvSource({ name: 'hr', id: 'id', ...options }, inFolder(place, clock));
};

/** Ids and names; how it ended, where it did not end well. */
async function read(content: string | Uint8Array, options: Partial<CsvOptions> = {}) {
  const seen: unknown[] = [];
  try {
    const { people, done } = await sourceOf(content, options).read({ keep: new Set(['id', 'name']), signal });
    for await (const { sourceId, attributes } of people) seen.push([sourceId, attributes.name]);
    expect((await done()).state).not.toBe('incomplete');
    return seen;
  } catch (error) {
    if (!isForeknowError(error)) throw error;
    return error.detail;
  }
}

const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');
const ann = [['1', 'Ann']];

describe('files as they come', () => {
  test.each<[string, string | Buffer]>([
    ['UTF-16 with semicolons, as Excel writes Unicode text', utf16('id;name\r\n1;Ann\r\n')],
    ['UTF-16, the other byte first', utf16('id,name\r\n1,Ann\r\n').swap16()],
    ['a byte order mark before headings in quotes', '\ufeff"id","name"\r\n"1","Ann"\r\n'],
    ['two of them, and one between files that were put together', '\ufeff\ufeff"id"\t"name"\n\ufeff"1"\t"Ann"\n'],
    ['Excel’s line that names the separator', 'sep=;\r\nid;name\r\n1;Ann\r\n'],
    ['the same in capitals', 'SEP=;\r\nid;name\r\n1;Ann\r\n'],
    ['the same in quotes, after a byte order mark', '\ufeff"sep=;"\nid;name\n1;Ann\n'],
    ['the same with the line ends of old Macs', 'sep=;\rid;name\r1;Ann\r'],
    ['the same in UTF-16', utf16('sep=\t\r\nid\tname\r\n1\tAnn\r\n')],
    ['blanks around values in quotes', 'id, name\n"1" , "Ann" \n'],
    ['empty columns at the end, in some rows', 'id,name,,\n1,Ann\n'],
    ['empty columns at the end, in all rows', 'id,name,,\n1,Ann,,\n'],
    ['empty cells at the end, without headings', 'id,name\n1,Ann,,,\n'],
    ['rows without anything', '\n,\nid,name\n\n1,Ann\n,\n'],
    ['the end of a file as old systems write it', 'id,name\r\n1,Ann\r\n\u001a'],
    ['two headings that nobody needs and that differ by their case', 'id,Notes,notes,name\n1,a,b,Ann\n'],
  ])('%s', async (_, content) => {
    expect(await read(content)).toEqual(ann);
  });

  test('values over several lines, with separators and quotes', async () => {
    expect(await read('id,name\n1,"Ann, ""A""\r\nB"\n2,\n3,Bo\n')).toEqual([
      ['1', 'Ann, "A"\r\nB'],
      ['2', null],
      ['3', 'Bo'],
    ]);
  });

  test('a heading is found whatever its blanks, its letter case, and what nobody sees', async () => {
    for (const heading of ['Full Name', 'full\u00a0name', '"Full\nName"', 'FULL  NAME', '\u200bFull Name\u00ad']) {
      expect(await read(`id,${heading}\n1,Ann\n`, { columns: { id: 'id', name: 'Full Name' } }), heading).toEqual(ann);
    }
  });

  test('accents of headings go in their own names', async () => {
    const { columns } = await sourceOf('id,Prénom d’usage\n1,Ann\n').test(signal);
    expect(columns?.[1]?.attribute).toBe('prenom_d_usage');
  });
});

test.each<[string, Buffer, string]>([
  ['an Excel workbook', Buffer.from('PK\u0003\u0004 id,name'), 'an Excel workbook, or another archive'],
  ['an old one', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), 'an old Excel workbook'],
  ['a page to sign in', Buffer.from('\ufeff\n<!DOCTYPE html><p>Sign in'), 'a web page or XML'],
  ['a packed file', Buffer.from([0x1f, 0x8b, 8, 0]), 'packed with gzip'],
])('what is no table is told by its name: %s', async (_, content, words) => {
  expect(await read(content)).toBe(`The file is ${words}, not a table in text.`);
});

test('a quote where none may stand is told by a test beside what the file looks like', async () => {
  const check = await sourceOf('id;name\n1;Joe "JJ" Smith\n').test(signal);
  expect(check.ok).toBe(false);
  expect(check.words[0]).toMatch(/utf-8, separated by semicolons$/);
  expect(check.words.at(-1)).toBe('In line 2, column 2 stands a quote within a value.');
});

const bytes: Partial<Record<CsvEncoding, readonly [name: string, ...codes: number[]]>> = {
  'windows-1250': ['Łucja', 0xa3, 0x75, 0x63, 0x6a, 0x61],
  'windows-1251': ['Яна', 0xdf, 0xed, 0xe0],
  'iso-8859-1': ['Zoë', 0x5a, 0x6f, 0xeb],
  'iso-8859-2': ['Łucja', 0xa3, 0x75, 0x63, 0x6a, 0x61],
  'iso-8859-15': ['Œ€', 0xbc, 0xa4],
  macintosh: ['Zoë', 0x5a, 0x6f, 0x91],
  shift_jis: ['山表', 0x8e, 0x52, 0x95, 0x5c],
  'euc-kr': ['김', 0xb1, 0xe8],
  big5: ['許', 0xb3, 0x5c],
  gb18030: ['张', 0xd5, 0xc5],
};

test('other encodings are read where they are said, also with bytes that look like a separator', async () => {
  expect(csvEncodings.slice(4)).toEqual(Object.keys(bytes));
  for (const [encoding, [name, ...codes]] of Object.entries(bytes)) {
    const file = Buffer.concat([Buffer.from('id|name\n1|'), Buffer.from(codes), Buffer.from('\n')]);
    expect(await read(file, { encoding: encoding as CsvEncoding }), encoding).toEqual([['1', name]]);
  }
});
