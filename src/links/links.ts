import { ForeknowError } from '../errors/errors.ts';
import { neighbourhoodOf } from '../lib/network.ts';
import { type Link, type LinkKind, type LinkState, notOpen, stateOf } from './link.ts';
import { invitationMail, type LinkMail, reminderMail } from './mail-text.ts';
import { type Maker, mayAsk, type NewInvitation, type NewLink, type ParseDeps, parseLink } from './new-link.ts';
import type { LinkStore } from './ports.ts';
import { codeWith, digestOf, hashOf, newCode, newSecret } from './secrets.ts';

export type LinkDeps = ParseDeps & {
  readonly store: LinkStore;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Keys that codes are hashed with: the first hashes, each finds. */
  readonly codeKeys: () => readonly Buffer[];
  /** A token as it may be used now; null when it has ended. */
  readonly standing: (tokenId: string) => Promise<Maker | null>;
  /** Null: no mail can be sent. */
  readonly sendMail: ((to: string, mail: LinkMail) => Promise<void>) | null;
  /** Told that a mail could not be sent. */
  readonly onMailFailed: (link: Link) => void;
};

/** A link with its state now. */
export type LinkView = Link & { readonly state: LinkState };

export type LinkWithSecret = {
  readonly link: LinkView;
  /** `fkl_…`, shown once. */
  readonly secret: string;
  /** The page's address with the secret: below `server.public_url`, or a path where that is not set. */
  readonly url: string;
};

export type Invited = LinkWithSecret & {
  /** `KB-7QF4-92LM`, shown once: may be typed at `/connect`. */
  readonly code: string;
  /** Whether it went out by mail; else link and code are to be handed over. */
  readonly mailed: boolean;
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** In an hour: wrong codes of a network and of all, keys of a link, mails to an address and to all. */
const most = { codesOfNetwork: 10, codes: 1000, keys: 20, mailsToAddress: 5, mails: 200 } as const;
/** A reminder goes out this long before the end. */
const REMIND_MS = DAY_MS;
/** Links are kept this long after their end. */
const KEPT_MS = 30 * DAY_MS;
const LISTED = 200;

/** The use cases of the room. */
export function linkRoom(deps: LinkDeps) {
  const { store, now } = deps;
  const at = () => now().toISOString();
  const urlOf = (secret: string) => `${deps.settings.publicUrl ?? ''}/connect-account?link_token=${secret}`;

  const stateNow = async (link: Link, { standing, connection }: Lookups = deps): Promise<LinkState> => {
    const state = stateOf(link, now());
    if (state !== 'open') return state;
    const maker = link.makerId === null ? undefined : await standing(link.makerId);
    if (maker === null || (maker !== undefined && !mayAsk(maker, link))) return 'ended';
    return link.connectionId !== null && (await connection(link.connectionId)) === null ? 'ended' : 'open';
  };
  const viewOf = async (link: Link, lookups: Lookups = deps): Promise<LinkView> => ({
    ...link,
    state: await stateNow(link, lookups),
  });

  const counted = async (limits: readonly { scope: string; most: number }[]): Promise<boolean> =>
    store.countAttempt({ limits, ...sinceAnHour(now()) });

  /** A link that the caller may see. The answer is the same for one that is another's and one that is not there. */
  const need = async (id: string, maker: Maker | null): Promise<Link> => {
    const link = await store.getLink(id);
    if (link !== null && (seesAll(maker) || link.makerId === maker?.id)) return link;
    throw new ForeknowError('not_found', { detail: 'No link has this id.' });
  };

  const newSecrets = () => {
    const [secret, code] = [newSecret(), newCode()];
    const { hash, entry } = codeWith(deps.codeKeys()[0]!, code)!;
    return { secret, code, hashes: { secret: hashOf(secret)!, code: hash, entry: hashOf(entry)! } };
  };

  /** @returns whether it went out */
  const mailed = async (link: Link, mailOf: (publicUrl: string) => LinkMail): Promise<boolean> => {
    const { publicUrl } = deps.settings;
    if (deps.sendMail === null || publicUrl === null || !canBeMailed(link.address)) return false;
    try {
      await deps.sendMail(link.address, mailOf(publicUrl));
      return true;
    } catch {
      deps.onMailFailed(link);
      return false;
    }
  };

  const sent = async (link: Link, { secret, code }: { secret: string; code: string }): Promise<Invited> => {
    const url = urlOf(secret);
    const wasMailed = await mailed(link, (publicUrl) => invitationMail({ link, publicUrl, url, code }));
    if (wasMailed) await store.noteLinkSent(link.id, at());
    const shown = (await store.getLink(link.id)) ?? link;
    return { link: await viewOf(shown), secret, url, code, mailed: wasMailed };
  };

  const refuseManyMails = async (address: string | null): Promise<void> => {
    if (deps.sendMail === null || !canBeMailed(address)) return;
    const limits = [
      { scope: 'mail', most: most.mails },
      { scope: `mail ${digestOf(address)}`, most: most.mailsToAddress },
    ];
    if (!(await counted(limits))) throw tooMany('Too many invitations were mailed in the last hour.');
  };

  return {
    /** @throws ForeknowError `invalid_request`, `not_found`, `connection_not_allowed`, `scope_missing`, `origin_not_allowed` */
    async create(input: NewLink, maker: Maker | null): Promise<LinkWithSecret> {
      const link = { id: deps.newId(), ...(await parseLink(deps, 'link_token', input, maker, now())) };
      const secret = newSecret();
      await store.createLink(link, { secret: hashOf(secret)!, code: null, entry: null });
      return { link: await viewOf(link), secret, url: urlOf(secret) };
    },

    /** @throws ForeknowError as `create`, and `too_many_attempts` */
    async invite(input: NewInvitation, maker: Maker | null): Promise<Invited> {
      const link = { id: deps.newId(), ...(await parseLink(deps, 'invitation', input, maker, now())) };
      await refuseManyMails(link.address);
      const secrets = newSecrets();
      await store.createLink(link, secrets.hashes);
      return sent(link, secrets);
    },

    /** Another secret and another code; the old ones end, the time of expiry stays. @throws ForeknowError `not_found`, … */
    async resend(id: string, maker: Maker | null): Promise<Invited> {
      const link = await need(id, maker);
      const state = await stateNow(link);
      if (link.kind !== 'invitation')
        throw new ForeknowError('conflict', {
          detail: 'A link token cannot be sent again.',
          hint: 'Make a new one: POST /link-token.',
        });
      if (state !== 'open') throw notOpen(link, state);
      await refuseManyMails(link.address);
      const secrets = newSecrets();
      if (!(await store.renewLink(id, secrets.hashes, at()))) throw notOpen(link, 'used');
      return sent(link, secrets);
    },

    /** @throws ForeknowError `not_found`, `link_used`, `link_revoked` */
    async revoke(id: string, maker: Maker | null): Promise<LinkView> {
      const link = await need(id, maker);
      if (!(await store.revokeLink(id, at()))) {
        const found = await need(id, maker);
        throw notOpen(found, found.usedAt === null ? 'revoked' : 'used');
      }
      return viewOf((await store.getLink(id)) ?? link);
    },

    async list(
      query: { readonly kind?: LinkKind; readonly state?: LinkState; readonly limit?: number },
      maker: Maker | null,
    ): Promise<readonly LinkView[]> {
      const { kind, state, limit = LISTED } = query;
      // The state is not stored: it depends on the time and on the maker.
      const links = await store.listLinks({ kind, makerId: seesAll(maker) ? null : maker!.id, limit: 1000 });
      const lookups = { standing: once(deps.standing), connection: once(deps.connection) };
      const views = await Promise.all(links.map((link) => viewOf(link, lookups)));
      return views.filter((view) => state === undefined || view.state === state).slice(0, limit);
    },

    get: async (id: string, maker: Maker | null): Promise<LinkView> => viewOf(await need(id, maker)),

    /** The link that a secret opens, whatever its state. @throws ForeknowError `link_invalid` */
    async find(secret: string): Promise<LinkView> {
      const hash = hashOf(secret);
      const link = hash === null ? null : await store.findLinkByHash(hash);
      if (link === null) throw unknown('link');
      return viewOf(link);
    },

    noteOpened: (id: string): Promise<void> => store.noteLinkOpened(id, at()),

    /**
     * The secret that a code stands for.
     * @param from network address of the caller
     * @throws ForeknowError `link_invalid` alike for a wrong, used, revoked and expired code, `too_many_attempts`
     */
    async byCode(code: string, from: string): Promise<{ readonly secret: string }> {
      const found = deps.codeKeys().flatMap((key) => codeWith(key, code) ?? []);
      const limits = [
        { scope: 'code', most: most.codes },
        { scope: `code ${neighbourhoodOf(from)}`, most: most.codesOfNetwork },
      ];
      const hashes = found.map(({ hash }) => hash);
      const link = await store.findLinkByCode(hashes, { limits, ...sinceAnHour(now()) });
      if (link === 'limited') throw tooMany('Too many wrong codes were tried in the last hour.');
      if (link === null || (await stateNow(link)) !== 'open') throw unknown('code');
      // Of the keys it is the one whose secret opens the link.
      for (const { entry } of found) {
        if ((await store.findLinkByHash(hashOf(entry)!))?.id === link.id) return { secret: entry };
      }
      throw unknown('code');
    },

    /** Counts a key that is tried with a link. @throws ForeknowError `too_many_attempts` */
    async countKey({ id }: Pick<Link, 'id'>): Promise<void> {
      if (await counted([{ scope: `key ${id}`, most: most.keys }])) return;
      throw tooMany('Too many keys were tried with this link in the last hour.');
    },

    /** Reminds of invitations that end soon, each once, and removes links that ended long ago. */
    async keepHouse(): Promise<void> {
      const time = now().getTime();
      const expiresBefore = new Date(time + REMIND_MS).toISOString();
      for (const link of await store.takeForReminder({ at: at(), expiresBefore })) {
        if ((await stateNow(link)) !== 'open') continue;
        const secret = newSecret();
        await store.addReminderSecret(link.id, hashOf(secret)!);
        const url = urlOf(secret);
        if (!(await mailed(link, (publicUrl) => reminderMail({ link, publicUrl, url }))))
          await store.untakeReminder(link.id);
      }
      await store.dropLinks(new Date(time - KEPT_MS).toISOString());
    },
  };
}

type Lookups = Pick<LinkDeps, 'standing' | 'connection'>;

/** Asks for each name once. */
function once<T>(look: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const asked = new Map<string, Promise<T>>();
  return (name) => {
    const answer = asked.get(name) ?? look(name);
    asked.set(name, answer);
    return answer;
  };
}

export type LinkRoom = ReturnType<typeof linkRoom>;

const sinceAnHour = (now: Date) => ({ at: now.getTime(), since: now.getTime() - HOUR_MS });

const seesAll = (maker: Maker | null): boolean =>
  maker === null || (maker.own.connections === null && maker.own.tags === null);

const canBeMailed = (address: string | null): address is string =>
  address !== null && /^[^\s@<>"'(),:;[\]\\]+@[^\s@<>"'(),:;[\]\\]+$/.test(address);

const unknown = (what: 'link' | 'code'): ForeknowError =>
  new ForeknowError('link_invalid', {
    detail: `This ${what} is not valid.`,
    hint: `Copy the ${what} again from where you have it. It may also have been used or withdrawn, or be too old: then ask for a new one.`,
  });

const tooMany = (detail: string): ForeknowError =>
  new ForeknowError('too_many_attempts', { detail, hint: 'Try again in an hour.', retryAfterMs: HOUR_MS });
