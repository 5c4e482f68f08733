/** Reads a file of as many people as the argument says: the rows alone, then into a store, then again unchanged. Prints JSON. */

import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvSource } from '../src/sources/csv/csv-source.ts';
import { inFolder } from '../src/sources/csv/folder.ts';
import { readSource } from '../src/sources/read-source.ts';
import { openStore } from '../src/store/store.ts';

const people = Number(process.argv[2]);
const kind = process.argv[3] ?? 'store';
const folder = mkdtempSync(join(tmpdir(), 'foreknow-bench-'));
const names = [
  'employee_number',
  'first_name',
  'last_name',
  'email',
  'department',
  'job_title',
  'location',
  'manager_email',
];

async function write(title: string): Promise<void> {
  const out = createWriteStream(join(folder, 'people.csv'));
  const line = (text: string) => (out.write(`${text}\n`) ? null : once(out, 'drain'));
  await line(`${names.join(',')},groups`);
  for (let at = 0; at < people; at += 1) {
    const values = [
      `E${at}`,
      `Given ${at}`,
      `"Family, ${at}"`,
      `p${at}@example.com`,
      `D${at % 40}`,
      `${title} ${at % 7}`,
    ];
    await line([...values, `Floor ${at % 9}`, `p${Math.floor(at / 10)}@example.com`, `All;G${at % 30}`].join(','));
  }
  await line(`#END rows=${people}`);
  out.end();
  await once(out, 'finish');
}

const source = () =>
  csvSource(
    { name: 'hr', id: 'employee_number', completeWhen: { trailer: '#END rows={rows}' } },
    inFolder(
      { path: join(folder, 'people.csv'), beside: [], settleMs: 0 },
      { now: () => new Date(), sleep: async () => undefined },
    ),
  );
const keep = new Set(names);
const { signal } = new AbortController();
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return Math.round(performance.now() - started);
};

const told: Record<string, unknown> = { people };
try {
  await write('Clerk');
  if (kind === 'rows') {
    told.ms = await timed(async () => {
      const read = await source().read({ keep, signal });
      let seen = 0;
      for await (const _ of read.people) seen += 1;
      told.state = `${(await read.done()).state} ${seen}`;
    });
  } else {
    const store = await openStore({ folder });
    const deps = { store, now: () => new Date(), newId: () => `rd_${performance.now()}`, erased: async () => null };
    const read = async () => {
      const { state, people: shown, changed } = await readSource(deps, source(), { keep, by: 'bench', signal });
      told.state = `${state} ${shown} ${changed}`;
    };
    told.first_ms = await timed(read);
    told.again_ms = await timed(read);
    await store.close();
  }
  told.peak_mb = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify(told));
} finally {
  rmSync(folder, { recursive: true });
}
