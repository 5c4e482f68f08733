/**
 * A gateway whose log has thousands of events and one webhook endpoint. Arguments: `folder emulatorUrl sinkUrl token…`; prints `{ url, token, events }` and begins to send when a line comes on stdin.
 */
import { once } from 'node:events';
import { eventFamilies } from '../src/events/catalog.ts';
import { openGateway } from '../src/gateway/gateway.ts';
import { keepYoungGenerationSmall } from '../src/main/memory.ts';
import { serve } from '../src/main/serve.ts';

const [folder, emulatorUrl, sinkUrl, ...tokens] = process.argv.slice(2);
const MONTH_MS = 30 * 24 * 60 * 60 * 1000;
const families = eventFamilies;

keepYoungGenerationSmall(); // as the command does
const { hostname, port } = new URL(sinkUrl!);
const gateway = await openGateway({
  folder: folder!,
  allowBaseUrls: true,
  webhooks: { allowHosts: [hostname], ports: [Number(port)] },
});
const served = await serve(gateway, { port: 0 });
const names = tokens.map((_, index) => `account-${index}`);
for (const [index, reportingToken] of tokens.entries()) {
  await gateway.connections.connect({
    name: names[index]!,
    region: 'us',
    reportingToken,
    reportingUrl: emulatorUrl!,
    settings: { limits: { perSecond: null, perMinute: null, perDay: null } },
  });
  await gateway.sync.run(names[index]!, { level: 'full' });
}
await gateway.webhooks.create({ url: sinkUrl!, types: ['*'] }, { families, connectionIds: null, fieldPolicy: null });
await fetch(`${emulatorUrl}/_emulator/advance`, { method: 'POST', body: JSON.stringify({ ms: MONTH_MS }) });
for (const name of names) await gateway.sync.run(name, { level: 'full' });
const { secret } = await gateway.tokens.create({ name: 'bench', scopes: [...families] });
console.log(JSON.stringify({ url: served.url, token: secret }));
await once(process.stdin, 'data');
gateway.startWork({ scheduled: false });
process.on(
  'SIGTERM',
  () =>
    void served
      .close()
      .then(gateway.close)
      .then(() => process.exit(0)),
);
