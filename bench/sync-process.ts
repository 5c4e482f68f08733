/**
 * One full sync in a process of its own. Arguments: `folder url token urlsFile`; connects first when the folder is new.
 * Writes the addresses it fetched to `urlsFile`, prints milliseconds, rows, requests and peak memory as JSON.
 */
import { writeFileSync } from 'node:fs';
import { openGateway } from '../src/gateway/gateway.ts';

const [folder, reportingUrl, reportingToken, urlsFile] = process.argv.slice(2);
const urls: string[] = [];
const recordingFetch: typeof fetch = (input, init) => {
  urls.push(String(input instanceof Request ? input.url : input));
  return fetch(input, init);
};
const gateway = await openGateway({ folder: folder!, allowBaseUrls: true, fetch: recordingFetch });
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
