import type { ActResult, AuditRoom } from '../audit/audit.ts';
import type { Actor, AuditEntry } from '../audit/ports.ts';
import type { ConnectionUseCases, IntakeUseCases, SyncUseCases, TokenUseCases, VaultUseCases } from './types.ts';
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
};

/** The same use cases bound to who calls them. */
export type Administration = Administered & {
  /** Does something else that belongs into the log. */
  act<T>(
    act: Pick<AuditEntry, 'action'> & ActResult,
    work: () => Promise<T>,
    told?: (result: T) => ActResult | Promise<ActResult>,
  ): Promise<T>;
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
    const { connections, sync, tokens, vault, intake, webhooks } = cases;

    /** An act on one connection, which may be named: the log has its id, also after it is gone. */
    const on = async <T>(
      connection: string,
      action: string,
      work: () => Promise<T>,
      told: (result: T, connectionId: string) => ActResult | Promise<ActResult> = () => ({}),
    ): Promise<T> => {
      const id = await connections.get(connection).then(
        (view) => view.id,
        () => null,
      );
      const about = { action, target: id, connectionId: id };
      return audit.act(actor, about, work, (result) => told(result, id!));
    };
    const person = async (
      connectionId: string,
      userId: string,
      details: AuditEntry['details'],
    ): Promise<ActResult> => ({
      target: `person ${await personMark(connectionId, userId)}`,
      details,
    });

    return {
      act: (act, work, told) => audit.act(actor, act, work, told),
      connections: {
        ...connections,
        connect: (input) =>
          audit.act(
            actor,
            { action: 'connection.created' },
            () => connections.connect(input),
            ({ connection: { id, name, region, tenant } }) => ({
              target: id,
              connectionId: id,
              details: { name, region, tenant },
            }),
          ),
        update: (name, patch) =>
          on(
            name,
            'connection.updated',
            () => connections.update(name, patch),
            () => ({ details: patch }),
          ),
        replaceToken: (name, input) =>
          on(
            name,
            'connection.token_replaced',
            () => connections.replaceToken(name, input),
            ({ connection }) => ({ details: { region: connection.region } }),
          ),
        check: (name) => on(name, 'connection.checked', () => connections.check(name)),
        pause: (name) => on(name, 'connection.paused', () => connections.pause(name)),
        resume: (name) => on(name, 'connection.resumed', () => connections.resume(name)),
        remove: (name, options) =>
          on(
            name,
            options.purge ? 'connection.purged' : 'connection.removed',
            () => connections.remove(name, options),
            ({ id }) => ({ target: id, connectionId: id }),
          ),
        erasePerson: (name, userId) =>
          on(
            name,
            'person.erased',
            () => connections.erasePerson(name, userId),
            ({ rows, changes }, id) => person(id, userId, { rows, changes }),
          ),
        readmitPerson: (name, userId) =>
          on(
            name,
            'person.readmitted',
            () => connections.readmitPerson(name, userId),
            ({ readmitted }, id) => person(id, userId, { readmitted }),
          ),
      },
      sync: {
        ...sync,
        start: (name, input) =>
          on(
            name,
            'sync.started',
            () => sync.start(name, input),
            ({ id, level }) => ({ target: id, details: { level } }),
          ),
        run: (name, input) =>
          on(
            name,
            'sync.run',
            () => sync.run(name, input),
            ({ id, level, status }) => ({ target: id, details: { level, status } }),
          ),
        decideHold: (holdId, decision, by) =>
          audit.act(
            actor,
            { action: decision === 'confirm' ? 'hold.confirmed' : 'hold.dismissed', target: holdId },
            () => sync.decideHold(holdId, decision, by),
            ({ connectionId, stream, scope, absent }) => ({ connectionId, details: { stream, scope, absent } }),
          ),
      },
      tokens: {
        ...tokens,
        create: (input) =>
          audit.act(
            actor,
            { action: 'token.created' },
            () => tokens.create(input),
            ({ token: { id, name, scopes, connections: bound, expiresAt } }) => ({
              target: id,
              connectionId: onlyOne(bound),
              details: { name, scopes, connections: bound, expiresAt },
            }),
          ),
        revoke: (id) =>
          audit.act(actor, { action: 'token.revoked', target: id.slice(0, 100) }, () => tokens.revoke(id)),
      },
      vault: {
        ...vault,
        rotate: () =>
          audit.act(
            actor,
            { action: 'vault.rotated' },
            () => vault.rotate(),
            (details) => ({ details }),
          ),
      },
      intake: {
        ...intake,
        renew: (name, options) =>
          on(
            name,
            'intake.renewed',
            () => intake.renew(name, options),
            ({ inQuery }) => ({ details: { inQuery } }),
          ),
        disable: (name) => on(name, 'intake.disabled', () => intake.disable(name)),
      },
      webhooks: administeredWebhooks(webhooks, (act, work, told) => audit.act(actor, act, work, told)),
    };
  };

const onlyOne = (ids: readonly string[] | null): string | null => (ids?.length === 1 ? ids[0]! : null);
