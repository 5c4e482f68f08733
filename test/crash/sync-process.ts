/**
 * A sync in a process of its own, to be killed. Arguments: `folder url token level`; prints a line a page and the status of
 * the run at the end. The budget is kept in memory: this is about the mirror.
 */
import { randomUUID } from 'node:crypto';
import { createReportingClient } from '../../src/client/index.ts';
import { openStore } from '../../src/store/store.ts';
import { runSync } from '../../src/sync/run-sync.ts';

const [folder, baseUrl, token, level] = process.argv.slice(2);
const store = await openStore({ folder: folder! });
const run = await runSync(
  {
    store,
    client: createReportingClient({ region: 'us', token: token!, baseUrl: baseUrl!, limits: 'none' }),
    connectionId: 'con_kill',
    now: Date.now,
    newId: (prefix) => `${prefix}_${randomUUID()}`,
    signal: undefined,
    dropRecipientClient: false,
    timeZone: null,
  },
  { level: level as 'full', trigger: 'manual', onProgress: ({ pages }) => process.stdout.write(`page ${pages}\n`) },
);
process.stdout.write(`${run.status}\n`);
await store.close();
