import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, test, vi } from 'vitest';
import type { StoredAuditEntry } from '../audit/ports.ts';
import { startEmulator } from '../emulator/index.ts';
import { at } from '../store/contract/builders.ts';
import { blankDatabase } from '../store/contract/test-database.ts';
import { openStore } from '../store/store.ts';
import type { Hold } from '../sync/ports.ts';
import { buildProgram, type CliConfig } from './cli.ts';
import { ran } from './ran.contract.ts';

/** Acts whose end was written in a transaction of its own. */
const alone: string[] = [];
vi.mock('../store/store.ts', async (original) => {
  const real = await original<typeof import('../store/store.ts')>();
  const openCounted: typeof real.openStore = async (options) => {
    const store = await real.openStore(options);
    const appendAudit: typeof store.appendAudit = (entry) => {
      if (entry.outcome === 'done') alone.push(entry.action);
      return store.appendAudit(entry);
    };
    return { ...store, appendAudit };
  };
  return { ...real, openStore: openCounted };
});

/** Commands that change nothing in a store that is kept. */
const reading = [
  ...[
    'demo',
    'emulate',
    'doctor',
    'config check',
    'config schema',
    'status',
    'events',
    'users',
    'people',
    'audit',
    'mcp',
  ],
  ...['rules check', 'rules test', 'rules show', 'rules who', 'rules explain', 'rules schema'],
  ...['connect invitations list', 'connect invitations show'],
  ...['connections list', 'connections show', 'connections keys list', 'keys list', 'holds list'],
  ...['sources list', 'sources test', 'sources preview', 'sources reads', 'sources show'],
  'operators list',
  ...['plans list', 'plans show', 'plans steps', 'plans items', 'plans diff', 'explain', 'drift', 'adopt'],
  ...['provisioning status', 'conflicts list', 'conflicts show'],
  ...['webhooks list', 'webhooks show', 'webhooks deliveries', 'webhooks attempts'],
];
/** What does something itself and has commands below it. */
const withCommands = ['connect'];
/** Connections and settings of `up`: `test/e2e/config.test.ts`. What is typed on a terminal: `operators.test.ts`, and the tests of the gateway. */
const elsewhere = [
  ...['up', 'operators add', 'operators reset', 'operators disable', 'sources accept'],
  // `provisioning.test.ts`
  ...['approve', 'reject', 'apply', 'undo', 'conflicts decide'],
  ...['provisioning mode', 'provisioning attest', 'provisioning exempt', 'provisioning resume'],
];
/** Those that look where webhooks would go. */
const sending = ['webhooks create', 'webhooks update', 'webhooks test'];

type Step = {
  readonly command: string;
  readonly args: readonly string[];
  readonly action: string;
  /** How it stands in the log; default `done` alone. */
  readonly outcomes?: readonly string[];
};

type Scene = { readonly emulator: string; readonly sink: string; readonly file: (name: string) => string };

/** Every other command, in an order in which each finds what it needs. `$1` is the id that the last command made. */
const steps = ({ emulator, sink, file }: Scene): readonly Step[] => [
  {
    command: 'connect',
    args: [
      ...['--name', 'acme', '--region', 'eu', '--reporting-token-file', file('token'), '--reporting-url', emulator],
      ...['--per-second', 'none', '--per-minute', 'none', '--per-day', 'none'],
    ],
    action: 'connection.created',
  },
  { command: 'connect', args: ['--invite', 'priya@example.com'], action: 'link.created' },
  { command: 'connect invitations resend', args: ['$1'], action: 'link.resent' },
  { command: 'connect invitations revoke', args: ['$1'], action: 'link.revoked' },
  { command: 'sync', args: ['acme', '--full'], action: 'sync.run' },
  { command: 'connections set', args: ['acme', '--tenant', 'Acme'], action: 'connection.updated' },
  {
    command: 'connections token',
    args: ['acme', '--reporting-token-file', file('token')],
    action: 'connection.token_replaced',
  },
  { command: 'connections check', args: ['acme'], action: 'connection.checked' },
  {
    command: 'connections keys add',
    args: ['acme', 'product', '--token-file', file('product'), '--url', `${emulator}/graphql`],
    action: 'connection.key_added',
  },
  { command: 'connections keys remove', args: ['acme', 'product', '--yes'], action: 'connection.key_removed' },
  { command: 'connections pause', args: ['acme'], action: 'connection.paused' },
  { command: 'connections resume', args: ['acme'], action: 'connection.resumed' },
  { command: 'connections intake', args: ['acme', '--renew'], action: 'intake.renewed' },
  { command: 'connections intake', args: ['acme', '--off', '--yes'], action: 'intake.disabled' },
  { command: 'connections erase', args: ['acme', '1', '--yes'], action: 'person.erased' },
  { command: 'connections readmit', args: ['acme', '1'], action: 'person.readmitted' },
  { command: 'holds confirm', args: ['hold_1'], action: 'hold.confirmed' },
  { command: 'holds dismiss', args: ['hold_2'], action: 'hold.dismissed' },
  { command: 'plan', args: ['acme'], action: 'plan.built' },
  { command: 'provisioning pause', args: ['acme'], action: 'provisioning.paused' },
  { command: 'provisioning stop', args: ['acme'], action: 'provisioning.stopped' },
  {
    command: 'sources upload',
    args: ['hr', file('people.csv'), '--config', file('foreknow.yaml')],
    action: 'source.read',
  },
  { command: 'sources read', args: ['drop', '--config', file('foreknow.yaml')], action: 'source.read' },
  {
    command: 'sources erase',
    args: ['hr', '7', '--yes', '--config', file('foreknow.yaml')],
    action: 'source.person_erased',
  },
  {
    command: 'sources readmit',
    args: ['hr', '7', '--config', file('foreknow.yaml')],
    action: 'source.person_readmitted',
  },
  {
    command: 'sources token',
    args: ['push', '--config', file('foreknow.yaml')],
    action: 'source.token_created',
  },
  { command: 'sources forget', args: ['drop', '--yes'], action: 'source.forgotten' },
  { command: 'keys create', args: ['reports'], action: 'token.created' },
  { command: 'keys account', args: ['acme', '--source', 'mirror'], action: 'token.created' },
  { command: 'keys rotate', args: ['$1'], action: 'token.rotated' },
  { command: 'keys revoke', args: ['$1'], action: 'token.revoked' },
  { command: 'webhooks create', args: [sink], action: 'webhook.created' },
  { command: 'webhooks update', args: ['$1', '--description', 'x'], action: 'webhook.updated' },
  { command: 'webhooks pause', args: ['$1'], action: 'webhook.updated' },
  { command: 'webhooks enable', args: ['$1'], action: 'webhook.enabled' },
  { command: 'webhooks rotate-secret', args: ['$1'], action: 'webhook.secret_rotated' },
  { command: 'webhooks test', args: ['$1'], action: 'webhook.tested' },
  { command: 'webhooks replay', args: ['$1', '--dead'], action: 'webhook.replayed' },
  { command: 'webhooks remove', args: ['$1', '--yes'], action: 'webhook.removed' },
  { command: 'vault rotate', args: [], action: 'vault.rotated', outcomes: ['begun', 'done'] },
  { command: 'connections remove', args: ['acme', '--purge', '--yes'], action: 'connection.purged' },
];

/** Those on a data folder, whose last one makes another. */
const onFolder = ({ file }: Scene): readonly Step[] => [
  { command: 'backup', args: [file('copy.db')], action: 'store.backed_up', outcomes: ['begun', 'done'] },
  { command: 'store copy', args: [], action: 'store.copied', outcomes: ['begun', 'done'] },
  { command: 'restore', args: [file('copy.db')], action: 'store.restored' },
];

const sourcesFile = `version: 1
sources:
  - { name: hr, kind: csv, from: upload, id: id }
  - { name: drop, kind: csv, from: people.csv, id: id, settle: 0s }
  - { name: push, kind: scim-in }
`;

/** Runs a command and gives what it printed as JSON. */
async function run(words: readonly string[], where: Partial<CliConfig>): Promise<Record<string, never>> {
  const { code, stdout, stderr } = await ran([...words, '--json'], where);
  expect({ words, code, stderr: code === 0 ? '' : stderr }).toEqual({ words, code: 0, stderr: '' });
  return stdout.startsWith('{') ? JSON.parse(stdout) : {};
}

const idIn = (said: Record<string, { id?: string } | undefined>): string | undefined =>
  said.token?.id ?? said.endpoint?.id ?? said.link?.id;

const entriesOf = async (options: { folder: string; databaseUrl?: string }): Promise<readonly StoredAuditEntry[]> => {
  const store = await openStore({ ...options, access: 'read' });
  return store.auditEntries({ after: 0, limit: 1000, connectionIds: null }).finally(() => store.close());
};

const aHold = (id: string, connectionId: string): Hold => ({
  ...{ id, connectionId, stream: 'users', scope: 'all', kind: 'needs_person', state: 'open', live: 100, absent: 80 },
  ...{ firstPassAt: at(0), createdAt: at(0), decidedAt: null, decidedBy: null },
});

async function openScene() {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-acts-'));
  const emulator = await startEmulator({ people: 5, limits: false });
  const sink = createServer((request, response) => {
    request.resume();
    response.end();
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  writeFileSync(join(folder, 'token'), emulator.reportingToken);
  writeFileSync(join(folder, 'product'), emulator.tokens.product);
  writeFileSync(join(folder, 'people.csv'), 'id,mail\n7,ada@example.com\n');
  writeFileSync(join(folder, 'foreknow.yaml'), sourcesFile);
  const scene: Scene = {
    emulator: emulator.url,
    sink: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/in`,
    file: (name) => join(folder, name),
  };
  return {
    scene,
    async close() {
      sink.closeAllConnections();
      sink.close();
      await emulator.close();
      rmSync(folder, { recursive: true });
    },
  };
}

test('every command either changes nothing or is known to write who did what', () => {
  const leaves = (command: Command, words: readonly string[] = []): readonly string[] =>
    command.commands.flatMap((child) => {
      const path = [...words, child.name()];
      return child.commands.length === 0 ? [path.join(' ')] : leaves(child, path);
    });
  const program = buildProgram({ context: { version: '' } as never, action: () => async () => {} }, process.stdout);
  const scene = { emulator: '', sink: '', file: String };
  const changing = [...steps(scene), ...onFolder(scene)].map(({ command }) => command);
  expect([...leaves(program), ...withCommands].toSorted()).toEqual(
    [...new Set([...reading, ...elsewhere, ...changing])].toSorted(),
  );
});

test.each(['sqlite', 'postgres'] as const)(
  'on %s each writes its entry, together with what it does',
  async (engine) => {
    const { scene, close } = await openScene();
    const database = await blankDatabase();
    const isFolder = engine === 'sqlite';
    const where = { folder: scene.file('data'), ...(isFolder ? {} : { databaseUrl: database.url }) };
    alone.splice(0);
    try {
      let [id, written] = ['', 0];
      for (const { command, args, action, outcomes = ['done'] } of [
        ...steps(scene),
        ...(isFolder ? onFolder(scene) : []),
      ]) {
        const folder = command === 'restore' ? scene.file('restored') : where.folder;
        const databaseUrl = isFolder && command !== 'store copy' ? null : database.url;
        const allowed = sending.includes(command) ? ['--allow-webhook-host', '127.0.0.1'] : [];
        const words = [...command.split(' '), ...args.map((arg) => arg.replace('$1', id)), ...allowed];
        id = idIn(await run(words, { dataFolder: folder, databaseUrl })) ?? id;
        const entries = await entriesOf({ ...where, folder });
        // The restored store has what it had when it was copied.
        const fresh = command === 'restore' ? entries.slice(-1) : entries.slice(written);
        expect([command, fresh.map((entry) => [entry.action, entry.outcome])]).toEqual([
          command,
          outcomes.map((outcome) => [action, outcome]),
        ]);
        written = entries.length;
        if (command === 'sync') {
          const store = await openStore(where);
          const [connection] = await store.listConnections();
          for (const hold of ['hold_1', 'hold_2']) await store.saveHold(aHold(hold, connection!.id));
          await store.close();
        }
      }
      // What only asks, what says that it was begun, and a plan: the same one that waits already is none that is made.
      expect(alone).toEqual(['connection.checked', 'plan.built', 'vault.rotated']);
    } finally {
      await close();
      await database.remove();
    }
  },
  60_000,
);
