import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { csvSource } from './csv-source.ts';
import type { CompleteWhen } from './options.ts';
import { handedIn, nothingToFetch, type Upload, uploadProof } from './upload.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-upload-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const signal = new AbortController().signal;
const text = 'id,name\n1,Ada\n2,Ben\n';

async function read(said: Partial<Upload>, completeWhen?: CompleteWhen, content = text) {
  const upload: Upload = { content: Readable.from([Buffer.from(content)]), name: 'people.csv', ...said };
  const spool = join(folder, 'spool');
  const source = csvSource(
    { name: 'hr', id: 'id', completeWhen: uploadProof(upload, completeWhen) },
    handedIn(upload, spool),
  );
  const { people, done } = await source.read({ keep: new Set(['name']), signal });
  const names: unknown[] = [];
  for await (const person of people) {
    names.push(person.attributes.name);
    expect(readdirSync(spool)).toEqual([]);
  }
  expect(statSync(spool).mode & 0o777).toBe(0o700);
  return { names, ...(await done()) };
}

test('a file that is handed in is read, and has no name on the disk meanwhile', async () => {
  expect(await read({})).toMatchObject({ names: ['Ada', 'Ben'], state: 'unproven' });
});

test('who hands it in can prove it, by its rows or its digest', async () => {
  const sha256 = createHash('sha256').update(text).digest('hex');
  expect((await read({ rows: 2 })).state).toBe('complete');
  expect((await read({ rows: 3 })).state).toBe('incomplete');
  expect((await read({ sha256 })).state).toBe('complete');
  expect((await read({ sha256: '0'.repeat(64) })).state).toBe('incomplete');
});

test('the trailer that the settings ask for has to be there as well', async () => {
  const completeWhen = { trailer: '#END rows={rows}' };
  expect((await read({ rows: 2 }, completeWhen)).state).toBe('incomplete');
  const ended = `${text}#END rows=2\n`;
  expect(await read({ rows: 2 }, completeWhen, ended)).toMatchObject({ names: ['Ada', 'Ben'], state: 'complete' });
  expect((await read({ rows: 1 }, completeWhen, ended)).state).toBe('incomplete');
  expect((await read({ rows: 2 }, { rowsFile: '{file}.rows' })).state).toBe('complete');
});

test('an upload that breaks off leaves nothing', async () => {
  const broken = new Readable({
    read() {
      this.destroy(new Error('gone'));
    },
  });
  await expect(read({ content: broken })).rejects.toThrow('gone');
  expect(readdirSync(join(folder, 'spool'))).toEqual([]);
});

test('a source that is only handed files says so', async () => {
  await expect(csvSource({ name: 'hr', id: 'id' }, nothingToFetch).test(signal)).rejects.toMatchObject({
    code: 'not_found',
  });
});
