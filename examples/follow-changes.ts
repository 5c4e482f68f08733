/**
 * Every change, one line of JSON each, into a file: `node follow-changes.ts changes.ndjson`. Stopped and started again, it goes on where it
 * stood. Needs the scope directory, and training, phishing.identified and risk for theirs.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createClient } from 'foreknow/sdk';

const [file = 'changes.ndjson'] = process.argv.slice(2);
const positionFile = `${file}.position`;
const client = createClient({ baseUrl: process.env.FOREKNOW_URL!, token: process.env.FOREKNOW_TOKEN! });

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

const after = existsSync(positionFile) ? readFileSync(positionFile, 'utf8') : undefined;
for await (const { rows, position } of client.changes.follow({ after, signal: stop.signal })) {
  appendFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  // The rows are kept before the position: killed between the two, they come again, and none is lost.
  writeFileSync(`${positionFile}.new`, position);
  renameSync(`${positionFile}.new`, positionFile);
  console.log(`${rows.length} changes, up to ${position}`);
}
