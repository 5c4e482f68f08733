import type { Vault } from '../connections/vault.ts';
import { sealedSecret } from '../connections/vault.ts';
import { isForeknowError } from '../errors/errors.ts';
import { deliverLane } from '../events/deliver-lane.ts';
import { deliverLate } from '../events/deliver-late.ts';
import { type EndpointDeps, type EndpointRoom, endpointRoom } from '../events/endpoints.ts';
import { stepsTold, tellAfterMs } from '../events/retry.ts';
import type { Handler } from '../jobs/job.ts';
import type { Store } from '../store/store.ts';
import { type AddressGuard, createAddressGuard, type GuardOptions } from './address-guard.ts';
import type { EgressOptions } from './egress.ts';
import type { Notice } from './gateway.ts';
import { createWebhookPost } from './webhook-post.ts';
import type { Chore } from './work.ts';

export type WebhookOptions = {
  /** Names, addresses and ranges that deliveries may go to although they are not public. */
  readonly allowHosts?: readonly string[];
  /** Ports besides 443. */
  readonly ports?: readonly number[];
  /** Days that deliveries and their attempts are kept. Default 30. */
  readonly keepDays?: number;
};

export type WebhookUseCases = EndpointRoom;

/** Pushing, as the gateway hangs it in. */
export type Webhooks = {
  readonly useCases: WebhookUseCases;
  readonly deliver: Handler;
  readonly chore: Chore;
  /** Looks for what is to be sent, each second and when it is woken. */
  start(): void;
  /** Something was written into the log. */
  wake(): void;
  /** Ends the looking, not what is under way. */
  stop(): Promise<void>;
  close(): Promise<void>;
};

type Deps = {
  readonly store: Store;
  readonly vault: Vault;
  readonly now: () => Date;
  readonly notify: (notice: Notice) => void;
  readonly newId: (prefix: string) => string;
  /** A job was put. */
  readonly nudge: () => void;
  readonly egress: EgressOptions;
  readonly resolve?: GuardOptions['resolve'];
  readonly onTried: NonNullable<EndpointDeps['onTried']>;
};

const LOOK_MS = 1000;
const LANES_A_LOOK = 500;
/** Lanes of one endpoint that this process sends at once: a slow endpoint keeps no more than these. */
const LANES_AN_ENDPOINT = 8;
/** A lane that finds its endpoint busy comes back after this. */
const BUSY_MS = 1000;
/** Lanes that this process sends at once: they wait for others most of the time. */
export const DELIVERIES_AT_ONCE = 128;

export function createWebhooks(deps: Deps, options: WebhookOptions = {}): Webhooks {
  const { store, vault } = deps;
  const now = (): number => deps.now().getTime();
  const guard = createAddressGuard({
    allow: options.allowHosts ?? [],
    ports: options.ports ?? [],
    ...(deps.resolve === undefined ? {} : { resolve: deps.resolve }),
  });
  const { post, close } = createWebhookPost(guard, deps.egress);
  const delivering: EndpointDeps = {
    ...{ store, post, now, random: Math.random, newId: deps.newId },
    userAgent: 'foreknow (self-hosted)',
    slow: new Map(),
    onTried: deps.onTried,
    openSecret: (id, { slot, sealed }) => vault.open({ connectionId: id, kind: slot }, sealed),
    sealSecret: (id, slot, secret, at) => {
      const { sealed, fingerprint, createdAt } = sealedSecret(vault, { connectionId: id, kind: slot }, secret, at);
      return { slot, sealed, fingerprint, createdAt };
    },
    checkAddress: (url) => checkAddress(guard, url),
  };
  const looker = createLooker(deps, now);
  return {
    useCases: wakingUseCases(endpointRoom(delivering), looker.wake),
    deliver: deliverHandler(delivering),
    chore: housekeeping(deps, options.keepDays ?? KEEP_DAYS),
    ...looker,
    close,
  };
}

async function checkAddress(guard: AddressGuard, text: string): Promise<void> {
  const url = new URL(text);
  guard.checkUrl(url);
  await guard.checkName(url);
}

/** What was asked for begins at once. */
const wakingUseCases = (room: EndpointRoom, wake: () => void): EndpointRoom => {
  const waking =
    <Arguments extends unknown[], Result>(work: (...args: Arguments) => Promise<Result>) =>
    async (...args: Arguments): Promise<Result> => {
      const result = await work(...args);
      wake();
      return result;
    };
  return { ...room, update: waking(room.update), enable: waking(room.enable), replay: waking(room.replay) };
};

/** A lane (`ENDPOINT/CONNECTION`) or what is late in it (`ENDPOINT/CONNECTION/late`). */
function deliverHandler(deps: EndpointDeps): Handler {
  const busy = new Map<string, number>();
  return async ({ key }, signal) => {
    const [endpointId = '', connectionId = '', late] = key.split('/');
    const lanes = busy.get(endpointId) ?? 0;
    if (lanes >= LANES_AN_ENDPOINT) return { dueAt: deps.now() + BUSY_MS };
    busy.set(endpointId, lanes + 1);
    try {
      const deliver = late === undefined ? deliverLane : deliverLate;
      const dueAt = await deliver(deps, { endpointId, connectionId }, signal);
      return dueAt === null ? null : { dueAt };
    } finally {
      const left = busy.get(endpointId)! - 1;
      if (left === 0) busy.delete(endpointId);
      else busy.set(endpointId, left);
    }
  };
}

const keyOf = (lane: { endpointId: string; connectionId: string; late: boolean }): string =>
  `${lane.endpointId}/${lane.connectionId}${lane.late ? '/late' : ''}`;

/** Puts a job for each lane that has something to do. The log is the outbox: nothing that was committed is forgotten here. */
function createLooker({ store, nudge, notify }: Deps, now: () => number): Pick<Webhooks, 'start' | 'wake' | 'stop'> {
  let timer: NodeJS.Timeout | null = null;
  let looking: Promise<void> | null = null;
  let again = false;
  let failed = false;

  const look = async (): Promise<void> => {
    const endpoints = await store.listEndpoints();
    if (endpoints.length === 0) return;
    if (await store.lacksLanes()) await store.addLanes();
    if (!endpoints.some(({ state }) => state === 'active')) return;
    const due = await store.lanesDue(now(), LANES_A_LOOK);
    for (const lane of due) await store.putJob({ kind: 'deliver', key: keyOf(lane), dueAt: now() });
    if (due.length > 0) nudge();
  };

  /** The store may be away for a while, which is said once. */
  const lookUntilQuiet = async (): Promise<void> => {
    do {
      again = false;
      try {
        await look();
        failed = false;
      } catch (error) {
        if (!failed) notify(lookFailed(error));
        failed = true;
      }
    } while (again && timer !== null);
    looking = null;
  };

  const wake = (): void => {
    again = true;
    if (timer !== null) looking ??= lookUntilQuiet();
  };

  return {
    wake,
    start: () => {
      timer ??= setInterval(wake, LOOK_MS);
      wake();
    },
    stop: async () => {
      if (timer !== null) clearInterval(timer);
      timer = null;
      await looking;
    },
  };
}

function lookFailed(error: unknown): Notice {
  const detail = isForeknowError(error) ? error.detail : 'Something broke on our side.';
  return { level: 'warn', connectionId: null, message: `What is to be delivered could not be looked up: ${detail}` };
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const KEEP_DAYS = 30;
const DROPPED_AT_ONCE = 2000;

/** Tells of endpoints that only fail, and drops old deliveries. */
const housekeeping = ({ store, now, notify }: Deps, keepDays: number): Chore => ({
  everyMs: MINUTE_MS,
  async run(signal) {
    const time = now().getTime();
    for (const { id, url, failingSince } of await store.listEndpoints()) {
      if (failingSince === null) continue;
      const step = stepsTold(time - Date.parse(failingSince));
      if (step > 0 && (await store.takeTold(id, step, failingSince))) notify(failingNotice(id, url, step));
    }
    for (const lost of await store.takeLost()) notify(lostNotice(lost));
    for (let dropped = DROPPED_AT_ONCE; dropped === DROPPED_AT_ONCE && !signal.aborted; ) {
      dropped = await store.dropDeliveries({ before: time - keepDays * DAY_MS, limit: DROPPED_AT_ONCE });
    }
  },
});

const lostNotice = ({ id, url, lost }: { id: string; url: string; lost: number }): Notice => ({
  level: 'warn',
  connectionId: null,
  message: `${lost} entries of the log were dropped by their age before webhook endpoint ${id} (${new URL(url).host}) had them.`,
});

const HOUR_MS = 3_600_000;

function failingNotice(id: string, url: string, step: number): Notice {
  const hours = tellAfterMs[step - 1]! / HOUR_MS;
  const off = step === tellAfterMs.length ? ' It is switched off with its next failure.' : '';
  return {
    level: 'warn',
    connectionId: null,
    message: `Every delivery to webhook endpoint ${id} (${new URL(url).host}) has failed for ${hours} hours.${off}`,
  };
}
