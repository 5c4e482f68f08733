import type { ChangeKind } from '../sync/ports.ts';
import type { ApiToken, Scope } from '../tokens/token.ts';
import { hasScope, requireScope } from './authenticate.ts';

/** The scope that each kind of change needs. */
const scopeOfKind: Readonly<Record<ChangeKind, Scope>> = {
  baseline: 'directory',
  'account.created': 'directory',
  'account.updated': 'directory',
  'account.deleted': 'directory',
  'user.created': 'directory',
  'user.updated': 'directory',
  'user.deleted': 'directory',
  'user.archived': 'directory',
  'user.restored': 'directory',
  'user.last_sign_in_changed': 'directory',
  'group.created': 'directory',
  'group.updated': 'directory',
  'group.deleted': 'directory',
  'group.archived': 'directory',
  'group.restored': 'directory',
  'group.member_added': 'directory',
  'group.member_removed': 'directory',
  'group.member_count_changed': 'directory',
  'user.risk_score_changed': 'risk',
  'group.risk_score_changed': 'risk',
  'account.risk_score_changed': 'risk',
  'user.phish_prone_changed': 'risk',
  'user.risk_threshold_crossed': 'risk',
  'user.risk_jumped': 'risk',
  'group.risk_threshold_crossed': 'risk',
  'group.risk_jumped': 'risk',
  'account.risk_threshold_crossed': 'risk',
  'account.risk_jumped': 'risk',
  'phishing_campaign.created': 'phishing.aggregate',
  'phishing_campaign.updated': 'phishing.aggregate',
  'phishing_campaign.deleted': 'phishing.aggregate',
  'security_test.created': 'phishing.aggregate',
  'security_test.updated': 'phishing.aggregate',
  'security_test.deleted': 'phishing.aggregate',
  'recipient.created': 'phishing.identified',
  'recipient.updated': 'phishing.identified',
  'recipient.deleted': 'phishing.identified',
  'training_campaign.created': 'training',
  'training_campaign.updated': 'training',
  'training_campaign.deleted': 'training',
  'enrollment.created': 'training',
  'enrollment.updated': 'training',
  'enrollment.deleted': 'training',
  'store_purchase.created': 'training',
  'store_purchase.updated': 'training',
  'store_purchase.deleted': 'training',
  'policy.created': 'training',
  'policy.updated': 'training',
  'policy.deleted': 'training',
  'connection.created': 'connections',
  'connection.removed': 'connections',
  'connection.updated': 'connections',
  'connection.reconnected': 'connections',
  'run.queued': 'connections',
  'run.started': 'connections',
  'run.ended': 'connections',
  'connection.paused': 'connections',
  'connection.resumed': 'connections',
  'connection.store_restored': 'connections',
  'connection.token_refused': 'connections',
  'connection.token_restored': 'connections',
  'connection.stale': 'connections',
  'connection.fresh_again': 'connections',
  'connection.hold_opened': 'connections',
  'connection.hold_decided': 'connections',
  'connection.sync_failed': 'connections',
  'connection.budget_low': 'connections',
  'connection.budget_eaten_by_others': 'connections',
  'connection.budget_recovered': 'connections',
  'connection.deliveries_dead': 'connections',
  'connection.deliveries_recovered': 'connections',
  'plan.waiting': 'provisioning',
  'plan.approved': 'provisioning',
  'plan.rejected': 'provisioning',
  'plan.applied': 'provisioning',
  'plan.stopped': 'provisioning',
  'plan.visible': 'provisioning',
  'plan.late': 'provisioning',
  'source.read_completed': 'provisioning',
  'source.read_incomplete': 'provisioning',
  'source.read_quarantined': 'provisioning',
  'source.read_accepted': 'provisioning',
  'source.person_kept_out': 'provisioning',
  'endpoint.disabled': 'connections',
  'endpoint.enabled': 'connections',
};

export const changeKinds = Object.keys(scopeOfKind) as ChangeKind[];

/**
 * The kinds that a token may see: those it asked for, or all that its scopes reach.
 * @returns undefined when that is every kind
 * @throws ForeknowError `scope_missing` when it asked for one beyond its scopes
 */
export function visibleKinds(
  token: ApiToken,
  asked: readonly ChangeKind[] | undefined,
): readonly ChangeKind[] | undefined {
  for (const kind of asked ?? []) requireScope(token, scopeOfKind[kind], `the kind ${kind}`);
  if (asked !== undefined && asked.length > 0) return asked;
  const visible = changeKinds.filter((kind) => hasScope(token, scopeOfKind[kind]));
  return visible.length === changeKinds.length ? undefined : visible;
}
