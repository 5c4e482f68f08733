import { createSecureContext } from 'node:tls';
import { type Command, Option } from 'commander';
import type { Listen } from '../../config/config.ts';
import { ForeknowError } from '../../errors/errors.ts';
import type { Gateway, Notice } from '../../gateway/gateway.ts';
import { scopes } from '../../tokens/token.ts';
import { applyFile, configurationFile } from '../apply-file.ts';
import type { CliContext, Log } from '../context.ts';
import type { Finding } from '../doctor/findings.ts';
import { findingsText } from '../doctor/findings-text.ts';
import { inspectConnection } from '../doctor/inspect-connection.ts';
import { inspectFolder } from '../doctor/inspect-folder.ts';
import { withEgress } from '../egress-flags.ts';
import { examples, type JsonFlag, listOption, numberOption, withFolder } from '../flags.ts';
import { type FolderFlags, gatewayBasics } from '../folder.ts';
import { gatewayOptionsOf } from '../gateway-options.ts';
import type { Kit } from '../kit.ts';
import { given } from '../limit-flags.ts';
import { operator } from '../operator.ts';
import { readPem } from '../pem.ts';
import { issueCommandToken, withdrawCommandTokens } from '../server-token.ts';
import { roles, type ServerFlags, type Settled, settle } from '../settled.ts';
import { aborted, endWithin } from '../stop.ts';
import { toldSettings } from '../told-settings.ts';

type Flags = FolderFlags & JsonFlag & ServerFlags;

/** After this a stop no longer waits for what is under way. */
const STOP_MS = 8500;

export function addUp(program: Command, { context, action }: Kit): void {
  const command = program
    .command('up')
    .description('Run the server: the API, and refreshes by themselves')
    .option('--config <file>', 'configuration file (default: $FOREKNOW_CONFIG or ./foreknow.yaml)')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .addOption(port('--port <port>', 'port to listen on; 0 picks a free one (default: 4080)'))
    .option('--tls-cert <file>', 'certificate in PEM: serve HTTPS')
    .option('--tls-key <file>', 'its key in PEM')
    .option('--trust-proxy [addresses]', 'believe X-Forwarded-* of these proxies (of everyone, without addresses)')
    .option('--allow-base-urls', 'let API callers connect other addresses than KnowBe4’s own')
    .addOption(
      listOption(
        '--allow-host <host>',
        'a name, address or range that connections may read besides KnowBe4’s own hosts; may be repeated',
      ),
    )
    .option('--proxy-writes', 'let tokens with the scope proxy.write change things through the proxy')
    .addOption(
      listOption(
        '--allow-webhook-host <host>',
        'a name, address or range that webhooks may go to although it is not public; may be repeated',
      ),
    )
    .addOption(
      listOption(
        '--connect-origin <origin>',
        'a site that may frame the connect page, and to which it may return; may be repeated',
      ),
    )
    .option('--connect-requester <name>', 'who asks, on the connect page')
    .option('--no-scheduler', 'refresh nothing by itself')
    .addOption(
      new Option(
        '--role <role>',
        'api answers requests, worker syncs and delivers, all does both (default: all)',
      ).choices(roles),
    )
    .addOption(
      numberOption('--syncs <number>', 'scheduled syncs at once, and as many that were asked for (default: 4)', {
        min: 1,
        max: 100,
      }),
    )
    .addOption(
      numberOption('--lease <seconds>', 'how long a process that died keeps its work from the others (default: 30)', {
        min: 1,
        max: 3600,
      }),
    )
    .addOption(port('--health-port <port>', 'serve /healthz and /readyz here as well, on the loopback'))
    .addOption(port('--metrics-port <port>', 'serve /metrics here without a token, on the loopback'));
  withFolder(withEgress(command))
    .addHelpText(
      'after',
      `
Flags beat the environment, which beats the configuration file.
Several processes share one Postgres database; a data folder is one process's
alone.
With --json it prints one line when it is ready: api, data, pid, role.
It ends with ^C or SIGTERM, within 10 seconds; a second one ends it at once.
${examples('up --data ./acme', 'up --data /var/lib/foreknow --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem')}`,
    )
    .action(action(async (flags: Flags) => runServer(context, flags)));
}

const port = (flags: string, words: string) => numberOption(flags, words, { min: 0, max: 65_535 });

async function runServer(world: CliContext, flags: Flags): Promise<void> {
  const { context, closeDoors } = keepingDoors(world);
  const stop = context.stopped();
  // Also while it starts: a database that does not answer must not hold a stop up.
  stop.addEventListener('abort', () => endWithin(STOP_MS, 0), { once: true });
  const settled = settle(context, flags);
  refuseIdleFolder(settled);
  const log = await context.createLog(settled.log);
  const notify = ({ level, message, connectionId, runId }: Notice) =>
    log[level]({ connectionId, ...(runId === undefined ? {} : { runId }) }, message);
  const gateway = await context.openGateway({
    ...gatewayBasics(context, flags),
    ...gatewayOptionsOf(settled),
    onNotice: notify,
    metrics: await context.createMetrics(),
  });
  const { role } = settled.server;
  const { endpoint } = settled.telemetry;
  const tracing = endpoint === undefined ? null : await context.startTracing(endpoint);
  try {
    const served = role === 'worker' ? null : await serveApi(context, gateway, settled, log);
    const doors = await operationDoors(context, gateway, settled);
    await gateway.as(operator()).noteSettings(role, toldSettings(settled));
    await applyFile({ connections: gateway.as(configurationFile).connections, notify }, settled.connections, stop);
    if (role !== 'api') gateway.startWork({ scheduled: settled.sync.scheduled });
    await sayReady(context, gateway, settled, served);
    await aborted(stop);
    log.info('stopping');
    await Promise.all([gateway.stopWork(), served?.close()]);
    // Health to the last.
    await Promise.all(doors.map((door) => door.close()));
    await tracing?.close();
  } finally {
    // A door that stayed open would keep the process, and answer for a gateway that is gone.
    await closeDoors();
    await gateway.close();
  }
}

/** The same context, which knows what listens, and closes what is still open when a start fails half way. */
function keepingDoors(context: CliContext) {
  const doors: { close(): Promise<void> }[] = [];
  const kept = <Door extends { close(): Promise<void> }>(door: Door): Door => {
    doors.push(door);
    return door;
  };
  const keeping: CliContext = {
    ...context,
    serve: async (...given) => kept(await context.serve(...given)),
    serveOperation: async (...given) => kept(await context.serveOperation(...given)),
  };
  const closeDoors = () => Promise.allSettled(doors.map((door) => door.close()));
  return { context: keeping, closeDoors };
}

/** @throws ForeknowError `invalid_request` when nobody would ever sync */
function refuseIdleFolder({ server, store }: Settled): void {
  if (server.role !== 'api' || store.databaseUrl !== undefined) return;
  throw new ForeknowError('invalid_request', {
    detail: 'A data folder is one process’s alone: beside a server that only answers requests nobody could sync.',
    hint: 'Leave --role out, or give a Postgres database that workers share.',
    field: '--role',
  });
}

/** Opens the API, and where the folder is this process's alone tells commands beside it how to reach it. */
async function serveApi(context: CliContext, gateway: Gateway, settled: Settled, log: Log) {
  const tls = tlsOf(settled);
  const served = await context.serve(gateway, { ...doorOf(settled), ...(tls === null ? {} : { tls }), log });
  if (settled.store.databaseUrl !== undefined) return { ...served, isFirstStart: await hasNoKey(gateway) };
  const { token, isFirstStart } = await issueCommandToken(gateway);
  gateway.announce({
    pid: process.pid,
    startedAt: new Date(context.now()).toISOString(),
    address: served.url,
    token,
    ...(tls === null ? {} : { certificate: tls.cert }),
  });
  const close = async (): Promise<void> => {
    await served.close();
    await withdrawCommandTokens(gateway);
  };
  return { url: served.url, close, isFirstStart };
}

const hasNoKey = async (gateway: Gateway): Promise<boolean> => (await gateway.tokens.list()).length === 0;

const doorOf = ({ server, agents }: Settled) => ({
  ...server.listen,
  ...(server.trustProxy === undefined ? {} : { trustProxy: server.trustProxy }),
  ...(server.publicUrl === undefined ? {} : { publicUrl: server.publicUrl }),
  agents: given(agents),
});

/** Health and metrics on ports of their own; one door where both have the same address. */
async function operationDoors(context: CliContext, gateway: Gateway, { server, metrics }: Settled) {
  const wanted = new Map<string, { host: string; port: number; metrics: boolean }>();
  if (server.health) wanted.set(addressOf(server.health), { ...server.health, metrics: false });
  if (metrics.listen) wanted.set(addressOf(metrics.listen), { ...metrics.listen, metrics: true });
  const doors: Awaited<ReturnType<CliContext['serveOperation']>>[] = [];
  for (const door of wanted.values()) doors.push(await context.serveOperation(gateway, door));
  return doors;
}

/** Port 0 is another one each time. */
const addressOf = ({ host, port: number }: Listen): string =>
  number === 0 ? crypto.randomUUID() : `${host} ${number}`;

async function sayReady(
  context: CliContext,
  gateway: Gateway,
  { store, vaultKeys, server: { role } }: Settled,
  served: { url: string; isFirstStart: boolean } | null,
): Promise<void> {
  const { output } = context;
  const { folder } = store;
  const findings = await findingsOf(context, gateway, { folder, hasOwnKeys: vaultKeys !== undefined });
  const where = store.databaseUrl === undefined ? `data in ${folder}` : `data in Postgres, keys in ${folder}`;
  output.answer({ api: served?.url ?? null, data: folder, pid: process.pid, role }, () =>
    [`foreknow ${context.version}  ${served?.url ?? 'worker'}  ${where}\n`, findingsText(findings, output.paint)].join(
      '\n',
    ),
  );
  if (served?.isFirstStart && !output.json) output.write(await firstKey(context, gateway));
}

async function findingsOf(
  context: CliContext,
  gateway: Gateway,
  { folder, hasOwnKeys }: { readonly folder: string; readonly hasOwnKeys: boolean },
): Promise<readonly Finding[]> {
  const connections = await gateway.connections.list();
  const statuses = await Promise.all(connections.map(({ id }) => gateway.sync.status(id)));
  return [
    ...inspectFolder(folder, hasOwnKeys),
    ...statuses.flatMap((status) => inspectConnection(status, context.now())),
  ];
}

/** On a terminal the first admin key is shown, once; a log file is no place for it. */
async function firstKey(context: CliContext, gateway: Gateway): Promise<string> {
  if (context.output.width === Number.POSITIVE_INFINITY) {
    return '\nNo API key yet: foreknow keys create NAME --scope directory\n';
  }
  const { secret } = await gateway.as(operator()).tokens.create({ name: 'first admin', scopes });
  return `\nadmin key, shown this once: ${secret}\n`;
}

function tlsOf({ server: { tls } }: Settled): { cert: string; key: string } | null {
  if (tls === undefined) return null;
  const key = typeof tls.key === 'string' ? readPem(tls.key, '--tls-key') : tls.key.reveal();
  return matching({ cert: readPem(tls.certificate, '--tls-cert'), key });
}

function matching(pair: { cert: string; key: string }): { cert: string; key: string } {
  try {
    createSecureContext(pair);
    return pair;
  } catch (cause) {
    throw new ForeknowError('invalid_request', {
      detail: 'Certificate and key do not belong together, or one of them is not PEM.',
      field: '--tls-key',
      cause,
    });
  }
}
