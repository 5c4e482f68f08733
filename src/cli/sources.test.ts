import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ran } from './ran.contract.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-cli-sources-'));
  writeFileSync(
    join(folder, 'foreknow.yaml'),
    `version: 1
sources:
  - name: hr
    kind: csv
    from: people.csv
    id: number
    columns: { number: Emp ID, email: E-mail }
    complete_when: { trailer: "#END {rows}" }
  - { name: hand, kind: csv, from: upload, id: number }
`,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (count: number, end = `#END ${count}`): void => {
  const rows = Array.from({ length: count }, (_, at) => `${at};p${at}@example.com;50000`);
  writeFileSync(join(folder, 'people.csv'), ['Emp ID;E-mail;Pay', ...rows, end, ''].join('\n'));
};

const sources = (...words: readonly string[]) =>
  ran(['sources', ...words], { dataFolder: join(folder, 'data'), configFile: join(folder, 'foreknow.yaml') });
const json = async (...words: readonly string[]) => JSON.parse((await sources(...words, '--json')).stdout);

test('a source is tried without a store, and nothing of anybody is told but in a preview', async () => {
  put(20);
  const tried = await sources('test', 'hr');
  expect(tried.code).toBe(0);
  expect(tried.stdout).toContain('It can be read.');
  expect(tried.stdout).toMatch(/Emp ID\s+number\s+employee_number\s+100\.0 %/);
  expect(tried.stdout).not.toContain('example.com');
  expect(Object.keys(await json('test', 'hr'))).toEqual(['ok', 'words', 'columns']);
  expect((await json('preview', 'hr')).sample[1]).toEqual({
    ...{ source_id: '1', attributes: { number: '1', email: 'p1@example.com' }, groups: [], active: true },
  });
});

test('a source that cannot be read is told with what is wrong, and ends with 1', async () => {
  writeFileSync(join(folder, 'people.csv'), 'Nr;E-mail\n1;a@example.com\n');
  const tried = await sources('test', 'hr');
  expect(tried.code).toBe(1);
  expect(tried.stdout).toContain('There is no column "Emp ID"');
  const none = await sources('test', 'hrr');
  expect([none.code, none.stderr]).toEqual([1, 'error: No source is called hrr.\nhint: Did you mean hr?\n']);
});

test('reads say how they ended, in words and by the exit code', async () => {
  put(20);
  const first = await sources('read', 'hr');
  expect(first.code).toBe(0);
  expect(first.stdout).toContain('complete: the trailer says 20 rows, and so many are there');
  put(10);
  const wrong = await sources('read', 'hr');
  expect(wrong.code).toBe(3);
  expect(wrong.stdout).toContain('! source_shrink: It shows 10 people, 10 fewer than before.');
  put(20, '');
  const cut = await sources('read', 'hr');
  expect(cut.code).toBe(69);
  expect(cut.stdout).toContain('incomplete: The last line is not the trailer: the file is cut off.');
  const [listed] = await json('list');
  expect(listed).toMatchObject({ name: 'hr', known: { people: 20, absent: 0 }, last_read: { state: 'incomplete' } });
  expect(listed.waiting.findings[0].guard).toBe('source_shrink');
  const reads = await json('reads', 'hr');
  expect(reads.map(({ state }: { state: string }) => state)).toEqual(['incomplete', 'quarantined', 'kept']);
  expect(await json('show', reads[1].id)).toMatchObject({ state: 'quarantined', approvals: [] });
});

test('a program lets no read in: the secret of a person is typed on a terminal', async () => {
  put(20);
  await sources('read', 'hr');
  put(10);
  const { id } = JSON.parse((await sources('read', 'hr', '--json')).stdout);
  const refused = await sources('accept', id);
  expect(refused.code).toBe(77);
  expect(refused.stderr).toContain('A person has to type their secret on a terminal');
  expect(await json('show', id)).toMatchObject({ state: 'quarantined', approvals: [] });
});

test('a file that is handed in, erasing and forgetting', async () => {
  writeFileSync(join(folder, 'some.csv'), 'number,email\n7,ada@example.com\n8,ben@example.com\n');
  expect(await json('upload', 'hand', join(folder, 'some.csv'), '--rows', '2')).toMatchObject({
    ...{ state: 'kept', people: 2, proof: { state: 'complete' } },
  });
  expect((await sources('upload', 'hand', join(folder, 'none.csv'))).stderr).toContain('is no file that can be read');
  expect((await sources('erase', 'hand', '7')).code).toBe(64);
  expect(await json('erase', 'hand', '7', '--yes')).toEqual({ was_known: true });
  expect(await json('forget', 'hand', '--yes')).toEqual({ people: 1 });
});
