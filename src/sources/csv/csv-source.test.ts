import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ForeknowError, isForeknowError } from '../../errors/errors.ts';
import type { SourcePerson } from '../../model/source-person.ts';
import type { Proof } from '../source.ts';
import { csvSource } from './csv-source.ts';
import { inFolder } from './folder.ts';
import type { CsvOptions } from './options.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-csv-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const HOUR = 3_600_000;
const signal = new AbortController().signal;
/** Files of the tests are not new. */
const clock = { now: () => new Date(Date.now() + HOUR), sleep: async () => undefined };

const put = (content: string | Uint8Array, name = 'people.csv', minute = 0): void => {
  writeFileSync(join(folder, name), content);
  const time = new Date(1_780_000_000_000 + minute * 60_000);
  utimesSync(join(folder, name), time, time);
};

type Told = { readonly people: readonly SourcePerson[]; readonly proof: Proof };

const sourceOf = (options: Partial<CsvOptions> = {}, path = 'people.csv', beside: readonly string[] = []) =>
  csvSource(
    { name: 'hr', id: 'id', ...options },
    inFolder({ path: join(folder, path), beside, settleMs: 10_000 }, clock),
  );

async function read(options: Partial<CsvOptions> = {}, keep?: readonly string[], path?: string): Promise<Told> {
  const { rowsFile, digestFile } = options.completeWhen ?? {};
  const source = sourceOf(
    options,
    path,
    [rowsFile, digestFile].filter((one) => one !== undefined),
  );
  const names = keep ?? Object.keys(options.columns ?? { id: 1, name: 1, mail: 1, title: 1, aliases: 1 });
  const { people, done } = await source.read({ keep: new Set(names), signal });
  const seen: SourcePerson[] = [];
  try {
    for await (const person of people) seen.push(person);
  } catch (error) {
    if (!isForeknowError(error)) throw error;
  }
  return { people: seen, proof: await done() };
}

const refusal = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (!isForeknowError(error)) throw error;
    return `${error.code}: ${error.detail}`;
  }
  throw new Error('nothing was refused');
};

test('rows become people: trimmed, empty is nothing, in the names of the mapping, only what is kept', async () => {
  put('Emp ID,Given name,E-mail,Salary\n 7 , Ada ,ada@example.com,9\n8,"Kato, Ben",,8\n');
  const columns = { id: 'emp id', first_name: 'Given name', email: 'E-mail', pay: 'Salary' };
  const { people, proof } = await read({ columns }, ['id', 'first_name', 'email']);
  expect(people).toEqual([
    { sourceId: '7', attributes: { id: '7', first_name: 'Ada', email: 'ada@example.com' }, groups: [], active: true },
    { sourceId: '8', attributes: { id: '8', first_name: 'Kato, Ben', email: null }, groups: [], active: true },
  ]);
  expect(proof).toMatchObject({ state: 'unproven', words: '2 rows; nothing says that these are all (complete_when)' });
});

test('without a mapping headings are names, made writable where they are not', async () => {
  put('id;Job Title;givenName;Straße Nr.\n1;Clerk;Ada;4\n');
  const { people } = await read({}, ['job_title', 'givenName', 'stra_e_nr']);
  expect(people[0]!.attributes).toEqual({ job_title: 'Clerk', givenName: 'Ada', stra_e_nr: '4' });
});

test.each([
  ['commas', 'id,name\n1,Ada\n'],
  ['semicolons', 'id;name\r\n1;Ada\r\n'],
  ['tabs', 'id\tname\n1\tAda\n'],
  ['bars', 'id|name\r1|Ada\r'],
  ['Excel’s own word for it', 'sep=;\r\nid;name\r\n1;Ada\r\n'],
  ['quotes around separators', '"id","name, or; so"\n1,Ada\n'],
  ['lines that end in two ways', 'id,name\r\n1,Ada\n'],
  ['empty lines and rows', '\nid,name\n\n,\n1,Ada\n\n'],
])('separators are found: %s', async (_, text) => {
  put(text);
  const { people } = await read({}, ['name', 'name_or_so']);
  expect(people).toHaveLength(1);
  expect(Object.values(people[0]!.attributes)).toEqual(['Ada']);
});

const written = 'id,name\n1,Jörg Šeča €\n2,Ada\n';
const utf16 = (text: string, isBig: boolean): Buffer => {
  const bytes = Buffer.from(text, 'utf16le');
  return isBig ? bytes.swap16() : bytes;
};

test.each<[string, Uint8Array]>([
  ['UTF-8', Buffer.from(written)],
  ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${written}`)],
  ['UTF-16LE with a mark', utf16(`\uFEFF${written}`, false)],
  ['UTF-16BE with a mark', utf16(`\uFEFF${written}`, true)],
  ['UTF-16LE without', utf16(written, false)],
  ['UTF-16BE without', utf16(written, true)],
])('encodings are found: %s', async (_, bytes) => {
  put(bytes);
  const { people } = await read();
  expect(people.map(({ attributes }) => attributes.name)).toEqual(['Jörg Šeča €', 'Ada']);
});

test('Windows-1252 is found where it cannot be UTF-8, and said where it could', async () => {
  put(
    Buffer.concat([
      Buffer.from('id,name\n1,J'),
      Buffer.from([0xf6]),
      Buffer.from('rg '),
      Buffer.from([0x80]),
      Buffer.from('\n'),
    ]),
  );
  expect((await read()).people[0]!.attributes.name).toBe('Jörg €');
  put(Buffer.concat([Buffer.from('id,name\n1,Jörg\n2,'), Buffer.from([0xe4]), Buffer.from('da\n')]));
  expect(await refusal(read())).toBe(
    'source_invalid: The file is neither UTF-8 nor Windows-1252 for certain: line 3 is not UTF-8, other lines are.',
  );
  expect((await read({ encoding: 'windows-1252' })).people[0]!.attributes.name).toBe('JÃ¶rg');
  expect(await refusal(read({ encoding: 'utf-8' }))).toBe('source_invalid: Line 3 is not valid UTF-8.');
});

test('several values in a cell, and groups', async () => {
  put('id,aliases,groups\n1,a@example.com| b@example.com|,Sales; All Staff;Sales\n2,,\n');
  const { people } = await read({ lists: { aliases: '|' } }, ['aliases']);
  expect(people).toEqual([
    {
      sourceId: '1',
      attributes: { aliases: ['a@example.com', 'b@example.com'] },
      groups: ['Sales', 'All Staff'],
      active: true,
    },
    { sourceId: '2', attributes: { aliases: null }, groups: [], active: true },
  ]);
});

test('who works here is said by a column; an empty cell makes nobody leave', async () => {
  put('id,Status\n1,Active\n2,LEFT\n3,\n4,parental leave\n');
  const active = async (rule: CsvOptions['active']) =>
    (await read({ active: rule }, [])).people.map((one) => one.active);
  expect(await active({ of: 'status', isNot: ['left'] })).toEqual([true, false, true, true]);
  expect(await active({ of: 'Status', is: ['active', 'parental leave'] })).toEqual([true, false, true, true]);
  expect(await active({ of: 'Status', is: ['active'] })).toEqual([true, false, true, false]);
});

test('a ragged row is told with its line and column, and the read is incomplete', async () => {
  const end = async (text: string) => {
    put(text);
    // A table that is wrong where it begins is refused before anybody is given out.
    const ended = await read().catch((error: unknown) => ({
      proof: { state: 'incomplete', words: (error as ForeknowError).detail },
    }));
    return ended.proof;
  };
  expect(await end('id,name,mail\n1,Ada,a@example.com\n2,Ben\n')).toMatchObject({
    state: 'incomplete',
    words: 'Line 3 ends after 2 of 3 values: column 3 ("mail") is missing.',
  });
  expect((await end('id,name\n1,"Ada\nB",x\n')).words).toBe(
    'Line 3 has a value in column 3, and there are 2 headings.',
  );
  expect((await end('id,name\n1,Ada,,\n')).state).toBe('unproven');
  expect((await end('id,name\n1,"Ada\n2,Ben\n')).words).toMatch(
    /^A quote that begins before line \d+.* is never closed/,
  );
  expect((await end('id,name\n1,Ada\n2,"B"en\n')).words).toMatch(/^In line 3.* stands a quote within a value\.$/);
  expect((await end('id,name\n1,A"da\n')).words).toMatch(/line 2.* stands a quote within a value/);
});

test('missing and double headings are told, with the nearest that are there', async () => {
  put('Emp ID,Mail,Dept,Dept\n1,a@example.com,x,y\n');
  expect(await refusal(read({ columns: { id: 'EmpID' } }))).toBe(
    'source_invalid: There is no column "EmpID"; did you mean "Emp ID"?',
  );
  expect(await refusal(read({ columns: { id: 'Emp ID', department: 'dept' } }))).toBe(
    'source_invalid: The heading "dept" stands in the columns 3 and 4.',
  );
  expect((await read({ columns: { id: 'Emp ID', email: 'mail' } })).people).toHaveLength(1);
  expect(await refusal(read({ id: 'number', columns: { email: 'Mail' } }))).toMatch(/There is no column "number"/);
});

test('an empty file is refused, one with headings alone shows nobody', async () => {
  put('');
  expect(await refusal(read())).toBe('source_invalid: The file is empty: it has not even headings.');
  put('\n\n');
  expect(await refusal(read())).toBe('source_invalid: The file has no headings.');
  put('id,name\n#END rows=0\n');
  expect(await read({ completeWhen: { trailer: '#END rows={rows}' } })).toMatchObject({
    people: [],
    proof: { state: 'complete' },
  });
});

test('a trailer proves the file, its number against the rows', async () => {
  const completeWhen = { trailer: '#END rows={rows} of {any}' };
  const end = async (text: string) => {
    put(text);
    const { proof, people } = await read({ completeWhen });
    return [proof.state, proof.words, people.length];
  };
  const whole = 'id,name\n1,Ada\n2,Ben\n';
  expect(await end(`${whole}#END rows=2 of 21 Nov\n`)).toEqual([
    'complete',
    'the trailer says 2 rows, and so many are there',
    2,
  ]);
  expect(await end(`${whole}#END rows=2 of 21 Nov`)).toContain('complete');
  expect(await end(`${whole}#END rows=3 of 21 Nov\n`)).toEqual([
    'incomplete',
    'the trailer says 3 rows, 2 are there',
    2,
  ]);
  expect((await end(whole))[0]).toBe('incomplete');
  expect((await end(`${whole}#END rows=2 of x\n3,Cid\n`))[1]).toBe('Line 5 stands after the trailer.');
  put('id;name\n1;Ada\n#END rows=1;;\n');
  expect((await read({ completeWhen: { trailer: '#END rows={rows}' } })).proof.state).toBe('complete');
});

test('a number of rows or a digest beside the file proves it', async () => {
  const text = 'id,name\n1,Ada\n2,Ben\n';
  put(text, 'people_1.csv');
  const rows = { completeWhen: { rowsFile: '{file}.rows' } };
  const digest = { completeWhen: { digestFile: '{file}.sha256' } };
  const state = async (options: Partial<CsvOptions>, pattern = 'people_*.csv') =>
    (await read(options, [], pattern)).proof.state;
  expect([await state(rows), await state(digest)]).toEqual(['incomplete', 'incomplete']);
  put('2\n', 'people_1.csv.rows', 5);
  expect(await state(rows, 'people_*')).toBe('complete');
  put('3', 'people_1.csv.rows', 5);
  expect(await state(rows)).toBe('incomplete');
  put(`${createHash('sha256').update(text).digest('hex').toUpperCase()}  people_1.csv\n`, 'people_1.csv.sha256', 6);
  expect(await state(digest)).toBe('complete');
  put(`${'0'.repeat(64)}  people_1.csv\n`, 'people_1.csv.sha256', 6);
  expect(await state(digest)).toBe('incomplete');
});

test('a column that says how many rows there are proves it', async () => {
  const options = { completeWhen: { rowCountColumn: 'Total' } };
  put('id,total\n1,2\n2,2\n');
  expect((await read(options)).proof.state).toBe('complete');
  put('id,total\n1,3\n2,3\n');
  expect((await read(options)).proof.state).toBe('incomplete');
  put('id,total\n1,2\n2,3\n');
  expect((await read(options)).proof.words).toBe('Line 3 says another number of rows than those before it.');
});

test('rows without an id take the proof away: who is in them is not known', async () => {
  put('id,name\n1,Ada\n,Ben\n3,Cid\n#END rows=3\n');
  const { people, proof } = await read({ completeWhen: { trailer: '#END rows={rows}' } });
  expect(people.map(({ sourceId }) => sourceId)).toEqual(['1', '3']);
  expect(proof).toMatchObject({
    state: 'unproven',
    words: '1 of 3 rows have no id (lines 3): who is in them is not known, so nobody counts as absent',
  });
});

test('a last line without an end is left out where nothing proves it, and said to be', async () => {
  put('id,name\n1,Ada\n2,Be');
  const cut = await read();
  expect(cut.people.map(({ sourceId }) => sourceId)).toEqual(['1']);
  expect(cut.proof.words).toContain('line 3 has no end and was left out');
  put('id,name\n1,Ada\n2,"Ben"');
  expect((await read()).people).toHaveLength(2);
});

test('the newest file of a pattern is read; one read twice is one delivery', async () => {
  put('id\n1\n', 'people_b.csv', 1);
  put('id\n2\n', 'people_a.csv', 2);
  put('id\n3\n', 'other.csv', 3);
  mkdirSync(join(folder, 'people_c.csv'));
  const first = await read({}, [], 'people_*.csv');
  expect(first.people[0]!.sourceId).toBe('2');
  expect((await read({}, [], 'people_*.csv')).proof.delivery).toBe(first.proof.delivery);
  put('id\n2\n', 'people_z.csv', 4);
  expect((await read({}, [], 'people_*.csv')).proof.delivery).toBe(first.proof.delivery);
  put('id\n2\n4\n', 'people_z.csv', 5);
  expect((await read({}, [], 'people_*.csv')).proof.delivery).not.toBe(first.proof.delivery);
});

test('no symbolic link is followed, and what is not there is said', async () => {
  put('id\n1\n', 'secret.csv');
  mkdirSync(join(folder, 'drop'));
  symlinkSync(join(folder, 'secret.csv'), join(folder, 'drop', 'people.csv'));
  expect(await refusal(read({}, [], 'drop/people.csv'))).toMatch(/^not_found: No file people\.csv is in /);
  expect(await refusal(read({}, [], 'drop/*.csv'))).toMatch(/^not_found: No file \*\.csv is in /);
  expect(await refusal(read({}, [], 'none/*.csv'))).toMatch(/^not_found: The folder of the source is not there\.$/);
});

test('what stands beside the file is no symbolic link either', async () => {
  put('id\n1\n', 'people_1.csv');
  put('1\n', 'elsewhere');
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'people_1.csv.rows'));
  const { proof } = await read({ completeWhen: { rowsFile: '{file}.rows' } }, [], 'people_1.csv');
  expect(proof).toMatchObject({ state: 'incomplete', words: 'The file people_1.csv.rows is not there (yet).' });
});

test('a file that ends within a character is cut off', async () => {
  put(Buffer.from('id,name\n1,Jö').subarray(0, -1));
  expect(await refusal(read())).toBe('source_invalid: The file ends in the middle of a character: it is cut off.');
  put(utf16('\uFEFFid,name\n1,Ada\n', false).subarray(0, -1));
  expect(await refusal(read())).toBe('source_invalid: The file ends in the middle of a character.');
});

test('a file that was changed just now is waited for, and left when it changes again', async () => {
  const waits: number[] = [];
  const now = new Date('2026-11-21T10:00:10Z');
  const path = join(folder, 'people.csv');
  const source = (onSleep: () => void) =>
    csvSource(
      { name: 'hr', id: 'id' },
      inFolder(
        { path, beside: [], settleMs: 10_000 },
        {
          now: () => now,
          sleep: async (ms) => {
            waits.push(ms);
            onSleep();
          },
        },
      ),
    );
  const touch = (second: number) => {
    writeFileSync(path, 'id\n1\n');
    utimesSync(path, new Date(`2026-11-21T10:00:0${second}Z`), new Date(`2026-11-21T10:00:0${second}Z`));
  };
  touch(7);
  const { done } = await source(() => undefined).read({ keep: new Set(), signal });
  expect(waits).toEqual([7000]);
  await done();
  expect(await refusal(source(() => touch(9)).read({ keep: new Set(), signal }))).toBe(
    'source_rejected: The file is still being written.',
  );
});

test('a file that changes while it is read is incomplete', async () => {
  put('id,name\n1,Ada\n#END rows=1\n');
  const source = sourceOf({ completeWhen: { trailer: '#END rows={rows}' } });
  const { people, done } = await source.read({ keep: new Set(['name']), signal });
  for await (const person of people) expect(person.sourceId).toBe('1');
  put('id,name\n1,Eve\n#END rows=1\n', 'people.csv', 9);
  expect(await done()).toMatchObject({ state: 'incomplete', words: 'The file changed while it was read.' });
});

test('a read that nobody reads to its end is incomplete', async () => {
  put('id\n1\n2\n#END rows=2\n');
  const source = sourceOf({ completeWhen: { trailer: '#END rows={rows}' } });
  const { people, done } = await source.read({ keep: new Set(), signal });
  for await (const _ of people) break;
  expect((await done()).state).toBe('incomplete');
});

test('a test shows what the columns are taken for, and what they are likely to be', async () => {
  put('Emp ID;Given name;E-mail;Dept\n1;Ada;ada@example.com;\n2;Ben;ben@example.com;Sales\n');
  const check = await sourceOf({
    id: 'employee_number',
    columns: { employee_number: 'Emp ID', dept: 'Departement' },
  }).test(signal);
  expect(check.ok).toBe(false);
  expect(check.words.at(-1)).toBe('There is no column "Departement"');
  expect(check.columns).toEqual([
    { heading: 'Emp ID', attribute: null, suggested: 'employee_number', filled: 1 },
    { heading: 'Given name', attribute: null, suggested: 'first_name', filled: 1 },
    { heading: 'E-mail', attribute: null, suggested: 'email', filled: 1 },
    { heading: 'Dept', attribute: null, suggested: 'department', filled: 0.5 },
  ]);
  const good = await sourceOf({ id: 'employee_number', columns: { employee_number: 'Emp ID' } }).test(signal);
  expect(good).toMatchObject({
    ok: true,
    sample: [{ sourceId: '1', attributes: { employee_number: '1' } }, { sourceId: '2' }],
  });
  expect(good.words[0]).toBe('people.csv: 81 bytes, utf-8, separated by semicolons');
});

test('whatever a table holds, written as CSV it is read back', async () => {
  const cell = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll('\u0000', ''));
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }),
      fc.constantFrom(',', ';', '\t', '|'),
      fc.constantFrom('\n', '\r\n'),
      fc.constantFrom('utf8' as const, 'utf16le' as const),
      async (rows, delimiter, end, encoding) => {
        const lines = rows.map(([name, title], index) => [`n${index}`, name, title].map(quoted).join(delimiter));
        const text = ['id,name,title'.replaceAll(',', delimiter), ...lines, `#END rows=${rows.length}`].join(end);
        put(Buffer.from(encoding === 'utf8' ? text : `\uFEFF${text}`, encoding));
        const { people, proof } = await read({ completeWhen: { trailer: '#END rows={rows}' } }, ['name', 'title']);
        expect(proof.state).toBe('complete');
        expect(people.map(({ attributes }) => [attributes.name, attributes.title])).toEqual(
          rows.map((row) => row.map((text) => text.trim() || null)),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('cut anywhere, a file with a trailer is never complete', async () => {
  const whole = Buffer.from('id,name\n1,Jörg\n2,"Ka, to"\n3,Ada\n#END rows=3\n');
  for (let length = 0; length < whole.length - 1; length += 1) {
    put(whole.subarray(0, length));
    const state = await read({ completeWhen: { trailer: '#END rows={rows}' } }).then(
      ({ proof }) => proof.state,
      (error: unknown) => (isForeknowError(error) ? 'incomplete' : String(error)),
    );
    expect([length, state]).toEqual([length, 'incomplete']);
  }
});
