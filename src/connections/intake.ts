import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Connection } from './connection.ts';
import { type ConnectionDeps, requireConnection } from './deps.ts';
import type { Intake } from './ports.ts';
import { sealedSecret } from './vault.ts';

type Deps = Pick<ConnectionDeps, 'store' | 'vault' | 'now'>;

/** The intake as it may be shown. */
export type IntakeView = {
  readonly connectionId: string;
  readonly enabled: boolean;
  /** Below the server's address. */
  readonly path: string;
  readonly inQuery: boolean;
  readonly createdAt: string | null;
  readonly calls: number;
  readonly lastCallAt: string | null;
};

/** A secret as a caller shows it, and the way it came. */
export type ShownSecret = { readonly value: string; readonly inQuery: boolean };

/** A repeated body is known for so long: senders try again within minutes. */
const REMEMBERED_MS = 10 * 60_000;

const PREFIX = 'fk_in_';
const SECRET_BYTES = 32;

/**
 * What KnowBe4's own webhooks may do: wake the sync of their connection. What they say is believed in one thing only, that
 * something may have happened; the read that follows tells what (their events and payloads are not documented).
 */
export function intakeRoom(deps: Deps) {
  const { store } = deps;
  const viewOf = async ({ id }: Connection): Promise<IntakeView> => shown(id, await store.getIntake(id));
  return {
    async show(connection: string): Promise<IntakeView> {
      return viewOf(await requireConnection(store, connection));
    },

    /** Takes the address into use with a new secret, or gives it another: the one before stops to work at once. */
    async renew(connection: string, { inQuery = false }: { inQuery?: boolean } = {}) {
      const found = await requireConnection(store, connection);
      const secret = `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64url')}`;
      const owner = { connectionId: found.id, kind: 'intake' } as const;
      const createdAt = deps.now().toISOString();
      const sealed = sealedSecret(deps.vault, owner, secret, createdAt);
      await store.saveIntake({ connectionId: found.id, inQuery, createdAt }, sealed);
      return { ...(await viewOf(found)), /** Shown once. */ secret };
    },

    async disable(connection: string): Promise<IntakeView> {
      const found = await requireConnection(store, connection);
      await store.dropIntake(found.id);
      return viewOf(found);
    },

    /**
     * Whose intake a caller may use; null for a connection that is not there, an intake that is not in use and a wrong
     * secret alike.
     */
    async admit(connection: string, secrets: readonly ShownSecret[]): Promise<string | null> {
      const found = await store.getConnection(connection);
      const intake = found === null ? null : await store.getIntake(found.id);
      const sealed = intake === null ? null : await store.getSecret(intake.connectionId, 'intake');
      const expected = digestOf(sealed === null ? randomBytes(SECRET_BYTES) : deps.vault.open(sealed, sealed.sealed));
      const isRight = secrets.some(
        ({ value, inQuery }) => timingSafeEqual(digestOf(value), expected) && (!inQuery || intake?.inQuery === true),
      );
      return isRight ? intake!.connectionId : null;
    },

    /** Notes a call of somebody who was admitted. */
    async accept(connectionId: string, body: Uint8Array): Promise<'new' | 'repeated' | 'off'> {
      const at = deps.now().getTime();
      const digest = digestOf(body).toString('base64url');
      return store.noteIntakeCall({ connectionId, digest, level: levelOf(body), at, forgetBefore: at - REMEMBERED_MS });
    },
  };
}

const digestOf = (value: string | Uint8Array): Buffer => createHash('sha256').update(value).digest();

const shown = (connectionId: string, intake: Intake | null): IntakeView => ({
  connectionId,
  enabled: intake !== null,
  path: `/intake/knowbe4/${connectionId}`,
  inQuery: intake?.inQuery ?? false,
  createdAt: intake?.createdAt ?? null,
  calls: intake?.calls ?? 0,
  lastCallAt: intake?.lastCallAt == null ? null : new Date(intake.lastCallAt).toISOString(),
});

/** Keys under which senders of webhooks name their event. */
const nameKeys = ['event', 'event_type', 'event_name', 'type', 'name'];

/** A body that names people or groups alone needs the directory alone; everything else, and what cannot be read, a refresh. */
function levelOf(body: Uint8Array): 'directory' | 'refresh' {
  try {
    const content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as Record<
      string,
      unknown
    > | null;
    const names = nameKeys.flatMap((key) => (typeof content?.[key] === 'string' ? [content[key]] : []));
    const isOfPeople = names.length > 0 && names.every((name) => /user|group|member/i.test(name));
    return isOfPeople && !names.some((name) => /train|enrol|phish|test|campaign|complet|polic/i.test(name))
      ? 'directory'
      : 'refresh';
  } catch {
    return 'refresh';
  }
}
