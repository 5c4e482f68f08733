/**
 * A gateway of one role in a process of its own, with leases short enough to wait for. Argument: JSON with `folder`,
 * `databaseUrl`, `role`, `webhookPort` and `leaseMs`; prints one JSON line when it is ready, ends on SIGTERM.
 */
import { openGateway } from '../../src/gateway/gateway.ts';
import { serve } from '../../src/main/serve.ts';

const { folder, databaseUrl, role, webhookPort, leaseMs } = JSON.parse(process.argv[2]!) as {
  readonly folder: string;
  readonly databaseUrl: string | null;
  readonly role: 'all' | 'api' | 'worker';
  readonly webhookPort: number;
  readonly leaseMs: number;
};
const gateway = await openGateway({
  folder,
  leaseMs,
  allowBaseUrls: true,
  webhooks: { allowHosts: ['127.0.0.1'], ports: [webhookPort] },
  ...(databaseUrl === null ? {} : { databaseUrl }),
});
const served = role === 'worker' ? null : await serve(gateway, { port: 0 });
if (role !== 'api') gateway.startWork();
process.once('SIGTERM', () => {
  void (async () => {
    await served?.close();
    await gateway.close();
    process.exit(0);
  })();
});
console.log(JSON.stringify({ api: served?.url ?? null }));
