/** The yardstick of deliveries: posts one body again and again over kept connections. Arguments: `url count bytes atOnce`. */
import { Agent, request } from 'undici';

const [url, count, bytes, atOnce] = process.argv.slice(2);
const dispatcher = new Agent();
const body = 'x'.repeat(Number(bytes));
const headers = { 'content-type': 'application/json' };
let left = Number(count);
const started = performance.now();
await Promise.all(
  Array.from({ length: Number(atOnce) }, async () => {
    while (left > 0) {
      left -= 1;
      const answer = await request(url!, { method: 'POST', headers, body, dispatcher });
      await answer.body.dump();
    }
  }),
);
console.log(JSON.stringify({ ms: performance.now() - started }));
await dispatcher.close();
