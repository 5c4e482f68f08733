/**
 * One full sync in a process of its own. Arguments: `folder url token urlsFile [databaseUrl]`; connects first when the store is
 * new.
 * Writes the addresses it fetched to `urlsFile`, prints milliseconds, rows, requests and peak memory as JSON.
 */
import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { openGateway } from '../src/gateway/gateway.ts';
import { keepYoungGenerationSmall } from '../src/main/memory.ts';

const [folder, reportingUrl, reportingToken, urlsFile, databaseUrl] = process.argv.slice(2);
const urls: string[] = [];
// What the gateway sends by itself, seen from outside: the same road as in use.
subscribe('undici:request:create', (message) => {
  const { origin, path } = (message as { request: { origin: string; path: string } }).request;
  urls.push(`${origin}${path}`);
});
keepYoungGenerationSmall(); // as the command does
const gateway = await openGateway({
  folder: folder!,
  allowBaseUrls: true,
  ...(databaseUrl === undefined ? {} : { databaseUrl }),
});
if ((await gateway.connections.list()).length === 0) {
  await gateway.connections.connect({
    name: 'bench',
    region: 'us',
    reportingToken: reportingToken!,
    reportingUrl: reportingUrl!,
    settings: { limits: { perSecond: null, perMinute: null, perDay: null }, streamsOff: ['recipients'] },
  });
}
urls.length = 0;
const started = performance.now();
const run = await gateway.sync.run('bench', { level: 'full' });
const ms = performance.now() - started;
const peakMb = process.resourceUsage().maxRSS / 1024;
await gateway.close();
writeFileSync(urlsFile!, urls.join('\n'));
console.log(
  JSON.stringify({ ms, rows: run.rows, requests: urls.length, changes: run.changes, status: run.status, peakMb }),
);
