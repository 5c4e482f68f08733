import { createSecureContext } from 'node:tls';
import type { Command } from 'commander';
import { ForeknowError } from '../../errors/errors.ts';
import type { Gateway, Notice } from '../../gateway/gateway.ts';
import { scopes } from '../../tokens/token.ts';
import type { CliContext } from '../context.ts';
import type { Finding } from '../doctor/findings.ts';
import { findingsText } from '../doctor/findings-text.ts';
import { inspectConnection } from '../doctor/inspect-connection.ts';
import { inspectFolder } from '../doctor/inspect-folder.ts';
import { withEgress } from '../egress-flags.ts';
import { examples, type JsonFlag, numberOption, withFolder } from '../flags.ts';
import { type FolderFlags, folderOf, gatewayBasics } from '../folder.ts';
import type { Kit } from '../kit.ts';
import { readPem } from '../pem.ts';
import { issueCommandToken, withdrawCommandTokens } from '../server-token.ts';
import { aborted, endWithin } from '../stop.ts';

type Flags = FolderFlags &
  JsonFlag & {
    readonly host: string;
    readonly port: number;
    readonly tlsCert?: string;
    readonly tlsKey?: string;
    readonly trustProxy?: string | true;
    readonly allowBaseUrls?: boolean;
    readonly scheduler: boolean;
  };

/** After this a stop no longer waits for what is under way. */
const STOP_MS = 9000;

export function addUp(program: Command, { context, action }: Kit): void {
  const command = program
    .command('up')
    .description('Run the server: the API, and refreshes by themselves')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(
      numberOption('--port <port>', 'port to listen on; 0 picks a free one', { min: 0, max: 65_535, by: 4080 }),
    )
    .option('--tls-cert <file>', 'certificate in PEM: serve HTTPS')
    .option('--tls-key <file>', 'its key in PEM')
    .option('--trust-proxy [addresses]', 'believe X-Forwarded-* of these proxies (of everyone, without addresses)')
    .option('--allow-base-urls', 'let API callers connect other addresses than KnowBe4’s own')
    .option('--no-scheduler', 'refresh nothing by itself');
  withFolder(withEgress(command))
    .addHelpText(
      'after',
      `
With --json it prints one line when it is ready: api, data, pid.
It ends with ^C or SIGTERM.
${examples('up --data ./acme', 'up --data /var/lib/foreknow --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem')}`,
    )
    .action(action(async (flags: Flags) => runServer(context, flags)));
}

async function runServer(context: CliContext, flags: Flags): Promise<void> {
  const stop = context.stopped();
  const folder = folderOf(context, flags);
  const tls = tlsOf(flags);
  const gateway = await context.openGateway({
    ...gatewayBasics(context, flags),
    allowBaseUrls: flags.allowBaseUrls ?? false,
    onNotice: ({ level, message }: Notice) =>
      level === 'warn' ? context.output.warn(message) : context.output.note(message),
  });
  try {
    const served = await context.serve(gateway, {
      host: flags.host,
      port: flags.port,
      ...(tls === null ? {} : { tls }),
      ...(flags.trustProxy === undefined ? {} : { trustProxy: flags.trustProxy }),
      logLevel: context.config.logLevel ?? 'warn',
    });
    const { token, isFirstStart } = await issueCommandToken(gateway);
    gateway.announce({
      pid: process.pid,
      startedAt: new Date(context.now()).toISOString(),
      address: served.url,
      token,
      ...(tls === null ? {} : { certificate: tls.cert }),
    });
    if (flags.scheduler) gateway.startScheduler();
    await sayReady(context, gateway, { url: served.url, isFirstStart, folder });
    await aborted(stop);
    endWithin(STOP_MS, 0);
    context.output.note('stopping');
    await served.close();
    await withdrawCommandTokens(gateway);
  } finally {
    await gateway.close();
  }
}

async function sayReady(
  context: CliContext,
  gateway: Gateway,
  { url, folder, isFirstStart }: { url: string; folder: string; isFirstStart: boolean },
): Promise<void> {
  const { output } = context;
  const findings = await findingsOf(context, gateway, folder);
  output.answer({ api: url, data: folder, pid: process.pid }, () =>
    [`foreknow ${context.version}  ${url}  data in ${folder}\n`, findingsText(findings, output.paint)].join('\n'),
  );
  if (isFirstStart && !output.json) output.write(await firstKey(context, gateway));
}

async function findingsOf(context: CliContext, gateway: Gateway, folder: string): Promise<readonly Finding[]> {
  const connections = await gateway.connections.list();
  const statuses = await Promise.all(connections.map(({ id }) => gateway.sync.status(id)));
  return [
    ...inspectFolder(folder, context.config.vaultKeys !== null),
    ...statuses.flatMap((status) => inspectConnection(status, context.now())),
  ];
}

/** On a terminal the first admin key is shown, once; a log file is no place for it. */
async function firstKey(context: CliContext, gateway: Gateway): Promise<string> {
  if (context.output.width === Number.POSITIVE_INFINITY) {
    return '\nNo API key yet: foreknow keys create NAME --scope directory\n';
  }
  const { secret } = await gateway.tokens.create({ name: 'first admin', scopes });
  return `\nadmin key, shown this once: ${secret}\n`;
}

function tlsOf({ tlsCert, tlsKey }: Flags): { cert: string; key: string } | null {
  if (tlsCert === undefined && tlsKey === undefined) return null;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new ForeknowError('invalid_request', {
      detail: '--tls-cert and --tls-key belong together.',
      field: tlsCert === undefined ? '--tls-cert' : '--tls-key',
    });
  }
  return matching({ cert: readPem(tlsCert, '--tls-cert'), key: readPem(tlsKey, '--tls-key') });
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
