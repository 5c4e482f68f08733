/** The client alone: streams and validates all users `rounds` times. Arguments: `url token rounds`; prints JSON. */
import { createReportingClient } from '../src/client/index.ts';

const [baseUrl, token, rounds] = process.argv.slice(2);
const client = createReportingClient({ region: 'us', baseUrl: baseUrl!, token: token!, limits: 'none' });
await client.account.get();

const started = performance.now();
let rows = 0;
let complete = true;
for (let round = 0; round < Number(rounds); round += 1) {
  const users = client.users.list();
  for await (const user of users) rows += user.id === '' ? 0 : 1;
  complete &&= users.proof().complete;
}
const ms = performance.now() - started;
console.log(JSON.stringify({ ms, rows, complete, peakMb: process.resourceUsage().maxRSS / 1024 }));
