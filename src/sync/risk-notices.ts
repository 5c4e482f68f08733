import type { RiskNoticeKind } from '../model/change.ts';
import type { NewChange } from './ports.ts';

/** Which movements of a risk score are worth a word of their own. Scores go from 0 to 100. */
export type RiskRules = {
  /** A score that was below one of these and is not, or the other way round. */
  readonly thresholds: readonly number[];
  /** A score that moved by at least this much between two reads; null = none. */
  readonly delta: number | null;
};

/** Where a connection's settings say nothing. */
export const defaultRiskRules: RiskRules = { thresholds: [60], delta: 10 };

/**
 * The notices that a change of a score makes. They are written into the log with the change, by the settings of that time, so
 * that what others were told does not move when somebody changes the settings.
 */
export function riskNotices(change: NewChange, { thresholds, delta }: RiskRules): readonly NewChange[] {
  if (!change.kind.endsWith('.risk_score_changed')) return [];
  const before = change.previous?.riskScore;
  const now = change.current?.riskScore;
  if (typeof before !== 'number' || typeof now !== 'number') return [];
  const subject = change.kind.split('.')[0] as 'user' | 'group' | 'account';
  const notice = (
    name: 'risk_threshold_crossed' | 'risk_jumped',
    said: Readonly<Record<string, unknown>>,
  ): NewChange => ({
    ...change,
    kind: `${subject}.${name}` satisfies RiskNoticeKind,
    current: { riskScore: now, ...said },
    previous: { riskScore: before },
  });
  const crossed = thresholds.filter((threshold) => before < threshold !== now < threshold).toSorted((a, b) => a - b);
  return [
    ...(now < before ? crossed.reverse() : crossed).map((threshold) =>
      notice('risk_threshold_crossed', { threshold, direction: now < before ? 'down' : 'up' }),
    ),
    ...(delta !== null && Math.abs(now - before) >= delta
      ? [notice('risk_jumped', { delta: Math.round((now - before) * 1e6) / 1e6 })]
      : []),
  ];
}
