import type { Hold, HoldKind } from './ports.ts';

/** Own-address reads that one pass may spend on rows that are missing. */
export const MAX_OWN_READS = 20;
/** And on rows that are not, to see that own addresses can be believed. */
export const CONTROL_READS = 3;
/** How long after the first miss a second pass may settle a suspicious one. */
const SETTLE_MS = 6 * 60 * 60 * 1000;
const FEW_ROWS = 5;
const LARGE_SHARE = 0.1;
const HUGE_SHARE = 0.5;

export type Verdict =
  /** Everything that is stored was seen, apart from what a person has confirmed. */
  | { readonly do: 'nothing' }
  /** Few rows are missing: the ordinary rule (two complete passes, or one and a 404). */
  | { readonly do: 'settle_each' }
  | { readonly do: 'hold'; readonly kind: HoldKind }
  /** A second complete pass agrees with the suspicious one: what that one missed may go. */
  | { readonly do: 'agree'; readonly missedUntil: string };

/**
 * Judges what a **complete** pass did not see. Nothing may call this for an incomplete one.
 * @param seen live rows of the scope, and how many of them are absent without a person having confirmed it
 * @param open the open hold over the same scope
 * @param now ms
 */
export function judgeAbsence(
  seen: { readonly live: number; readonly absent: number },
  open: Hold | null,
  now: number,
): Verdict {
  const { live, absent } = seen;
  if (absent === 0) return { do: 'nothing' };
  if (absent === live || absent > live * HUGE_SHARE) return { do: 'hold', kind: 'needs_person' };
  if (absent <= FEW_ROWS || absent <= live * LARGE_SHARE) return { do: 'settle_each' };
  // Once a person is asked, reading again does not answer for them.
  if (open?.kind === 'needs_person') return { do: 'hold', kind: 'needs_person' };
  if (open !== null && isSettled(open.firstPassAt, now)) {
    return { do: 'agree', missedUntil: open.firstPassAt };
  }
  return { do: 'hold', kind: 'suspicious' };
}

/** A second pass is far enough from the first one, which missed something then. */
export const isSettled = (missedAt: string, now: number): boolean => now - Date.parse(missedAt) >= SETTLE_MS;
