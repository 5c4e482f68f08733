import type { PlanKind, PlanState } from '../../provisioning/plan.ts';

/** `2026-11-21 09:14 UTC` */
export const moment = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

export const count = (value: number): string => value.toLocaleString('en-US');

export const stateWords: Readonly<Record<PlanState, string>> = {
  draft: 'A draft',
  blocked: 'Blocked',
  waiting: 'Waits for people',
  approved: 'Approved',
  applying: 'Being applied',
  applied: 'Applied',
  stale: 'Out of date',
  superseded: 'Replaced by a newer one',
  rejected: 'Refused',
  expired: 'Expired',
};

export const kindWords: Readonly<Record<PlanKind, string>> = {
  sync: 'what sources and rules say',
  adoption: 'taking every account over as it is',
  undo: 'putting back what an earlier plan did',
  request: 'what somebody asked for through the API',
  urgent: 'one leaver, at once',
};
