import { createReportingClient, type ReportingClient } from '../../src/client/client.ts';
import { createLimiter, type Limiter } from '../../src/client/transport/limiter.ts';
import type { Fetch } from '../../src/client/transport/types.ts';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import type { Store } from '../../src/store/store.ts';
import { safeLimits } from '../../src/wire/limits.ts';
import { randomOf } from '../support/random.ts';
import type { Story } from './story.ts';
import { createWitness, type Witness } from './witness.ts';

/** True time, and our clock, which may be wrong. Nothing is waited for: whoever sleeps moves the time. ms */
export type Clock = {
  /** True time since the story began. */
  elapsed(): number;
  /** What our clock shows. */
  now(): number;
  pass(ms: number): void;
  jump(ms: number): void;
};

function createClock(startAt: string, onPass: () => void): Clock {
  const begin = Date.parse(startAt);
  let elapsed = 0;
  let skew = 0;
  return {
    elapsed: () => elapsed,
    now: () => begin + elapsed + skew,
    pass(ms) {
      elapsed += ms;
      onPass();
    },
    jump(ms) {
      skew += ms;
    },
  };
}

/** An emulated account, and a client of it that asks within the process; both live by one simulated time. */
export type Rig = {
  readonly emulator: Emulator;
  readonly clock: Clock;
  readonly limiter: Limiter;
  readonly witness: Witness;
  newClient(): ReportingClient;
  /** Requests that were sent. */
  sent(): number;
  /** Told before each request. */
  onRequest: () => void;
  close(): Promise<void>;
};

const TIMEOUT_MS = 60_000;

export async function createRig(story: Story, store: Store, accountKey: string): Promise<Rig> {
  const random = randomOf(story.seed + 1_000_003);
  const clock = createClock(story.startAt, () => rig.onRequest());
  const emulator = await startEmulator({
    people: story.people,
    enrollments: story.enrollments,
    seed: story.worldSeed,
    profile: story.profile,
    switches: story.switches,
    startAt: story.startAt,
    clock: { now: clock.elapsed },
    latencyMs: story.latencyMs,
    sleep: async (ms) => clock.pass(ms),
  });
  const { now } = clock;
  const sleep = async (ms: number) => clock.pass(ms);
  const limiter = createLimiter({
    limits: safeLimits(emulator.truth().account.number_of_seats),
    budget: store.budget(accountKey),
    now,
    elapsed: clock.elapsed,
    sleep,
    random: random.next,
  });
  const witness = createWitness();
  let sent = 0;
  const send: Fetch = async (url, init) => {
    sent += 1;
    rig.onRequest();
    if (init.signal.aborted) throw init.signal.reason;
    const before = clock.elapsed();
    const answer = await emulator.fetch(url, { headers: init.headers });
    if (init.signal.aborted) throw init.signal.reason;
    if (clock.elapsed() - before > TIMEOUT_MS) throw new Error('no answer in time');
    await witness.saw(url, answer);
    return answer;
  };
  const rig: Rig = {
    emulator,
    clock,
    limiter,
    witness,
    newClient: () =>
      createReportingClient({
        region: emulator.region,
        token: emulator.reportingToken,
        baseUrl: emulator.url,
        fetch: send,
        limiter,
        now,
        sleep,
        random: random.next,
      }),
    sent: () => sent,
    onRequest: () => undefined,
    close: () => emulator.close(),
  };
  return rig;
}
