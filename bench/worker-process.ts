/** A worker: arguments `folder databaseUrl`; prints a line when it is ready and begins when a line comes on stdin. */
import { once } from 'node:events';
import { openGateway } from '../src/gateway/gateway.ts';
import { keepYoungGenerationSmall } from '../src/main/memory.ts';

const [folder, databaseUrl] = process.argv.slice(2);
keepYoungGenerationSmall(); // as the command does
const gateway = await openGateway({
  folder: folder!,
  databaseUrl: databaseUrl!,
  allowBaseUrls: true,
  syncsAtOnce: 4,
  onNotice: ({ message }) => process.stderr.write(`${message}\n`),
});
console.log('{}');
await once(process.stdin, 'data');
gateway.startWork();
process.on('SIGTERM', () => void gateway.close().then(() => process.exit(0)));
