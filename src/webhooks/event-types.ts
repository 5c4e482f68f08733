/**
 * Types of events, written from their catalogue by `node scripts/sdk-types.ts`: not to be edited.
 * A test fails when they are stale.
 */

/** The data of each type of event. */
export type EventData = {
  /** A person was seen for the first time, or again after they were deleted. */
  readonly 'user.created': {
    /** The whole record, without its long lists */
    readonly user: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** Fields of a person that somebody maintains changed. */
  readonly 'user.updated': {
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    /** The new values of the fields that changed */
    readonly attributes: {
      readonly [key: string]: unknown;
    };
    /** Their old values */
    readonly previous_attributes: {
      readonly [key: string]: unknown;
    };
  };
  /** A person was archived. */
  readonly 'user.archived': {
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    /** The new values of the fields that changed */
    readonly attributes: {
      readonly [key: string]: unknown;
    };
    /** Their old values */
    readonly previous_attributes: {
      readonly [key: string]: unknown;
    };
  };
  /** An archived person is active again. */
  readonly 'user.restored': {
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    /** The new values of the fields that changed */
    readonly attributes: {
      readonly [key: string]: unknown;
    };
    /** Their old values */
    readonly previous_attributes: {
      readonly [key: string]: unknown;
    };
  };
  /** A person is gone from the account, proven by complete reads. */
  readonly 'user.deleted': {
    /** The whole record, without its long lists */
    readonly user: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** The time of a person’s last sign-in moved. */
  readonly 'user.signed_in': {
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly signed_in_at: string;
    readonly previous_signed_in_at: string | null;
  };
  /** A group was seen for the first time. */
  readonly 'group.created': {
    /** The whole record, without its long lists */
    readonly group: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** Fields of a group changed. */
  readonly 'group.updated': {
    readonly group: {
      readonly id: string | null;
      readonly name: string | null;
    };
    /** The new values of the fields that changed */
    readonly attributes: {
      readonly [key: string]: unknown;
    };
    /** Their old values */
    readonly previous_attributes: {
      readonly [key: string]: unknown;
    };
  };
  /** A group was archived. */
  readonly 'group.archived': {
    readonly group: {
      readonly id: string | null;
      readonly name: string | null;
    };
    /** The new values of the fields that changed */
    readonly attributes: {
      readonly [key: string]: unknown;
    };
    /** Their old values */
    readonly previous_attributes: {
      readonly [key: string]: unknown;
    };
  };
  /** An archived group is active again. */
  readonly 'group.restored': {
    readonly group: {
      readonly id: string | null;
      readonly name: string | null;
    };
    /** The new values of the fields that changed */
    readonly attributes: {
      readonly [key: string]: unknown;
    };
    /** Their old values */
    readonly previous_attributes: {
      readonly [key: string]: unknown;
    };
  };
  /** A group is gone from the account, proven by complete reads. */
  readonly 'group.deleted': {
    /** The whole record, without its long lists */
    readonly group: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** A person joined a group. */
  readonly 'group.member_added': {
    readonly group: {
      readonly id: string | null;
      readonly name: string | null;
    };
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
  };
  /** A person left a group, or was deleted. */
  readonly 'group.member_removed': {
    readonly group: {
      readonly id: string | null;
      readonly name: string | null;
    };
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
  };
  /** The account’s own record changed, its admins aside. */
  readonly 'account.updated': {
    readonly account: {
      readonly name: string | null;
    };
    /** The new values of the fields that changed */
    readonly attributes: {
      readonly [key: string]: unknown;
    };
    /** Their old values */
    readonly previous_attributes: {
      readonly [key: string]: unknown;
    };
  };
  /** A person became an admin of the console. */
  readonly 'role.assigned': {
    readonly role: {
      readonly id: string;
      readonly name: string | null;
    };
    readonly assignment_id: string;
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
  };
  /** A person is no admin of the console any more. */
  readonly 'role.unassigned': {
    readonly role: {
      readonly id: string;
      readonly name: string | null;
    };
    readonly assignment_id: string;
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
  };
  /** A stream was read completely for the first time: from here on its changes are events. */
  readonly 'baseline.completed': {
    readonly stream: string;
    readonly rows: number | null;
    /** SHA-256 over the keys and digests of its rows */
    readonly digest: string | null;
  };
  /** A person was enrolled. */
  readonly 'enrollment.created': {
    readonly enrollment: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly campaign: {
      readonly id: string | null;
      readonly name: string | null;
    };
    readonly module: {
      readonly name: string | null;
      readonly content_type: string | null;
    };
    readonly status: string | null;
  };
  /** A person began a training. */
  readonly 'enrollment.started': {
    readonly enrollment: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly campaign: {
      readonly id: string | null;
      readonly name: string | null;
    };
    readonly module: {
      readonly name: string | null;
      readonly content_type: string | null;
    };
    readonly status: string | null;
    /** The new values of the fields that changed */
    readonly attributes: {
      readonly [key: string]: unknown;
    };
    /** Their old values */
    readonly previous_attributes: {
      readonly [key: string]: unknown;
    };
  };
  /** A person completed or passed a training. */
  readonly 'enrollment.completed': {
    readonly enrollment: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly campaign: {
      readonly id: string | null;
      readonly name: string | null;
    };
    readonly module: {
      readonly name: string | null;
      readonly content_type: string | null;
    };
    readonly status: string | null;
    /** The new values of the fields that changed */
    readonly attributes: {
      readonly [key: string]: unknown;
    };
    /** Their old values */
    readonly previous_attributes: {
      readonly [key: string]: unknown;
    };
  };
  /** A training was not completed in time. */
  readonly 'enrollment.overdue': {
    readonly enrollment: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly campaign: {
      readonly id: string | null;
      readonly name: string | null;
    };
    readonly module: {
      readonly name: string | null;
      readonly content_type: string | null;
    };
    readonly status: string | null;
    /** The new values of the fields that changed */
    readonly attributes: {
      readonly [key: string]: unknown;
    };
    /** Their old values */
    readonly previous_attributes: {
      readonly [key: string]: unknown;
    };
  };
  /** An enrollment changed otherwise. */
  readonly 'enrollment.updated': {
    readonly enrollment: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly campaign: {
      readonly id: string | null;
      readonly name: string | null;
    };
    readonly module: {
      readonly name: string | null;
      readonly content_type: string | null;
    };
    readonly status: string | null;
    /** The new values of the fields that changed */
    readonly attributes: {
      readonly [key: string]: unknown;
    };
    /** Their old values */
    readonly previous_attributes: {
      readonly [key: string]: unknown;
    };
  };
  /** An enrollment is gone, proven by complete reads. */
  readonly 'enrollment.deleted': {
    readonly enrollment: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly campaign: {
      readonly id: string | null;
      readonly name: string | null;
    };
    readonly module: {
      readonly name: string | null;
      readonly content_type: string | null;
    };
    readonly status: string | null;
  };
  /** A training campaign was seen for the first time. */
  readonly 'training_campaign.created': {
    /** The whole record, without its long lists */
    readonly campaign: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** Fields of a training campaign changed. */
  readonly 'training_campaign.updated': {
    readonly campaign: {
      readonly id: string | null;
      readonly name: string | null;
    };
    /** The new values of the fields that changed */
    readonly attributes: {
      readonly [key: string]: unknown;
    };
    /** Their old values */
    readonly previous_attributes: {
      readonly [key: string]: unknown;
    };
  };
  /** A training campaign is gone, proven by complete reads. */
  readonly 'training_campaign.deleted': {
    /** The whole record, without its long lists */
    readonly campaign: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** Training content was added from the store. */
  readonly 'store_purchase.created': {
    /** The whole record, without its long lists */
    readonly content: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** Training content from the store changed. */
  readonly 'store_purchase.updated': {
    readonly content: {
      readonly id: string | null;
      readonly name: string | null;
    };
    /** The new values of the fields that changed */
    readonly attributes: {
      readonly [key: string]: unknown;
    };
    /** Their old values */
    readonly previous_attributes: {
      readonly [key: string]: unknown;
    };
  };
  /** Training content from the store is gone. */
  readonly 'store_purchase.deleted': {
    /** The whole record, without its long lists */
    readonly content: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** A policy was added. */
  readonly 'policy.created': {
    /** The whole record, without its long lists */
    readonly content: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** A policy changed. */
  readonly 'policy.updated': {
    readonly content: {
      readonly id: string | null;
      readonly name: string | null;
    };
    /** The new values of the fields that changed */
    readonly attributes: {
      readonly [key: string]: unknown;
    };
    /** Their old values */
    readonly previous_attributes: {
      readonly [key: string]: unknown;
    };
  };
  /** A policy is gone. */
  readonly 'policy.deleted': {
    /** The whole record, without its long lists */
    readonly content: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** A test reached a person. */
  readonly 'phishing.delivered': {
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly test: {
      readonly id: string;
      readonly campaign_type: 'email' | 'callback';
    };
    readonly template: {
      readonly id: string | null;
      readonly name: string | null;
    } | null;
    readonly at: string;
  };
  /** A person opened the mail of a test. */
  readonly 'phishing.opened': {
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly test: {
      readonly id: string;
      readonly campaign_type: 'email' | 'callback';
    };
    readonly template: {
      readonly id: string | null;
      readonly name: string | null;
    } | null;
    readonly at: string;
  };
  /** A person fell for a test; one event for each way in which they did. */
  readonly 'phishing.failed': {
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly test: {
      readonly id: string;
      readonly campaign_type: 'email' | 'callback';
    };
    readonly template: {
      readonly id: string | null;
      readonly name: string | null;
    } | null;
    readonly at: string;
    readonly failure:
      | 'clicked'
      | 'replied'
      | 'attachment_opened'
      | 'macro_enabled'
      | 'data_entered'
      | 'qr_code_scanned';
    /** Whether it is the first failure of this person in this test */
    readonly first: boolean;
  };
  /** A person reported the mail of a test. */
  readonly 'phishing.reported': {
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly test: {
      readonly id: string;
      readonly campaign_type: 'email' | 'callback';
    };
    readonly template: {
      readonly id: string | null;
      readonly name: string | null;
    } | null;
    readonly at: string;
  };
  /** The mail of a test bounced. */
  readonly 'phishing.bounced': {
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly test: {
      readonly id: string;
      readonly campaign_type: 'email' | 'callback';
    };
    readonly template: {
      readonly id: string | null;
      readonly name: string | null;
    } | null;
    readonly at: string;
  };
  /** KnowBe4 took back what it had said of a recipient. */
  readonly 'phishing.corrected': {
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly test: {
      readonly id: string;
      readonly campaign_type: 'email' | 'callback';
    };
    readonly template: {
      readonly id: string | null;
      readonly name: string | null;
    } | null;
    /** What KnowBe4 no longer says: clicked, reported, … */
    readonly withdrawn: readonly string[];
  };
  /** A recipient is gone from a test, proven by complete reads. */
  readonly 'phishing.recipient_removed': {
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly test: {
      readonly id: string;
      readonly campaign_type: 'email' | 'callback';
    };
    readonly template: {
      readonly id: string | null;
      readonly name: string | null;
    } | null;
  };
  /** A phishing campaign was seen for the first time. */
  readonly 'phishing_campaign.created': {
    /** The whole record, without its long lists */
    readonly campaign: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** Fields of a phishing campaign changed. */
  readonly 'phishing_campaign.updated': {
    readonly campaign: {
      readonly id: string | null;
      readonly name: string | null;
    };
    /** The new values of the fields that changed */
    readonly attributes: {
      readonly [key: string]: unknown;
    };
    /** Their old values */
    readonly previous_attributes: {
      readonly [key: string]: unknown;
    };
  };
  /** A phishing campaign is gone, proven by complete reads. */
  readonly 'phishing_campaign.deleted': {
    /** The whole record, without its long lists */
    readonly campaign: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** A test of a campaign was seen for the first time. */
  readonly 'security_test.created': {
    /** The whole record, without its long lists */
    readonly test: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** Fields or counts of a test changed. */
  readonly 'security_test.updated': {
    readonly test: {
      readonly id: string | null;
      readonly name: string | null;
      readonly campaign_type: 'email' | 'callback';
    };
    /** The new values of the fields that changed */
    readonly attributes: {
      readonly [key: string]: unknown;
    };
    /** Their old values */
    readonly previous_attributes: {
      readonly [key: string]: unknown;
    };
  };
  /** A test is gone, proven by complete reads. */
  readonly 'security_test.deleted': {
    /** The whole record, without its long lists */
    readonly test: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** The risk score of a person, a group or the account changed. */
  readonly 'risk_score.changed': {
    readonly subject: 'user' | 'group' | 'account';
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user?: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly group?: {
      readonly id: string | null;
      readonly name: string | null;
    };
    readonly account?: {
      readonly name: string | null;
    };
    readonly risk_score: number | null;
    readonly previous_risk_score: number | null;
  };
  /** A risk score crossed one of the connection’s thresholds (`risk_thresholds`). */
  readonly 'risk.threshold_crossed': {
    readonly subject: 'user' | 'group' | 'account';
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user?: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly group?: {
      readonly id: string | null;
      readonly name: string | null;
    };
    readonly account?: {
      readonly name: string | null;
    };
    readonly risk_score: number | null;
    readonly previous_risk_score: number | null;
    readonly threshold: number;
    readonly direction: 'up' | 'down';
  };
  /** A risk score is at least the connection’s `risk_delta` away from where this was last told, or from where it was first seen. */
  readonly 'risk.jumped': {
    readonly subject: 'user' | 'group' | 'account';
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user?: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly group?: {
      readonly id: string | null;
      readonly name: string | null;
    };
    readonly account?: {
      readonly name: string | null;
    };
    readonly risk_score: number | null;
    readonly previous_risk_score: number | null;
    readonly delta: number;
  };
  /** The phish-prone percentage of a person changed. */
  readonly 'phish_prone.changed': {
    /** The person, as they were called then; null where KnowBe4 named none */
    readonly user: {
      readonly id: string | null;
      readonly email?: string | null;
      readonly first_name?: string | null;
      readonly last_name?: string | null;
    } | null;
    readonly phish_prone_percent: number | null;
    readonly previous_phish_prone_percent: number | null;
  };
  /** An account was connected. */
  readonly 'connection.created': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
  };
  /** A connection was removed. */
  readonly 'connection.removed': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
  };
  /** Name, tenant, tags, region or settings of a connection were changed. */
  readonly 'connection.updated': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    /** Names of what was changed */
    readonly changed: readonly string[];
  };
  /** Another token of the account took the place of the one before. */
  readonly 'connection.reconnected': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
  };
  /** Somebody paused the connection. */
  readonly 'connection.paused': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
  };
  /** A paused connection goes on. */
  readonly 'connection.resumed': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
  };
  /** The store was put back from a copy: what happened since the copy is told again, or not at all where it has passed. Read the directory again. */
  readonly 'connection.store_restored': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
  };
  /** KnowBe4 refused the token, or the account cannot be used any more. */
  readonly 'connection.token_refused': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly error: {
      readonly code: string;
      readonly detail: string;
      readonly hint: string | null;
    } | null;
  };
  /** The token was proven again, or replaced by one that works. */
  readonly 'connection.token_restored': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
  };
  /** A stream has not been read for too long. */
  readonly 'connection.stale': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly stream: string;
    readonly last_refreshed_at: string | null;
  };
  /** A stale stream was read again. */
  readonly 'connection.fresh_again': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly stream: string;
    readonly last_refreshed_at: string | null;
  };
  /** A sync found removals that it did not make: they wait for a second look or a person. */
  readonly 'connection.hold_opened': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly hold: {
      readonly id: string;
      readonly stream: string;
      readonly scope: string;
      readonly kind: string;
      readonly state: string;
      readonly live: number;
      readonly absent: number;
    };
  };
  /** A hold was confirmed, dismissed, or agreed with by later reads. */
  readonly 'connection.hold_decided': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly hold: {
      readonly id: string;
      readonly stream: string;
      readonly scope: string;
      readonly kind: string;
      readonly state: string;
      readonly live: number;
      readonly absent: number;
    };
  };
  /** A sync failed, the one before it had not. */
  readonly 'connection.sync_failed': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly error: {
      readonly code: string;
      readonly detail: string;
      readonly hint: string | null;
    } | null;
    readonly run_id: string;
    readonly level: string;
  };
  /** A sync was asked for. Told only while an endpoint asks for it by name. */
  readonly 'run.queued': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly run: {
      readonly id: string;
      readonly level: string;
      readonly trigger: string;
      readonly status: string;
      readonly started_at: string;
      readonly ended_at: string | null;
      readonly [key: string]: unknown;
    };
  };
  /** A sync began. Told only while an endpoint asks for it by name. */
  readonly 'run.started': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly run: {
      readonly id: string;
      readonly level: string;
      readonly trigger: string;
      readonly status: string;
      readonly started_at: string;
      readonly ended_at: string | null;
      readonly [key: string]: unknown;
    };
    /** run.queued was told before */
    readonly was_queued: boolean;
  };
  /** A sync ended. Told only while an endpoint asks for it by name. */
  readonly 'run.ended': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly run: {
      readonly id: string;
      readonly level: string;
      readonly trigger: string;
      readonly status: string;
      readonly started_at: string;
      readonly ended_at: string | null;
      readonly [key: string]: unknown;
    };
  };
  /** Less than half of the reserve is left of the day’s requests. */
  readonly 'connection.budget_low': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly detail: string;
  };
  /** KnowBe4 asked to slow down although our own count had room: another program uses the account. */
  readonly 'connection.budget_eaten_by_others': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly detail: string;
  };
  /** The budget is as it should be again. */
  readonly 'connection.budget_recovered': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly detail: string;
  };
  /** Events of this connection could not be delivered to an endpoint. */
  readonly 'connection.deliveries_dead': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly detail: string;
  };
  /** No more deliveries to the endpoint are given up. */
  readonly 'connection.deliveries_recovered': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly detail: string;
  };
  /** A plan waits for people to approve it. */
  readonly 'plan.waiting': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly plan: {
      readonly id: string;
      readonly kind: string;
      readonly state: string;
      readonly digest: string;
      /** Steps by action, and what is not done */
      readonly counts: {
        readonly [key: string]: number;
      };
      readonly approvals_needed: number;
      readonly expires_at: string | null;
      readonly [key: string]: unknown;
    };
    /** Where people decide; the message itself decides nothing */
    readonly review_url: string | null;
  };
  /** Enough people have approved a plan, or some of its steps. */
  readonly 'plan.approved': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly plan: {
      readonly id: string;
      readonly kind: string;
      readonly state: string;
      readonly digest: string;
      /** Steps by action, and what is not done */
      readonly counts: {
        readonly [key: string]: number;
      };
      readonly approvals_needed: number;
      readonly expires_at: string | null;
      readonly [key: string]: unknown;
    };
    /** Where people decide; the message itself decides nothing */
    readonly review_url: string | null;
    /** Who decided; their reason stands at the plan */
    readonly by: string;
  };
  /** Somebody refused a plan: it is over. */
  readonly 'plan.rejected': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly plan: {
      readonly id: string;
      readonly kind: string;
      readonly state: string;
      readonly digest: string;
      /** Steps by action, and what is not done */
      readonly counts: {
        readonly [key: string]: number;
      };
      readonly approvals_needed: number;
      readonly expires_at: string | null;
      readonly [key: string]: unknown;
    };
    /** Where people decide; the message itself decides nothing */
    readonly review_url: string | null;
    /** Who decided; their reason stands at the plan */
    readonly by: string;
  };
  /** Everything of a plan that could be sent was sent; KnowBe4 shows it after its next sync. */
  readonly 'plan.applied': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly plan: {
      readonly id: string;
      readonly kind: string;
      readonly state: string;
      readonly digest: string;
      /** Steps by action, and what is not done */
      readonly counts: {
        readonly [key: string]: number;
      };
      readonly approvals_needed: number;
      readonly expires_at: string | null;
      readonly [key: string]: unknown;
    };
    /** Where people decide; the message itself decides nothing */
    readonly review_url: string | null;
    /** How many steps it is about */
    readonly steps: number;
    readonly detail: string | null;
  };
  /** Applying a plan stopped before its end. */
  readonly 'plan.stopped': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly plan: {
      readonly id: string;
      readonly kind: string;
      readonly state: string;
      readonly digest: string;
      /** Steps by action, and what is not done */
      readonly counts: {
        readonly [key: string]: number;
      };
      readonly approvals_needed: number;
      readonly expires_at: string | null;
      readonly [key: string]: unknown;
    };
    /** Where people decide; the message itself decides nothing */
    readonly review_url: string | null;
    /** How many steps it is about */
    readonly steps: number;
    readonly detail: string | null;
  };
  /** Everything that was sent of a plan is at work, by our own reads. */
  readonly 'plan.visible': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly plan: {
      readonly id: string;
      readonly kind: string;
      readonly state: string;
      readonly digest: string;
      /** Steps by action, and what is not done */
      readonly counts: {
        readonly [key: string]: number;
      };
      readonly approvals_needed: number;
      readonly expires_at: string | null;
      readonly [key: string]: unknown;
    };
    /** Where people decide; the message itself decides nothing */
    readonly review_url: string | null;
    /** How many steps it is about */
    readonly steps: number;
    readonly detail: string | null;
  };
  /** Steps of a plan that KnowBe4 took are not visible after two of its syncs. Nobody is archived until they are. */
  readonly 'plan.late': {
    readonly connection: {
      readonly id: string;
      readonly name: string | null;
      /** Left out where it belongs to none */
      readonly tenant?: string;
    };
    readonly plan: {
      readonly id: string;
      readonly kind: string;
      readonly state: string;
      readonly digest: string;
      /** Steps by action, and what is not done */
      readonly counts: {
        readonly [key: string]: number;
      };
      readonly approvals_needed: number;
      readonly expires_at: string | null;
      readonly [key: string]: unknown;
    };
    /** Where people decide; the message itself decides nothing */
    readonly review_url: string | null;
    /** How many steps it is about */
    readonly steps: number;
    readonly detail: string | null;
  };
  /** A read of a source was kept and shows something new, or the one before it did not end well. It belongs to no connection. */
  readonly 'source.read_completed': {
    readonly source: {
      readonly name: string;
      readonly kind: string;
    };
    readonly read: {
      readonly id: string;
      readonly state: string;
      readonly proof: {
        readonly state: string;
        readonly words: string;
      } | null;
      readonly people: number;
      readonly added: number;
      readonly changed: number;
      readonly gone: number;
      /** Whether people whom it does not show are one read more absent */
      readonly counts: boolean;
      readonly digest: string | null;
      readonly by: string;
      readonly started_at: string;
      readonly ended_at: string | null;
      readonly [key: string]: unknown;
    };
  };
  /** A source was not read to its end: nobody counts as absent. Told again only for another reason. */
  readonly 'source.read_incomplete': {
    readonly source: {
      readonly name: string;
      readonly kind: string;
    };
    readonly read: {
      readonly id: string;
      readonly state: string;
      readonly proof: {
        readonly state: string;
        readonly words: string;
      } | null;
      readonly people: number;
      readonly added: number;
      readonly changed: number;
      readonly gone: number;
      /** Whether people whom it does not show are one read more absent */
      readonly counts: boolean;
      readonly digest: string | null;
      readonly by: string;
      readonly started_at: string;
      readonly ended_at: string | null;
      readonly [key: string]: unknown;
    };
    readonly error: {
      readonly code: string;
      readonly detail: string;
      readonly hint: string | null;
    } | null;
  };
  /** A read of a source looks wrong: nothing of it is used until two different people let it in. */
  readonly 'source.read_quarantined': {
    readonly source: {
      readonly name: string;
      readonly kind: string;
    };
    readonly read: {
      readonly id: string;
      readonly state: string;
      readonly proof: {
        readonly state: string;
        readonly words: string;
      } | null;
      readonly people: number;
      readonly added: number;
      readonly changed: number;
      readonly gone: number;
      /** Whether people whom it does not show are one read more absent */
      readonly counts: boolean;
      readonly digest: string | null;
      readonly by: string;
      readonly started_at: string;
      readonly ended_at: string | null;
      readonly [key: string]: unknown;
    };
    /** What looks wrong, without a word about anybody */
    readonly findings: readonly {
      readonly guard: string;
      readonly attribute: string | null;
      readonly words: string;
      readonly [key: string]: unknown;
    }[];
  };
  /** Two different people have let in a read that looked wrong. */
  readonly 'source.read_accepted': {
    readonly source: {
      readonly name: string;
      readonly kind: string;
    };
    readonly read: {
      readonly id: string;
      readonly state: string;
      readonly proof: {
        readonly state: string;
        readonly words: string;
      } | null;
      readonly people: number;
      readonly added: number;
      readonly changed: number;
      readonly gone: number;
      /** Whether people whom it does not show are one read more absent */
      readonly counts: boolean;
      readonly digest: string | null;
      readonly by: string;
      readonly started_at: string;
      readonly ended_at: string | null;
      readonly [key: string]: unknown;
    };
    /** What looks wrong, without a word about anybody */
    readonly findings: readonly {
      readonly guard: string;
      readonly attribute: string | null;
      readonly words: string;
      readonly [key: string]: unknown;
    }[];
    /** Who let it in */
    readonly approvals: readonly {
      readonly name: string;
      readonly at: string;
    }[];
  };
  /** A provider pushes somebody anew who was erased: no read shows them until somebody lets them in again. */
  readonly 'source.person_kept_out': {
    readonly source: {
      readonly name: string;
      readonly kind: string;
    };
    readonly person: {
      /** The id that the provider was given */
      readonly id: string;
    };
  };
  /** A webhook endpoint was switched off because it does not answer. */
  readonly 'endpoint.disabled': {
    readonly endpoint: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
    readonly [key: string]: unknown;
  };
  /** A webhook endpoint was switched on again. */
  readonly 'endpoint.enabled': {
    readonly endpoint: {
      readonly id: string;
      readonly [key: string]: unknown;
    };
    readonly [key: string]: unknown;
  };
};
