import type { Emulator, Mutation } from '../../src/emulator/index.ts';
import { isForeknowError } from '../../src/errors/errors.ts';

/** A change to be made by hand at a time (ms). What it is made to is chosen when it is due. */
export type Planned = { readonly at: number; readonly make: () => Mutation | null };

/** A change as a reader of the API can first see it. */
export type Visible = Omit<ReturnType<Emulator['changes']>[number], 'at'> & {
  /** ms; a living world shows what happened in an hour when the hour is over. */
  readonly visibleAt: number;
  readonly byHand: boolean;
};

const HOUR_MS = 60 * 60 * 1000;

/** One simulated time for the emulated world, the script and the product. Waiting costs nothing but simulated time. */
export function createWorldClock(begin: number) {
  const seen: Visible[] = [];
  let ahead: readonly Planned[] = [];
  let emulator: Emulator | null = null;
  let time = begin;
  let read = 0;
  let next = 0;

  const collect = (visibleAt: number | null): void => {
    for (const change of emulator!.changes(read)) {
      const lived = Math.ceil(Date.parse(change.at) / HOUR_MS) * HOUR_MS;
      seen.push({ ...change, visibleAt: visibleAt ?? lived, byHand: visibleAt !== null });
      read += 1;
    }
  };

  const perform = ({ make }: Planned): void => {
    emulator!.advance(0); // the world lives up to now
    collect(null);
    const mutation = make();
    if (mutation !== null) attempt(emulator!, mutation);
    collect(time);
  };

  return {
    now: () => time,
    /** From here on the script is played. */
    begin(started: Emulator, script: readonly Planned[]): void {
      emulator = started;
      ahead = script.toSorted((a, b) => a.at - b.at);
    },
    /** Goes to a time, through everything that is planned until then. */
    goTo(target: number): void {
      for (; next < ahead.length && ahead[next]!.at <= target; next += 1) {
        time = Math.max(time, ahead[next]!.at);
        perform(ahead[next]!);
      }
      time = Math.max(time, target);
    },
    /** All changes until now, in the order in which they happened. */
    changes(): readonly Visible[] {
      emulator!.advance(0);
      collect(null);
      return seen;
    },
  };
}

export type WorldClock = ReturnType<typeof createWorldClock>;

/** What the script chose may have gone by itself meanwhile. */
function attempt(emulator: Emulator, mutation: Mutation): void {
  try {
    emulator.mutate(mutation);
  } catch (error) {
    if (!isForeknowError(error) || error.code !== 'not_found') throw error;
  }
}
