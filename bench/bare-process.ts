/**
 * The baseline: fetches the addresses in a file one after another and parses each answer.
 * Arguments: `file token rounds`; prints milliseconds, rows and peak memory as JSON.
 */
import { readFileSync } from 'node:fs';

const [file, token, rounds] = process.argv.slice(2);
const urls = readFileSync(file!, 'utf8').split('\n').filter(Boolean);
const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };

const once = async (): Promise<number> => {
  let rows = 0;
  for (const url of urls) {
    const answer = await fetch(url, { headers });
    const body = JSON.parse(await answer.text()) as unknown;
    rows += Array.isArray(body) ? body.length : 1;
  }
  return rows;
};

await (await fetch(urls[0]!, { headers })).text();
const started = performance.now();
let rows = 0;
for (let round = 0; round < Number(rounds); round += 1) rows += await once();
const ms = performance.now() - started;
console.log(JSON.stringify({ ms, rows, requests: urls.length, peakMb: process.resourceUsage().maxRSS / 1024 }));
