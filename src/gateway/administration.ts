import type { AuditRoom } from '../audit/audit.ts';
import type { Actor } from '../audit/ports.ts';
import { type Acting, nothingMore, type StoreWrites } from './acting.ts';
import type { ConfigurationUseCases, Settings } from './configuration.ts';
import type { DecisionUseCases } from './deciding.ts';
import { administeredLinks } from './link-administration.ts';
import { administeredOperators, nameForLog } from './operator-administration.ts';
import type { OperatorUseCases } from './operators.ts';
import { administeredDecisions, administeredProvisioning } from './provisioning-administration.ts';
import type { ProvisioningUseCases } from './provisioning-types.ts';
import type { ProxyUseCases } from './proxy.ts';
import { administeredProxy } from './proxy-administration.ts';
import { administeredScimIn, type ScimInUseCases } from './scim-in.ts';
import { administeredSources } from './source-administration.ts';
import type { SourceUseCases } from './sources.ts';
import { administeredTokens } from './token-administration.ts';
import type {
  ConnectionUseCases,
  IntakeUseCases,
  LinkUseCases,
  SyncUseCases,
  TokenUseCases,
  VaultUseCases,
} from './types.ts';
import { administeredWebhooks } from './webhook-administration.ts';
import type { WebhookUseCases } from './webhooks.ts';

/** The use cases whose changes are written into the audit log. */
export type Administered = {
  readonly connections: ConnectionUseCases;
  readonly sync: SyncUseCases;
  readonly tokens: TokenUseCases;
  readonly vault: VaultUseCases;
  readonly intake: IntakeUseCases;
  readonly webhooks: WebhookUseCases;
  readonly links: LinkUseCases;
  readonly proxy: ProxyUseCases;
  readonly scimIn: ScimInUseCases;
  readonly sources: SourceUseCases;
  readonly operators: OperatorUseCases;
  readonly provisioning: ProvisioningUseCases;
  readonly decisions: DecisionUseCases;
  readonly configuration: ConfigurationUseCases;
};

/** The same use cases bound to who calls them. */
export type Administration = Omit<Administered, 'configuration'> & {
  /** A server begins with these settings: written down when they are others than those of the last one of its role. */
  noteSettings(role: string, settings: Settings): Promise<void>;
};

type Deps = {
  readonly audit: AuditRoom;
  /** What stands for a person in the log: a keyed hash, for one who was erased must not be found in it. */
  readonly personMark: (connectionId: string, userId: string) => Promise<string>;
};

/** Binds the use cases to an actor: what changes something is written down, reads pass as they are. */
export const administer =
  (cases: Administered, { audit, personMark }: Deps) =>
  (actor: Actor): Administration => {
    const {
      connections,
      sync,
      tokens,
      vault,
      intake,
      webhooks,
      links,
      proxy,
      scimIn,
      sources,
      operators,
      provisioning,
      decisions,
      configuration,
    } = cases;
    const act: Acting = (about, work, options) => audit.act(actor, about, work, options);

    /** An act on one connection, which may be named: the log has its id, also after it is gone. */
    const on = async <T>(
      connection: string,
      action: string,
      work: () => Promise<T>,
      writes: StoreWrites = {},
    ): Promise<T> => {
      const id = await idOf(connections, connection);
      return act({ action, target: id, connectionId: id }, work, { writes });
    };
    const onPerson = async <T>(
      connection: string,
      userId: string,
      action: string,
      work: () => Promise<T>,
      writes: StoreWrites,
    ): Promise<T> => {
      const id = await idOf(connections, connection);
      const target = id === null ? null : `person ${await personMark(id, userId)}`;
      return act({ action, target, connectionId: id }, work, { writes });
    };

    return {
      connections: {
        ...connections,
        connect: (input) =>
          act({ action: 'connection.created' }, () => connections.connect(input), {
            writes: {
              createConnection: ({ connection: { id, name, region, tenant } }) => ({
                ...{ target: id, connectionId: id },
                details: { name, region, tenant },
              }),
            },
          }),
        update: (name, patch) =>
          on(name, 'connection.updated', () => connections.update(name, patch), {
            dropRecipientClients: () => ({ details: patch }),
            saveConnection: () => ({ details: patch }),
          }),
        replaceToken: (name, input) =>
          on(name, 'connection.token_replaced', () => connections.replaceToken(name, input), {
            saveConnection: ({ connection: { region } }) => ({ details: { region } }),
          }),
        check: (name) => on(name, 'connection.checked', () => connections.check(name)),
        addKey: (name, kind, input) =>
          on(name, 'connection.key_added', () => connections.addKey(name, kind, input), {
            saveConnection: ({ connection: { baseUrls } }) => ({ details: { kind, url: baseUrls[kind] ?? null } }),
          }),
        removeKey: (name, kind) =>
          on(name, 'connection.key_removed', () => connections.removeKey(name, kind), {
            saveConnection: () => ({ details: { kind } }),
          }),
        pause: (name) => on(name, 'connection.paused', () => connections.pause(name), { saveConnection: nothingMore }),
        resume: (name) =>
          on(name, 'connection.resumed', () => connections.resume(name), { saveConnection: nothingMore }),
        remove: (name, options) =>
          on(
            name,
            options.purge ? 'connection.purged' : 'connection.removed',
            () => connections.remove(name, options),
            { deleteConnection: ({ id }) => ({ target: id, connectionId: id }) },
          ),
        erasePerson: (name, userId) =>
          onPerson(name, userId, 'person.erased', () => connections.erasePerson(name, userId), {
            erasePerson: () => ({ results: ['rows', 'changes'] }),
          }),
        readmitPerson: (name, userId) =>
          onPerson(name, userId, 'person.readmitted', () => connections.readmitPerson(name, userId), {
            forgetErasure: () => ({ results: ['readmitted'] }),
          }),
      },
      sync: {
        ...sync,
        start: (name, input) =>
          on(name, 'sync.started', () => sync.start(name, input), {
            queueRun: ({ run: { id, level } }) => ({ target: id, details: { level } }),
          }),
        stop: async (runId) => {
          const run = await sync.getRun(runId).catch(() => null);
          const about = {
            action: 'sync.stopped',
            target: runId.slice(0, 100),
            connectionId: run?.connectionId ?? null,
          };
          return act(about, () => sync.stop(runId), { writes: { dropQueued: nothingMore } });
        },
        run: (name, input) =>
          on(name, 'sync.run', () => sync.run(name, input), {
            startRun: ({ run: { id, level } }) => ({ target: id, details: { level } }),
          }),
        decideHold: (holdId, decision, by) =>
          act(
            { action: decision === 'confirm' ? 'hold.confirmed' : 'hold.dismissed', target: holdId },
            () => sync.decideHold(holdId, decision, by),
            {
              writes: {
                saveHold: ({ connectionId, stream, scope, absent }) => ({
                  connectionId,
                  details: { stream, scope, absent },
                }),
              },
            },
          ),
      },
      tokens: administeredTokens(tokens, act),
      vault: {
        ...vault,
        rotate: () =>
          act({ action: 'vault.rotated' }, () => vault.rotate(), {
            isAnnounced: true,
            told: (details) => ({ details }),
          }),
      },
      intake: {
        ...intake,
        renew: (name, options) =>
          on(name, 'intake.renewed', () => intake.renew(name, options), {
            saveIntake: ({ intake: { inQuery } }) => ({ details: { inQuery } }),
          }),
        disable: (name) => on(name, 'intake.disabled', () => intake.disable(name), { dropIntake: nothingMore }),
      },
      webhooks: administeredWebhooks(webhooks, act),
      links: administeredLinks(links, act),
      proxy: administeredProxy(proxy, act),
      scimIn: administeredScimIn(scimIn, act),
      sources: administeredSources(sources, act),
      operators: administeredOperators(operators, act),
      provisioning: administeredProvisioning(provisioning, connections, act),
      decisions: administeredDecisions(decisions, act, nameForLog(operators)),
      async noteSettings(role, settings) {
        const changed = await configuration.changed(role, settings);
        if (changed.length === 0) return;
        const about = { action: 'configuration.changed', details: { role, changed } };
        await act(about, () => configuration.keep(role, settings), { writes: { setFact: nothingMore } });
      },
    };
  };

async function idOf(connections: ConnectionUseCases, connection: string): Promise<string | null> {
  const found = await connections.get(connection).catch(() => null);
  return found?.id ?? null;
}
