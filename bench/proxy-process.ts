/** The gateway in front of an upstream. Arguments: `folder url token region`; prints `{ url, token }`. */
import type { AddressInfo } from 'node:net';
import { openGateway } from '../src/gateway/gateway.ts';
import { createServer } from '../src/http/server.ts';

const [folder, reportingUrl, reportingToken, region] = process.argv.slice(2) as [string, string, string, string];
const gateway = await openGateway({ folder, allowHosts: ['127.0.0.1'] });
const limits = { perSecond: null, perMinute: null, perDay: null };
await gateway.connections.connect({ name: 'bench', region, reportingToken, reportingUrl, settings: { limits } });
const { secret } = await gateway.tokens.create({ name: 'bench', scopes: ['proxy'] });
const server = await createServer({ gateway, limits: { livePerTenSeconds: Number.MAX_SAFE_INTEGER } });
await server.listen({ host: '127.0.0.1', port: 0 });
const { port } = server.server.address() as AddressInfo;
console.log(JSON.stringify({ url: `http://127.0.0.1:${port}`, token: secret }));
process.on('SIGTERM', () => void server.close().then(() => gateway.close().then(() => process.exit(0))));
