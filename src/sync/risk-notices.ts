import type { RiskNoticeKind } from '../model/change.ts';
import type { NewChange } from './ports.ts';

/** Which movements of a risk score are worth a word of their own. Scores go from 0 to 100. */
export type RiskRules = {
  /** A score that was below one of these and is not, or the other way round. */
  readonly thresholds: readonly number[];
  /** A score that is at least this far from the one that was told last; null = none. */
  readonly delta: number | null;
};

/** Where a connection's settings say nothing. */
export const defaultRiskRules: RiskRules = { thresholds: [60], delta: 10 };

/**
 * Changes of one row with the notices that a change of its score makes. They are written into the log with the change, by the
 * settings of that time, so that what others were told does not move when somebody changes the settings.
 * @param told the score that a jump told last, so that many small steps add up; null = it has not moved since it was first seen
 * @returns `told`: from where the next jump is measured
 */
export function withRiskNotices(
  changes: readonly NewChange[],
  rules: RiskRules | undefined,
  told: number | null,
): { readonly changes: readonly NewChange[]; readonly told: number | null } {
  const move = changes.find(({ kind }) => kind.endsWith('.risk_score_changed'));
  if (rules === undefined || move === undefined) return { changes, told };
  const from = told ?? scoreOf(move.previous);
  const jump = jumpOf(move, from, rules.delta);
  const notices = [...crossings(move, rules.thresholds), ...jump];
  return {
    changes: changes.flatMap((change) => (change === move ? [change, ...notices] : [change])),
    told: jump.length > 0 ? scoreOf(move.current) : from,
  };
}

function crossings(move: NewChange, thresholds: readonly number[]): readonly NewChange[] {
  const [before, now] = [scoreOf(move.previous), scoreOf(move.current)];
  if (before === null || now === null) return [];
  const crossed = thresholds.filter((threshold) => before < threshold !== now < threshold).toSorted((a, b) => a - b);
  const direction = now < before ? 'down' : 'up';
  return (direction === 'down' ? crossed.reverse() : crossed).map((threshold) =>
    noticeOf(move, 'risk_threshold_crossed', before, { threshold, direction }),
  );
}

function jumpOf(move: NewChange, from: number | null, delta: number | null): readonly NewChange[] {
  const now = scoreOf(move.current);
  if (from === null || now === null || delta === null || Math.abs(now - from) < delta) return [];
  return [noticeOf(move, 'risk_jumped', from, { delta: Math.round((now - from) * 1e6) / 1e6 })];
}

function noticeOf(
  move: NewChange,
  name: 'risk_threshold_crossed' | 'risk_jumped',
  from: number,
  said: Readonly<Record<string, unknown>>,
): NewChange {
  const subject = move.kind.split('.')[0] as 'user' | 'group' | 'account';
  return {
    ...move,
    kind: `${subject}.${name}` satisfies RiskNoticeKind,
    current: { riskScore: scoreOf(move.current), ...said },
    previous: { riskScore: from },
  };
}

const scoreOf = (fields: NewChange['current']): number | null =>
  typeof fields?.riskScore === 'number' ? fields.riskScore : null;
