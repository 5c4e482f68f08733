import type { ErrorCode } from '../errors/catalog.ts';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import type { PlanKind } from './plan.ts';
import type { ProvisioningState } from './state.ts';

/**
 * Why nothing may be written for a connection now; null: it may.
 * @param kind adoption is what is written before everything else, and only while Test Mode is on
 * @param isBegun it is asked between the writes of a plan: a pause lets it come to its end, everything else ends it
 */
export function haltOf(
  state: ProvisioningState | null,
  kind: PlanKind,
  now: Date,
  isBegun = false,
): ForeknowError | null {
  if (state === null || state.mode === 'observe') {
    return new ForeknowError('observe_mode', {
      detail: 'The connection is in mode observe: nothing is written.',
      hint: 'Set its mode to propose.',
    });
  }
  if (state.owner === 'foreign') {
    return new ForeknowError('foreign_owner', {
      detail: 'The users of this account belong to another provisioner.',
      hint: 'Switch it off, then say so.',
    });
  }
  const adoption = kind === 'adoption' ? adoptionHalt(state) : writeHalt(state);
  return adoption ?? restOf(state, now, { isBegun, isUrgent: kind === 'urgent' });
}

function adoptionHalt({ testMode }: ProvisioningState): ForeknowError | null {
  if (testMode.state === 'on') return null;
  return new ForeknowError('scim_not_adopted', {
    detail: 'Taking accounts over is only begun while Test Mode is known to be on.',
    hint: 'Turn Test Mode on in KnowBe4’s console, under Account Integrations, SCIM, then say so.',
  });
}

function writeHalt({ adoption }: ProvisioningState): ForeknowError | null {
  if (adoption.state === 'adopted') return null;
  return new ForeknowError('scim_not_adopted', {
    detail: 'KnowBe4’s SCIM store has not been taken over yet: whoever is not in it would be archived.',
    hint: 'Run foreknow adopt.',
  });
}

/** Pauses, stops, freezes and what is left of a quarantine. A freeze is about what can wait: one urgent leaver does not. */
function restOf(
  state: ProvisioningState,
  now: Date,
  { isBegun, isUrgent }: { readonly isBegun: boolean; readonly isUrgent: boolean },
): ForeknowError | null {
  const { pausedAt, stoppedAt, freezes, quarantine } = state;
  if (stoppedAt !== null) return halted(`Provisioning was stopped at ${stoppedAt}.`);
  if (pausedAt !== null && !isBegun) return halted(`Provisioning is paused since ${pausedAt}.`);
  const time = now.getTime();
  const freeze = freezes.find(({ from, until }) => Date.parse(from) <= time && time < Date.parse(until));
  if (freeze !== undefined && !isUrgent) {
    const detail = `Nothing is written until ${freeze.until}${why(freeze.reason)}.`;
    return halted(
      detail,
      'Wait, or take the freeze out of the configuration file. One leaver who cannot wait: foreknow plan --urgent --person WHO.',
    );
  }
  if (quarantine === null || Date.parse(quarantine.until) <= time) return null;
  return halted(`Writes rest until ${quarantine.until}${why(quarantine.reason)}.`);
}

const why = (reason: string | null): string => (reason === null ? '' : ` (${reason.replace(/\.$/, '')})`);
const halted = (detail: string, hint = 'Wait, or let it go on: foreknow provisioning resume.') =>
  new ForeknowError('provisioning_halted', { detail, hint });

/**
 * What an error of the road means for the plan. `failed`: this step alone. `stop`: nobody else would fare better; the step was not taken. `open`: nobody
 * knows whether it was taken: it is asked for when the plan is gone on with.
 */
export function consequenceOf(error: unknown): 'failed' | 'stop' | 'open' {
  if (!isForeknowError(error) || error.isOpen) return 'open';
  return consequences[error.code] ?? 'open';
}

const consequences: Readonly<Partial<Record<ErrorCode, 'failed' | 'stop'>>> = {
  remote_rejected: 'failed',
  remote_not_found: 'failed',
  conflict: 'failed',
  connection_unauthorized: 'stop',
  connection_forbidden: 'stop',
  remote_rate_limited: 'stop',
  quota_exhausted: 'stop',
};

/** Whether writes rest after an error, before anybody has looked at it. */
export const isRefusedKey = (code: string): boolean =>
  code === 'connection_unauthorized' || code === 'connection_forbidden';

const SHARE = 0.4;
const LEAST = 50;
const IN_A_ROW = 5;

/** How the steps of an application fare. */
export type Health = { tried: number; failed: number; failedFirst: number };

export function noteOutcome(health: Health, isDone: boolean): void {
  health.tried += 1;
  if (isDone) return;
  health.failed += 1;
  if (health.failed === health.tried) health.failedFirst += 1;
}

/** Too many failures for chance: over 40 % of at least 50, or the first five in a row. */
export const isSick = ({ tried, failed, failedFirst }: Health): boolean =>
  failedFirst >= IN_A_ROW || (tried >= LEAST && failed / tried > SHARE);

const HOUR_MS = 3_600_000;
const rests = [6, 12, 24] as const;

/** The rest after so many failures in turn: 6, 12, 24 hours, then a day each. */
export function quarantineAfter(
  before: ProvisioningState['quarantine'],
  reason: string,
  now: Date,
): NonNullable<ProvisioningState['quarantine']> {
  const attempts = (before?.attempts ?? 0) + 1;
  const hours = rests[Math.min(attempts, rests.length) - 1]!;
  return { until: new Date(now.getTime() + hours * HOUR_MS).toISOString(), attempts, reason };
}
