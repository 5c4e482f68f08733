/**
 * Types of the API, written from its OpenAPI document by `node scripts/sdk-types.ts`: not to be edited.
 * A test fails when they are stale.
 */

/** An object without fields. */
export type Nothing = { readonly [key: string]: never };

/** A sign-in, or what a sync found changed */
export type Activity = {
  readonly id: string;
  readonly actor: {
    readonly type: 'user' | 'system';
    readonly user: {
      readonly id: string;
    } | null;
  };
  readonly organization: string;
  readonly group: string | null;
  readonly description: string;
  readonly action: string;
  readonly entity: string | null;
  readonly entity_type: 'user' | 'group' | 'account';
  /** As the event has it: GET /api/v1/events/types */
  readonly context: {
    readonly [key: string]: unknown;
  };
  /** When it was; of what a sync found, when it was seen */
  readonly created_at: string;
};

export type Alert = {
  readonly id: string;
  readonly connection_id: string;
  readonly kind:
    | 'stream_stale'
    | 'token_refused'
    | 'budget_low'
    | 'budget_eaten_by_others'
    | 'deliveries_dead'
    | 'steps_late'
    | 'campaign_silent';
  /** The stream, the endpoint, the plan, or campaign and group; empty where it is about the connection */
  readonly subject: string;
  readonly detail: string;
  readonly opened_at: string;
  /** null while it lasts */
  readonly closed_at: string | null;
  readonly mailed_at: string | null;
};

/** A token of this API. Its secret is stored hashed and shown once. */
export type ApiToken = {
  readonly id: string;
  readonly kind: 'api' | 'account' | 'mcp';
  readonly name: string;
  readonly scopes: readonly (
    | 'directory'
    | 'training'
    | 'phishing.aggregate'
    | 'phishing.identified'
    | 'risk'
    | 'proxy'
    | 'proxy.write'
    | 'write'
    | 'connections'
    | 'sync'
    | 'provisioning'
    | 'webhooks'
    | 'metrics'
    | 'audit'
    | 'admin'
  )[];
  /** Ids of the connections it reaches */
  readonly connections: readonly string[] | null;
  /** It also reaches every connection that has one of these; with `connections` null as well: all */
  readonly tags: readonly string[] | null;
  readonly field_policy: {
    readonly email?: 'mask' | 'drop';
    readonly phone?: 'drop';
    readonly name?: 'drop';
    readonly employee_number?: 'drop';
    readonly manager?: 'drop';
    readonly location?: 'drop';
    readonly client?: 'drop';
    readonly custom?: 'drop';
  } | null;
  /** The token it was derived from, and with which it ends */
  readonly parent_id: string | null;
  readonly settings: {
    readonly source?: 'live' | 'mirror';
    /** Of kind mcp: which tools it is offered */
    readonly tools?: {
      readonly methods?: readonly string[];
      readonly tags?: readonly string[];
    };
    /** Of kind mcp: it works only beside an API token */
    readonly require_api_token?: boolean;
  };
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly revoked_at: string | null;
  readonly last_four: string;
  /** Until when the secret before the present one works as well */
  readonly previous_until: string | null;
};

/** One administrative act. Holds no secret. */
export type AuditEntry = {
  /** Place in the log, without gaps */
  readonly seq: number;
  readonly at: string;
  readonly actor: {
    readonly kind: 'token' | 'operator' | 'person' | 'system' | 'link';
    /** Id of the token, or the user of the machine */
    readonly id: string;
    readonly name: string | null;
    readonly door: 'http' | 'cli' | 'internal';
    /** Address of the caller */
    readonly from: string | null;
    readonly request_id: string | null;
  };
  readonly action: string;
  readonly target: string | null;
  readonly connection_id: string | null;
  /** `begun`: it takes several steps, and a further entry says how it ended */
  readonly outcome: 'begun' | 'done' | 'refused' | 'failed';
  /** Code of the error */
  readonly error: string | null;
  readonly details: {
    readonly [key: string]: unknown;
  };
};

/** What can be called, of one account with the keys that it has. Nothing here changes anything at KnowBe4. */
export type Capabilities = {
  readonly integration: {
    readonly id: string;
    readonly name: string;
    readonly category: string;
  };
  readonly proxy: readonly {
    readonly resource: string;
    readonly methods: readonly {
      readonly method: string;
      readonly name: string;
      readonly description: string;
      readonly has_description: boolean;
      readonly has_query_schema: boolean;
      readonly has_body_schema: boolean;
      readonly has_response_schema: boolean;
      readonly api_documentation_url: string;
    }[];
  }[];
  readonly unified: readonly {
    readonly model: string;
    readonly model_label: string;
    readonly resource: string;
    readonly description: string;
    /** Below this server; needs a token like every other address */
    readonly docs_url: string;
    readonly methods: readonly string[];
    readonly env_overridden: false;
  }[];
  readonly auth: {
    readonly formats: readonly string[];
    readonly fields: readonly {
      readonly name: string;
      readonly [key: string]: unknown;
    }[];
  };
  readonly ai_readiness: {
    readonly methods: number;
    readonly described: number;
    readonly tools: number;
  };
  readonly account?: {
    readonly id: string;
    readonly status: string;
    readonly authentication_method: string;
    readonly is_blocked: boolean;
  };
};

export type Change = {
  /** Its place in the log; grows, never reused */
  readonly seq: number;
  readonly connection_id: string;
  /** Empty where no run made it */
  readonly run_id: string;
  readonly kind: string;
  /** connection: what happened to the connection itself */
  readonly stream:
    | 'account'
    | 'groups'
    | 'users'
    | 'risk_history'
    | 'phishing_campaigns'
    | 'security_tests'
    | 'recipients'
    | 'training_campaigns'
    | 'store_purchases'
    | 'policies'
    | 'enrollments'
    | 'connection';
  readonly key: string;
  readonly at: string;
  /** The new values */
  readonly current: unknown;
  /** The old values of the changed fields */
  readonly previous: unknown;
  /** Who and what it is about, as they were called then */
  readonly about?: unknown;
};

export type ConnectResult = {
  readonly connection: Connection;
  readonly capabilities: readonly {
    readonly name: string;
    readonly available: boolean;
    readonly note: string | null;
  }[];
  readonly warnings: readonly string[];
};

/** A KnowBe4 account and how it is read. No secret is ever shown. */
export type Connection = {
  readonly id: string;
  readonly name: string;
  readonly tenant: string | null;
  readonly tags: readonly string[];
  readonly region: 'us' | 'eu' | 'ca' | 'uk' | 'de';
  /** Addresses other than KnowBe4’s own for the region; of SCIM the tenant URL */
  readonly base_urls: {
    readonly reporting?: string;
    readonly scim?: string;
    readonly events?: string;
    readonly product?: string;
  };
  readonly state: 'connecting' | 'active' | 'validation_error' | 'needs_reauth';
  readonly paused_at: string | null;
  readonly last_error: {
    readonly code: string;
    readonly detail: string;
    readonly hint: string | null;
    readonly at?: string;
  } | null;
  /** What an operator may set. Settings are replaced as a whole: send those that shall stay as well */
  readonly settings: {
    readonly limits?: {
      /** Requests a second; null: none */
      readonly per_second?: number | null;
      /** Requests a minute; null: none */
      readonly per_minute?: number | null;
      /** Requests a rolling day; null: none */
      readonly per_day?: number | null;
      /** Requests a second, of the SCIM key; null: none */
      readonly scim_per_second?: number | null;
      /** Share of the day kept for interactive calls */
      readonly reserve_share?: number;
    };
    /** Streams that are not mirrored */
    readonly streams_off?: readonly (
      | 'account'
      | 'groups'
      | 'users'
      | 'risk_history'
      | 'phishing_campaigns'
      | 'security_tests'
      | 'recipients'
      | 'training_campaigns'
      | 'store_purchases'
      | 'policies'
      | 'enrollments'
    )[];
    /** Keep no address, place, browser and system of recipients */
    readonly drop_recipient_client?: boolean;
    /** IANA name; times are UTC unless it is set */
    readonly time_zone?: string;
    /** Overrides the computed budget key */
    readonly account_key?: string;
    readonly pagination?: 'auto' | 'page' | 'cursor';
    /** Between scheduled directory refreshes; null: never */
    readonly directory_every_minutes?: number | null;
    /** Risk scores that make an event when one is crossed; default 60 */
    readonly risk_thresholds?: readonly number[];
    /** How far a risk score must move between two reads to make an event; null: never; default 10 */
    readonly risk_delta?: number | null;
    /** Between scheduled refreshes of campaigns and tests; null: never */
    readonly activity_every_minutes?: number | null;
  };
  /** What KnowBe4 said when the token was last proven */
  readonly account: {
    readonly name: string | null;
    readonly type: string | null;
    readonly domains: readonly string[];
    readonly subscription_level: string | null;
    readonly seats: number | null;
    readonly admins: number;
    readonly checked_at: string;
    readonly warnings: readonly string[];
  } | null;
  /** Connections with one key share one request budget */
  readonly account_key: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly tokens: readonly {
    readonly kind: string;
    readonly fingerprint: string;
    readonly created_at: string;
  }[];
};

export type ConnectionStatus = {
  readonly connection: Connection;
  readonly streams: readonly {
    readonly connection_id: string;
    readonly stream:
      | 'account'
      | 'groups'
      | 'users'
      | 'risk_history'
      | 'phishing_campaigns'
      | 'security_tests'
      | 'recipients'
      | 'training_campaigns'
      | 'store_purchases'
      | 'policies'
      | 'enrollments';
    readonly status: 'never' | 'running' | 'fresh' | 'partial' | 'failed' | 'parked' | 'held' | 'off';
    readonly baseline_at: string | null;
    readonly last_started_at: string | null;
    readonly last_complete_at: string | null;
    readonly last_refreshed_at: string | null;
    readonly parked_until: string | null;
    /** What the read can say about its own completeness */
    readonly last_proof: {
      readonly complete: boolean;
      readonly why: string;
      readonly detail: string;
      readonly pages: number;
      readonly rows: number;
      readonly [key: string]: unknown;
    } | null;
    readonly last_error: {
      readonly code: string;
      readonly detail: string;
      readonly hint: string | null;
      readonly at?: string;
    } | null;
    readonly rows: number | null;
  }[];
  readonly budget: {
    readonly account_key: string | null;
    readonly limits: {
      readonly per_second: number | null;
      readonly per_minute: number | null;
      readonly per_day: number | null;
    };
    readonly used_last_minute: number;
    readonly used_last_day: number;
    readonly reserve: number;
    readonly free_for_sync: number | null;
    readonly blocked_until: string | null;
    /** 429 answers although our own count had room: another tool shares the quota */
    readonly unexpected_429: number;
  };
  readonly open_holds: readonly Hold[];
  readonly open_alerts: readonly Alert[];
  readonly running: {
    readonly run_id: string;
    readonly stream:
      | 'account'
      | 'groups'
      | 'users'
      | 'risk_history'
      | 'phishing_campaigns'
      | 'security_tests'
      | 'recipients'
      | 'training_campaigns'
      | 'store_purchases'
      | 'policies'
      | 'enrollments';
    readonly rows: number;
    readonly expected_rows: number | null;
    readonly pages: number;
    readonly requests: number;
    readonly expected_requests: number;
    readonly stream_done: boolean;
  } | null;
  readonly last_run: Run | null;
  readonly next_sync_at: string | null;
};

export type Course = {
  readonly id: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly code: string | null;
  readonly type: 'course' | 'other';
  readonly status: 'draft' | 'published' | 'archived' | 'unknown';
  readonly language: string | null;
  readonly duration_seconds: number | null;
  readonly level: string | null;
  readonly urls: readonly {
    readonly url: string;
    readonly type: string;
  }[];
  readonly tags: readonly {
    readonly id: string;
    readonly name: string | null;
  }[];
  readonly categories: readonly {
    readonly id: string;
    readonly name: string | null;
  }[];
  readonly created_at: string;
  readonly updated_at: string;
  readonly x_content_type: string | null;
  readonly x_status: string | null;
  readonly x_publisher: string | null;
  readonly x_published_at: string | null;
  readonly x_retirement_date: string | null;
  readonly x_minimum_time: number | null;
  readonly x_deleted_at: string | null;
  readonly remote_data?: {
    readonly [key: string]: unknown;
  };
};

export type CourseEnrollment = {
  readonly id: string;
  readonly user: {
    readonly id: string | null;
    readonly name: string | null;
    readonly emails: readonly {
      readonly email: string;
      readonly type: 'primary';
      readonly is_primary: true;
    }[];
  } | null;
  readonly course: {
    readonly id: string | null;
    readonly title: string | null;
  };
  readonly status: string;
  readonly assigned_at: string | null;
  readonly due_at: string | null;
  readonly enrolled_at: string | null;
  readonly started_at: string | null;
  readonly last_activity_at: string | null;
  readonly completed_at: string | null;
  readonly time_spent_seconds: number | null;
  readonly score: number | null;
  readonly is_mandatory: boolean | null;
  readonly assigned_by: {
    readonly id: string;
    readonly name: string | null;
  } | null;
  readonly urls: readonly {
    readonly url: string;
    readonly type: string;
  }[];
  readonly created_at: string;
  readonly updated_at: string;
  readonly x_status: string | null;
  readonly x_campaign: {
    readonly id: string | null;
    readonly name: string | null;
  };
  readonly x_policy_acknowledged: boolean | null;
  readonly x_deleted_at: string | null;
  readonly remote_data?: {
    readonly [key: string]: unknown;
  };
};

export type CourseEnrollmentList = {
  readonly result: readonly CourseEnrollment[];
  /** null: this is the last page */
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
  /** Records on this page */
  readonly result_count: number;
  /** KnowBe4 has more than the list can show */
  readonly is_partial_response?: true;
  readonly x_freshness: {
    readonly source: 'mirror' | 'live';
    readonly as_of: string | null;
  };
};

export type CourseItem = {
  readonly id: string;
  readonly course: {
    readonly id: string | null;
    readonly title: string | null;
  };
  readonly title: string | null;
  readonly type: 'store_purchase' | 'policy' | 'unknown';
  readonly duration_seconds: number | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly x_campaign: {
    readonly id: string;
    readonly name: string | null;
    readonly status: string | null;
    readonly start_date: string | null;
    readonly end_date: string | null;
  };
  readonly remote_data?: {
    readonly [key: string]: unknown;
  };
};

export type CourseItemList = {
  readonly result: readonly CourseItem[];
  /** null: this is the last page */
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
  /** Records on this page */
  readonly result_count: number;
  /** KnowBe4 has more than the list can show */
  readonly is_partial_response?: true;
  readonly x_freshness: {
    readonly source: 'mirror' | 'live';
    readonly as_of: string | null;
  };
};

export type CourseList = {
  readonly result: readonly Course[];
  /** null: this is the last page */
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
  /** Records on this page */
  readonly result_count: number;
  /** KnowBe4 has more than the list can show */
  readonly is_partial_response?: true;
  readonly x_freshness: {
    readonly source: 'mirror' | 'live';
    readonly as_of: string | null;
  };
};

/** An API token, as clients of Truto’s API know it */
export type EnvironmentToken = {
  readonly id: string;
  readonly name: string;
  readonly environment_id: string;
  /** The token that it was derived from */
  readonly created_by: string | null;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly created_at: string;
};

/** Something that happened. The same id always has the same type and data. */
export type Event = {
  readonly id: string;
  readonly type: string;
  /** Empty for what is about no connection */
  readonly connection_id: string;
  /** When it was seen */
  readonly at: string;
  /** Place in the log of the change it tells of */
  readonly sequence: number;
  /** See GET /api/v1/events/types */
  readonly data: {
    readonly [key: string]: unknown;
  };
};

export type EventType = {
  readonly type: string;
  /** The scope that a token needs to read it */
  readonly scope: string;
  readonly description: string;
  /** JSON Schema of its data */
  readonly schema: {
    readonly [key: string]: unknown;
  };
  readonly example: Event;
};

export type Group = {
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly organization: string;
  readonly group_type: 'group';
  readonly created_at: string | null;
  readonly updated_at: string | null;
  readonly x_group_type: string | null;
  readonly x_member_count: number | null;
  readonly x_risk_score: number | null;
  readonly x_status: string | null;
  readonly x_deleted_at: string | null;
  readonly remote_data?: {
    readonly [key: string]: unknown;
  };
};

export type GroupList = {
  readonly result: readonly Group[];
  /** null: this is the last page */
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
  /** Records on this page */
  readonly result_count: number;
  /** KnowBe4 has more than the list can show */
  readonly is_partial_response?: true;
  readonly x_freshness: {
    readonly source: 'mirror' | 'live';
    readonly as_of: string | null;
  };
};

/** Removals that a sync found and did not make. */
export type Hold = {
  readonly id: string;
  readonly connection_id: string;
  readonly stream:
    | 'account'
    | 'groups'
    | 'users'
    | 'risk_history'
    | 'phishing_campaigns'
    | 'security_tests'
    | 'recipients'
    | 'training_campaigns'
    | 'store_purchases'
    | 'policies'
    | 'enrollments';
  readonly scope: string;
  readonly kind: 'suspicious' | 'needs_person';
  readonly state: 'open' | 'agreed' | 'confirmed' | 'dismissed';
  readonly live: number;
  readonly absent: number;
  readonly first_pass_at: string;
  readonly created_at: string;
  readonly decided_at: string | null;
  readonly decided_by: string | null;
};

/** A connection, as clients of Truto’s API know it. No secret is ever shown. */
export type IntegratedAccount = {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly environment_id: string;
  readonly environment_integration_id: string;
  /** post_install_error never occurs here */
  readonly status: 'connecting' | 'active' | 'validation_error' | 'post_install_error' | 'needs_reauth';
  /** Paused: KnowBe4 is asked nothing, the mirror goes on being served */
  readonly is_blocked: boolean;
  readonly last_error: string | null;
  /** What KnowBe4 said when the token was last proven */
  readonly last_action_result: {
    readonly checked_at: string;
    readonly account_name: string | null;
    readonly account_type: string | null;
    readonly subscription_level: string | null;
    readonly seats: number | null;
    readonly warnings: readonly string[];
  } | null;
  readonly is_sandbox: false;
  readonly authentication_method: 'api_key';
  /** KnowBe4’s */
  readonly region: 'us' | 'eu' | 'ca' | 'uk' | 'de';
  /** Without secrets */
  readonly context: {
    readonly name: string;
    readonly region: 'us' | 'eu' | 'ca' | 'uk' | 'de';
    /** Another address than KnowBe4’s own for the region */
    readonly base_url: string | null;
    /** What an operator may set. Settings are replaced as a whole: send those that shall stay as well */
    readonly settings: {
      readonly limits?: {
        /** Requests a second; null: none */
        readonly per_second?: number | null;
        /** Requests a minute; null: none */
        readonly per_minute?: number | null;
        /** Requests a rolling day; null: none */
        readonly per_day?: number | null;
        /** Requests a second, of the SCIM key; null: none */
        readonly scim_per_second?: number | null;
        /** Share of the day kept for interactive calls */
        readonly reserve_share?: number;
      };
      /** Streams that are not mirrored */
      readonly streams_off?: readonly (
        | 'account'
        | 'groups'
        | 'users'
        | 'risk_history'
        | 'phishing_campaigns'
        | 'security_tests'
        | 'recipients'
        | 'training_campaigns'
        | 'store_purchases'
        | 'policies'
        | 'enrollments'
      )[];
      /** Keep no address, place, browser and system of recipients */
      readonly drop_recipient_client?: boolean;
      /** IANA name; times are UTC unless it is set */
      readonly time_zone?: string;
      /** Overrides the computed budget key */
      readonly account_key?: string;
      readonly pagination?: 'auto' | 'page' | 'cursor';
      /** Between scheduled directory refreshes; null: never */
      readonly directory_every_minutes?: number | null;
      /** Risk scores that make an event when one is crossed; default 60 */
      readonly risk_thresholds?: readonly number[];
      /** How far a risk score must move between two reads to make an event; null: never; default 10 */
      readonly risk_delta?: number | null;
      /** Between scheduled refreshes of campaigns and tests; null: never */
      readonly activity_every_minutes?: number | null;
    };
  };
  /** None: secrets are sealed, and nothing is kept elsewhere */
  readonly object_store_context_fields: readonly string[];
  readonly tags: readonly string[];
  readonly integration: {
    readonly id: string;
    readonly name: string;
    readonly category: string;
  };
  readonly created_at: string;
  readonly updated_at: string;
  readonly paused_at: string | null;
};

/** A request to connect an account, sent to a co-worker. Its link and its code are shown once. */
export type Invitation = {
  readonly id: string;
  readonly kind: 'link_token' | 'invitation';
  /** `ended`: its token was revoked or has expired, or its connection was removed */
  readonly state: 'open' | 'used' | 'revoked' | 'expired' | 'ended';
  readonly task: 'new' | 'reconnect' | 'add_key';
  readonly address: string | null;
  readonly requester: string;
  readonly tenant: string | null;
  readonly name: string | null;
  readonly tags: readonly string[];
  /** Of a connection to reconnect or to add keys to */
  readonly connection_id: string | null;
  readonly keys: readonly ('reporting' | 'scim' | 'events' | 'product')[];
  readonly region: 'us' | 'eu' | 'ca' | 'uk' | 'de' | null;
  readonly streams_off: readonly string[];
  /** The token that it was made with, and with which it ends */
  readonly maker_id: string | null;
  readonly created_at: string;
  readonly expires_at: string;
  /** When it went out by mail; null: it is to be handed over */
  readonly sent_at: string | null;
  readonly reminded_at: string | null;
  readonly opened_at: string | null;
  readonly used_at: string | null;
  readonly revoked_at: string | null;
  /** The connection that it made or changed */
  readonly result_connection_id: string | null;
};

/** JSON-RPC 2.0, with the codes of the Model Context Protocol. */
export type JsonRpcError = {
  readonly jsonrpc: '2.0';
  readonly id?: string | number | null;
  readonly error: {
    readonly code: number;
    readonly message: string;
    readonly data?: unknown;
  };
};

export type KeyResult = {
  readonly connection: Connection;
  readonly kind: 'scim' | 'events' | 'product';
  readonly capabilities: readonly {
    readonly name: string;
    readonly available: boolean;
    readonly note: string | null;
  }[];
  readonly warnings: readonly string[];
};

export type License = {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly available_quantity: number | null;
  readonly assigned_quantity: number;
  readonly unit_amount: number | null;
  readonly currency: string | null;
  readonly roles: readonly {
    readonly id: string;
    readonly name: string | null;
  }[];
  readonly is_paid: boolean | null;
  readonly status: 'active' | 'inactive' | null;
  readonly products: readonly {
    readonly id: string;
    readonly name: string | null;
    readonly status: string | null;
  }[];
  readonly created_at: string | null;
  readonly updated_at: string | null;
  readonly x_subscription_end_date: string | null;
  readonly remote_data?: {
    readonly [key: string]: unknown;
  };
};

export type LicenseList = {
  readonly result: readonly License[];
  /** null: this is the last page */
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
  /** Records on this page */
  readonly result_count: number;
  /** KnowBe4 has more than the list can show */
  readonly is_partial_response?: true;
  readonly x_freshness: {
    readonly source: 'mirror' | 'live';
    readonly as_of: string | null;
  };
};

export type LmsUser = {
  readonly id: string;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly name: string | null;
  readonly username: string | null;
  readonly emails: readonly {
    readonly email: string;
    readonly type: 'primary' | 'alias';
    readonly is_primary: boolean;
  }[];
  readonly status: string | null;
  readonly created_at: string | null;
  readonly updated_at: string | null;
  readonly last_login_at: string | null;
  readonly x_enrolled: number;
  readonly x_in_progress: number;
  readonly x_completed: number;
  readonly x_overdue: number;
  readonly x_last_completed_at: string | null;
  readonly x_deleted_at: string | null;
  readonly remote_data?: {
    readonly [key: string]: unknown;
  };
};

export type LmsUserList = {
  readonly result: readonly LmsUser[];
  /** null: this is the last page */
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
  /** Records on this page */
  readonly result_count: number;
  /** KnowBe4 has more than the list can show */
  readonly is_partial_response?: true;
  readonly x_freshness: {
    readonly source: 'mirror' | 'live';
    readonly as_of: string | null;
  };
};

/** A call, a delivery or a run, as far as it is remembered: no value of a query and no body. */
export type LogEntry = {
  readonly id: string;
  readonly log_type: 'unified_proxy_api' | 'rapid_bridge' | 'webhook' | 'sync_job_cron_trigger' | 'mcp';
  readonly created_at: string;
  readonly integrated_account_id: string | null;
  readonly environment_id: string;
  readonly [key: string]: unknown;
};

/** A token for an agent: it reads one account, and ends */
export type McpServer = {
  readonly id: string;
  readonly name: string;
  readonly config: {
    readonly methods?: readonly string[];
    readonly tags?: readonly string[];
    readonly require_api_token_auth: boolean;
  };
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly created_at: string;
};

export type Organization = {
  readonly id: string;
  readonly name: string | null;
  readonly pricing_plan: string | null;
  readonly licenses: readonly {
    readonly id: string;
    readonly name: string | null;
    readonly x_seats: number;
  }[];
  readonly created_at: string | null;
  readonly updated_at: string | null;
  readonly x_domains: readonly string[];
  readonly x_account_type: string | null;
  readonly x_subscription_end_date: string | null;
  readonly x_risk_score: number | null;
  readonly remote_data?: {
    readonly [key: string]: unknown;
  };
};

export type OrganizationList = {
  readonly result: readonly Organization[];
  /** null: this is the last page */
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
  /** Records on this page */
  readonly result_count: number;
  /** KnowBe4 has more than the list can show */
  readonly is_partial_response?: true;
  readonly x_freshness: {
    readonly source: 'mirror' | 'live';
    readonly as_of: string | null;
  };
};

export type Person = {
  readonly id: string;
  readonly connection_id: string;
  readonly name: string | null;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly email: string | null;
  readonly aliases: readonly string[];
  readonly status: string | null;
  readonly employee_number: string | null;
  readonly provisioning_guid: string | null;
  readonly provisioning_managed: boolean | null;
  readonly job_title: string | null;
  readonly organization: string | null;
  readonly department: string | null;
  readonly division: string | null;
  readonly location: string | null;
  readonly manager: {
    readonly name: string | null;
    readonly email: string | null;
  } | null;
  readonly phones: readonly {
    readonly number: string;
    readonly extension: string | null;
    readonly type: 'phone' | 'mobile';
  }[];
  readonly language: string | null;
  readonly comment: string | null;
  readonly custom: {
    readonly field_1: string | null;
    readonly field_2: string | null;
    readonly field_3: string | null;
    readonly field_4: string | null;
    readonly date_1: string | null;
    readonly date_2: string | null;
  };
  readonly employee_start_date: string | null;
  readonly joined_at: string | null;
  readonly last_sign_in_at: string | null;
  readonly archived_at: string | null;
  readonly deleted_at: string | null;
  readonly updated_at: string | null;
  readonly first_seen_at: string;
  readonly groups: readonly {
    readonly id: string;
    readonly name: string | null;
  }[];
  readonly roles: readonly {
    readonly id: string;
    readonly name: string | null;
  }[];
  readonly risk?: {
    readonly score: number | null;
    readonly phish_prone_percent: number | null;
  };
  readonly training?: {
    readonly enrolled: number;
    readonly not_started: number;
    readonly in_progress: number;
    readonly completed: number;
    readonly overdue: number;
    readonly last_completed_at: string | null;
  };
  readonly phishing?: {
    readonly delivered: number;
    readonly failed: number;
    readonly reported: number;
    readonly last_failed_at: string | null;
    readonly last_delivered_at: string | null;
  };
};

export type PersonDetail = {
  readonly id: string;
  readonly connection_id: string;
  readonly name: string | null;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly email: string | null;
  readonly aliases: readonly string[];
  readonly status: string | null;
  readonly employee_number: string | null;
  readonly provisioning_guid: string | null;
  readonly provisioning_managed: boolean | null;
  readonly job_title: string | null;
  readonly organization: string | null;
  readonly department: string | null;
  readonly division: string | null;
  readonly location: string | null;
  readonly manager: {
    readonly name: string | null;
    readonly email: string | null;
  } | null;
  readonly phones: readonly {
    readonly number: string;
    readonly extension: string | null;
    readonly type: 'phone' | 'mobile';
  }[];
  readonly language: string | null;
  readonly comment: string | null;
  readonly custom: {
    readonly field_1: string | null;
    readonly field_2: string | null;
    readonly field_3: string | null;
    readonly field_4: string | null;
    readonly date_1: string | null;
    readonly date_2: string | null;
  };
  readonly employee_start_date: string | null;
  readonly joined_at: string | null;
  readonly last_sign_in_at: string | null;
  readonly archived_at: string | null;
  readonly deleted_at: string | null;
  readonly updated_at: string | null;
  readonly first_seen_at: string;
  readonly groups: readonly {
    readonly id: string;
    readonly name: string | null;
  }[];
  readonly roles: readonly {
    readonly id: string;
    readonly name: string | null;
  }[];
  readonly risk?: {
    readonly score: number | null;
    readonly phish_prone_percent: number | null;
    readonly trend_90d: number | null;
    readonly points: readonly {
      readonly date: string;
      readonly score: number;
    }[];
  };
  readonly training?: {
    readonly enrolled: number;
    readonly not_started: number;
    readonly in_progress: number;
    readonly completed: number;
    readonly overdue: number;
    readonly last_completed_at: string | null;
    readonly current: readonly {
      readonly id: string;
      readonly module: string | null;
      readonly campaign: {
        readonly id: string | null;
        readonly name: string | null;
      };
      readonly status: string | null;
      readonly overdue: boolean;
      readonly enrolled_at: string | null;
      readonly started_at: string | null;
      readonly completed_at: string | null;
    }[];
  };
  readonly phishing?: {
    readonly delivered: number;
    readonly failed: number;
    readonly reported: number;
    readonly last_failed_at: string | null;
    readonly last_delivered_at: string | null;
    readonly last_tests: readonly {
      readonly test_id: string;
      readonly campaign_type: 'email' | 'callback';
      readonly template: string | null;
      readonly delivered_at: string | null;
      readonly opened_at: string | null;
      readonly clicked_at: string | null;
      readonly failed_at: string | null;
      readonly reported_at: string | null;
    }[];
  };
  readonly freshness: {
    readonly source: 'mirror';
    readonly users: string | null;
    readonly enrollments: string | null;
    readonly recipients: string | null;
  };
};

export type PersonList = {
  readonly result: readonly Person[];
  /** null: this is the last page */
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
  /** Records on this page */
  readonly result_count: number;
  /** KnowBe4 has more than the list can show */
  readonly is_partial_response?: true;
  readonly x_freshness: {
    readonly source: 'mirror' | 'live';
    readonly as_of: string | null;
  };
};

/** What would be done at KnowBe4, and what KnowBe4 would then do by itself. */
export type Plan = {
  readonly id: string;
  readonly connection_id: string;
  readonly kind: 'sync' | 'adoption' | 'undo' | 'request' | 'urgent';
  readonly state:
    | 'draft'
    | 'blocked'
    | 'waiting'
    | 'approved'
    | 'applying'
    | 'applied'
    | 'stale'
    | 'superseded'
    | 'rejected'
    | 'expired';
  readonly mode: 'observe' | 'propose' | 'auto';
  readonly author: string;
  readonly built_at: string;
  readonly expires_at: string;
  /** What an approval binds to */
  readonly digest: string;
  readonly basis: {
    readonly sources: readonly {
      readonly name: string;
      readonly read: string;
      readonly people: number;
      readonly state: 'complete' | 'unproven' | 'incomplete' | 'quarantined';
      readonly proof: string;
      readonly read_at: string;
    }[];
    readonly target: {
      readonly active: number;
      readonly archived: number;
      readonly as_of: string | null;
    };
    readonly rules: {
      readonly file: string | null;
      /** `sha256:` and 64 hexadecimal digits */
      readonly digest: string;
      readonly commit: string | null;
    } | null;
  };
  /** Steps by action, and what is not done */
  readonly counts: {
    readonly [key: string]: number;
  };
  readonly seats: {
    readonly bought: number | null;
    readonly now: number;
    readonly after: number;
  };
  readonly cost: {
    readonly writes: number;
    readonly verify_reads: number;
    readonly scim_windows: number;
    readonly visible_by: string | null;
  };
  readonly guards: readonly {
    readonly name:
      | 'source_complete'
      | 'source_shrink'
      | 'archive_share'
      | 'group_shrink'
      | 'create_burst'
      | 'seats'
      | 'protected'
      | 'foreign_owner'
      | 'domain'
      | 'data'
      | 'budget'
      | 'quarantine'
      | 'freeze'
      | 'target_read'
      | 'adoption'
      | 'test_mode'
      | 'paused'
      | 'late';
    readonly value: number;
    readonly limit: number;
    readonly state: 'ok' | 'notice' | 'tripped' | 'blocked';
    readonly text: string;
    readonly step_ids: readonly string[];
  }[];
  readonly approval: {
    readonly needed: number;
    readonly reasons: readonly string[];
  };
  readonly effects: readonly {
    readonly by: 'knowbe4';
    readonly kind:
      | 'auto_enrol'
      | 're_enrol'
      | 'group_enrol'
      | 'phishing_target'
      | 'archived_by_scim'
      | 'aliases_lost'
      | 'fields_lost'
      | 'group_emptied'
      | 'members_lost'
      | 'seat_taken'
      | 'seat_freed'
      | 'mail_sent'
      | 'leaves_smart_groups'
      | 'account_claimed'
      | 'put_back';
    readonly certainty: 'certain' | 'possible';
    readonly text: string;
    readonly campaign?: {
      readonly id: string;
      readonly name: string;
    };
    readonly group?: {
      readonly name: string;
      readonly group_id: string | null;
    };
    readonly user_ids?: readonly string[];
  }[];
  /** Only of a plan that was just built */
  readonly steps?: readonly PlanStep[];
  readonly items?: readonly PlanItem[];
  readonly changed_at?: string;
  readonly end?: {
    readonly at: string;
    readonly by: string;
    readonly reason: string;
  } | null;
};

/** One time of applying a plan. */
export type PlanApplication = {
  /** What an undo is asked for by */
  readonly id: string;
  readonly plan_id: string;
  /** `sha256:` and 64 hexadecimal digits */
  readonly plan_digest: string;
  readonly connection_id: string;
  readonly state: 'running' | 'applied' | 'partial' | 'stopped';
  readonly by: string;
  readonly step_ids: readonly string[] | null;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly resumed: number;
  readonly stop: {
    readonly code: string;
    readonly reason: string;
  } | null;
};

/** What a plan saw and does nothing about. */
export type PlanItem = {
  readonly kind:
    | 'ambiguous'
    | 'doubled'
    | 'conflict'
    | 'vanished'
    | 'foreign'
    | 'held'
    | 'unscoped'
    | 'unmanaged'
    | 'carried'
    | 'exempt';
  readonly person: {
    readonly source: {
      readonly source: string;
      readonly source_id: string;
    } | null;
    readonly key: string | null;
    /** KnowBe4’s id; null: to be created */
    readonly user_id: string | null;
    readonly name: string;
    readonly email: string | null;
  } | null;
  readonly group: {
    readonly name: string;
    readonly group_id: string | null;
  } | null;
  readonly reason: string;
  readonly text: string;
  readonly others: readonly {
    readonly source: {
      readonly source: string;
      readonly source_id: string;
    } | null;
    readonly key: string | null;
    /** KnowBe4’s id; null: to be created */
    readonly user_id: string | null;
    readonly name: string;
    readonly email: string | null;
  }[];
  readonly position?: number;
};

/** One change, and what KnowBe4 does because of it. */
export type PlanStep = {
  readonly id: string;
  readonly action:
    | 'claim'
    | 'restore'
    | 'create'
    | 'update'
    | 'manager'
    | 'group_create'
    | 'member_add'
    | 'member_remove'
    | 'group_rename'
    | 'archive';
  readonly situation:
    | 'linked'
    | 'found'
    | 'absent'
    | 'archived'
    | 'ambiguous'
    | 'doubled'
    | 'gone'
    | 'terminated'
    | 'unscoped'
    | 'vanished'
    | 'unmanaged'
    | 'foreign'
    | null;
  readonly person: {
    readonly source: {
      readonly source: string;
      readonly source_id: string;
    } | null;
    readonly key: string | null;
    /** KnowBe4’s id; null: to be created */
    readonly user_id: string | null;
    readonly name: string;
    readonly email: string | null;
  } | null;
  readonly group: {
    readonly name: string;
    readonly group_id: string | null;
  } | null;
  readonly matched_on: string | null;
  readonly fields: readonly {
    readonly name: string;
    readonly from: string | null;
    readonly to: string | null;
  }[];
  readonly because: readonly string[];
  readonly road: 'scim';
  readonly reversible: boolean;
  readonly cannot: readonly string[];
  readonly needs: readonly string[];
  readonly assumes: string;
  readonly effects: readonly {
    readonly by: 'knowbe4';
    readonly kind:
      | 'auto_enrol'
      | 're_enrol'
      | 'group_enrol'
      | 'phishing_target'
      | 'archived_by_scim'
      | 'aliases_lost'
      | 'fields_lost'
      | 'group_emptied'
      | 'members_lost'
      | 'seat_taken'
      | 'seat_freed'
      | 'mail_sent'
      | 'leaves_smart_groups'
      | 'account_claimed'
      | 'put_back';
    readonly certainty: 'certain' | 'possible';
    readonly text: string;
    readonly campaign?: {
      readonly id: string;
      readonly name: string;
    };
    readonly group?: {
      readonly name: string;
      readonly group_id: string | null;
    };
    readonly user_ids?: readonly string[];
  }[];
  readonly approval: {
    readonly needed: number;
    readonly reasons: readonly string[];
  };
  /** `sha256:` and 64 hexadecimal digits */
  readonly digest: string;
  readonly position?: number;
};

/** RFC 9457. `type` links to the section of the code. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code:
    | 'invalid_request'
    | 'invalid_cursor'
    | 'cursor_expired'
    | 'unauthenticated'
    | 'scope_missing'
    | 'field_hidden'
    | 'token_kind_not_allowed'
    | 'connection_not_allowed'
    | 'origin_not_allowed'
    | 'writes_not_enabled'
    | 'not_sent_on'
    | 'not_found'
    | 'method_not_allowed'
    | 'conflict'
    | 'idempotency_key_reused'
    | 'payload_too_large'
    | 'link_invalid'
    | 'link_expired'
    | 'link_used'
    | 'link_revoked'
    | 'too_many_attempts'
    | 'rate_limited'
    | 'internal'
    | 'unavailable'
    | 'connection_paused'
    | 'connection_unauthorized'
    | 'connection_forbidden'
    | 'wrong_region'
    | 'wrong_product'
    | 'different_account'
    | 'host_not_allowed'
    | 'remote_not_found'
    | 'remote_rate_limited'
    | 'quota_exhausted'
    | 'remote_rejected'
    | 'remote_unavailable'
    | 'remote_maintenance'
    | 'remote_invalid'
    | 'incomplete_read'
    | 'aborted'
    | 'observe_mode'
    | 'scim_not_adopted'
    | 'foreign_owner'
    | 'provisioning_halted'
    | 'approval_needed'
    | 'second_person_needed'
    | 'plan_stale'
    | 'plan_blocked'
    | 'plan_closed'
    | 'steps_incomplete'
    | 'group_not_writable'
    | 'field_not_writable'
    | 'person_protected'
    | 'operator_refused'
    | 'terminal_needed'
    | 'source_unreachable'
    | 'source_unauthorized'
    | 'source_rejected'
    | 'source_invalid'
    | 'rules_invalid'
    | 'config_invalid'
    | 'store_locked'
    | 'store_newer'
    | 'store_failed'
    | 'key_missing';
  readonly detail: string;
  readonly hint?: string;
  readonly field?: string;
  readonly issues?: readonly {
    readonly field: string;
    readonly reason: string;
  }[];
  readonly retry: 'soon' | 'later' | 'never';
  readonly remote?: {
    readonly status?: number;
    readonly request_id?: string | null;
  };
  readonly request_id: string;
};

/** How a connection is provisioned. */
export type ProvisioningState = {
  readonly connection_id: string;
  readonly mode: 'observe' | 'propose' | 'auto';
  readonly adoption: {
    readonly state: 'none' | 'pushing' | 'pushed' | 'adopted';
    readonly plan_id: string | null;
    readonly at: string | null;
    /** What the SCIM store lacked when it was looked at last; not there where nothing is missing */
    readonly lacks?: string;
    /** When the whole SCIM store was looked through last */
    readonly proven_at?: string;
  };
  readonly owner: 'unknown' | 'ours' | 'foreign';
  readonly owner_attested: {
    readonly by: string;
    readonly at: string;
    readonly words: string | null;
  } | null;
  readonly test_mode: {
    readonly state: 'unknown' | 'on' | 'off';
    readonly attested: {
      readonly by: string;
      readonly at: string;
      readonly words: string | null;
    } | null;
  };
  readonly renames: {
    readonly state: 'unknown' | 'keep' | 'duplicate';
    readonly attested: {
      readonly by: string;
      readonly at: string;
      readonly words: string | null;
    } | null;
  };
  readonly exempt: readonly string[];
  readonly paused_at: string | null;
  readonly stopped_at: string | null;
  readonly freezes: readonly {
    readonly from: string;
    readonly until: string;
    readonly reason: string | null;
  }[];
  readonly quarantine: {
    readonly until: string;
    readonly attempts: number;
    readonly reason: string;
  } | null;
  readonly updated_at: string;
};

/** Ours beside the header `x-foreknow-error`, which names the code; else as KnowBe4 sent it. */
export type ReportingError =
  | {
      readonly error?: string;
      readonly message?: string;
    }
  | readonly unknown[];

/** A list whose shape `truto_…` flags changed */
export type ReshapedList = {
  readonly result:
    | readonly {
        readonly [key: string]: unknown;
      }[]
    | {
        readonly [key: string]: {
          readonly [key: string]: unknown;
        };
      };
  /** null: this is the last page */
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
  /** Records on this page */
  readonly result_count: number;
  /** KnowBe4 has more than the list can show */
  readonly is_partial_response?: true;
  readonly x_freshness: {
    readonly source: 'mirror' | 'live';
    readonly as_of: string | null;
  };
  /** What lies behind: `truto_response_format=debug` */
  readonly debug?: {
    readonly [key: string]: unknown;
  };
};

/** A record whose shape `truto_…` flags changed */
export type ReshapedRecord = {
  readonly [key: string]: unknown;
};

export type Role = {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly type: 'builtin' | 'custom';
  readonly applicable_in: 'group' | 'workspace' | null;
  readonly created_at: string | null;
  readonly updated_at: string | null;
  readonly remote_data?: {
    readonly [key: string]: unknown;
  };
};

export type RoleAssignment = {
  readonly id: string;
  readonly user_id: string | null;
  readonly group_id: string | null;
  readonly group_type: 'group' | null;
  readonly role_id: string;
  readonly workspace: readonly string[];
  readonly created_at: string | null;
  readonly updated_at: string | null;
  readonly x_via_group: {
    readonly id: string;
    readonly name: string | null;
  } | null;
  readonly remote_data?: {
    readonly [key: string]: unknown;
  };
};

export type RoleAssignmentList = {
  readonly result: readonly RoleAssignment[];
  /** null: this is the last page */
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
  /** Records on this page */
  readonly result_count: number;
  /** KnowBe4 has more than the list can show */
  readonly is_partial_response?: true;
  readonly x_freshness: {
    readonly source: 'mirror' | 'live';
    readonly as_of: string | null;
  };
};

export type RoleList = {
  readonly result: readonly Role[];
  /** null: this is the last page */
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
  /** Records on this page */
  readonly result_count: number;
  /** KnowBe4 has more than the list can show */
  readonly is_partial_response?: true;
  readonly x_freshness: {
    readonly source: 'mirror' | 'live';
    readonly as_of: string | null;
  };
};

/** One sync: what it read, what it cost and what it found. */
export type Run = {
  readonly id: string;
  readonly connection_id: string;
  readonly trigger: 'manual' | 'schedule' | 'connect' | 'interactive';
  readonly level: 'directory' | 'refresh' | 'full';
  readonly status: 'queued' | 'running' | 'done' | 'partial' | 'failed' | 'parked' | 'interrupted';
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly streams: readonly {
    readonly stream:
      | 'account'
      | 'groups'
      | 'users'
      | 'risk_history'
      | 'phishing_campaigns'
      | 'security_tests'
      | 'recipients'
      | 'training_campaigns'
      | 'store_purchases'
      | 'policies'
      | 'enrollments';
    readonly status: 'done' | 'skipped' | 'partial' | 'failed' | 'parked' | 'held';
    readonly passes: number;
    readonly pages: number;
    readonly requests: number;
    readonly rows: number;
    readonly bad_rows: number;
    readonly changes: number;
    readonly duration_ms: number;
    /** What the read can say about its own completeness */
    readonly proof: {
      readonly complete: boolean;
      readonly why: string;
      readonly detail: string;
      readonly pages: number;
      readonly rows: number;
      readonly [key: string]: unknown;
    } | null;
    readonly error: {
      readonly code: string;
      readonly detail: string;
      readonly hint: string | null;
      readonly at?: string;
    } | null;
  }[];
  readonly requests: number;
  readonly pages: number;
  readonly rows: number;
  readonly changes: number;
  readonly estimate: {
    readonly requests: number;
    readonly duration_ms: number;
  } | null;
  readonly error: {
    readonly code: string;
    readonly detail: string;
    readonly hint: string | null;
    readonly at?: string;
  } | null;
};

/** RFC 7644, section 3.12. */
export type ScimError = {
  readonly schemas: readonly string[];
  readonly status: string;
  readonly scimType?: string;
  readonly detail: string;
};

/** A place that knows who works here. */
export type Source = {
  readonly name: string;
  readonly kind: 'csv' | 'ldap' | 'scim-in' | 'json';
  readonly every_minutes: number | null;
  readonly known: {
    readonly people: number;
    readonly absent: number;
  };
  readonly is_reading: boolean;
  readonly last_kept_at: string | null;
  readonly last_complete_at: string | null;
  readonly last_read: SourceRead | null;
  readonly waiting: SourceRead | null;
};

/** One read of one source. Holds no personal data. */
export type SourceRead = {
  readonly id: string;
  readonly source: string;
  readonly kind: 'csv' | 'ldap' | 'scim-in' | 'json';
  /** `quarantined`: it looks wrong, and waits for two people, who decide at a terminal or a page, never by a token */
  readonly state: 'reading' | 'kept' | 'quarantined' | 'accepted' | 'incomplete' | 'superseded';
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly by: string;
  readonly proof: {
    readonly state: 'complete' | 'unproven' | 'incomplete';
    readonly words: string;
    readonly mark?: string;
    readonly delivery?: string;
  } | null;
  readonly people: number;
  readonly added: number;
  readonly changed: number;
  readonly gone: number;
  readonly doubled: number;
  readonly coverage: readonly {
    readonly attribute: string;
    readonly filled: number;
    /** 0–1 */
    readonly share: number;
    readonly before: number | null;
    readonly newly_blank: number;
    readonly changed: number;
  }[];
  readonly findings: readonly {
    readonly guard: 'empty' | 'source_shrink' | 'newly_inactive' | 'newly_blank' | 'changed' | 'keys_changed';
    readonly attribute: string | null;
    /** 0–1 */
    readonly value: number;
    /** 0–1 */
    readonly limit: number;
    readonly words: string;
  }[];
  readonly digest: string | null;
  /** Whether whom it does not show counts as absent */
  readonly counts: boolean;
  readonly approvals: readonly {
    readonly by: string;
    readonly name: string;
    readonly at: string;
  }[];
  readonly error: {
    readonly code: string;
    readonly detail: string;
    readonly hint: string | null;
  } | null;
};

export type StartedRun = {
  readonly run_id: string;
  readonly status: 'queued' | 'running' | 'done' | 'partial' | 'failed' | 'parked' | 'interrupted';
};

export type SyncEstimate = {
  readonly level: 'directory' | 'refresh' | 'full';
  readonly requests: number;
  readonly duration_ms: number;
  readonly ends_at: string;
  readonly by_stream: readonly {
    readonly stream:
      | 'account'
      | 'groups'
      | 'users'
      | 'risk_history'
      | 'phishing_campaigns'
      | 'security_tests'
      | 'recipients'
      | 'training_campaigns'
      | 'store_purchases'
      | 'policies'
      | 'enrollments';
    readonly requests: number;
  }[];
};

/** One of the fixed jobs */
export type SyncJob = {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly integration_name: 'knowbe4';
  readonly environment_id: string;
  readonly created_at: string;
  readonly updated_at: string;
};

/** What makes the syncs of a connection come back by themselves */
export type SyncJobCronTrigger = {
  /** Connection and job */
  readonly id: string;
  readonly sync_job_id: string;
  readonly integrated_account_id: string;
  readonly status: 'active' | 'inactive';
  /** null where no expression says it; spread by up to a tenth */
  readonly cron_expression: string | null;
  readonly x_every_minutes: number | null;
  readonly created_at: string;
  readonly updated_at: string;
};

/** A sync, as clients of Truto’s API know it */
export type SyncJobRun = {
  readonly id: string;
  readonly sync_job_id: string;
  readonly integrated_account_id: string;
  readonly status: 'created' | 'running' | 'completed' | 'failed' | 'stopped';
  readonly error: {
    readonly code: string;
    readonly detail: string;
    readonly hint: string | null;
  } | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly completed_at: string | null;
  /** In our words: of what is failed here, partial and parked runs go on with the next one */
  readonly x_status: string;
  readonly x_trigger: string;
  readonly x_requests: number;
  readonly x_rows: number;
  readonly x_changes: number;
};

/** How far one stream of a connection is known */
export type SyncJobRunState = {
  /** Connection and stream */
  readonly state_key: string;
  readonly integrated_account_id: string;
  readonly value: {
    readonly status: string;
    readonly baseline_at: string | null;
    readonly last_complete_at: string | null;
    readonly last_refreshed_at: string | null;
    readonly rows: number | null;
  };
};

/** A resource of the proxy as an agent’s tool */
export type Tool = {
  readonly resource: string;
  readonly method: string;
  readonly name: string;
  readonly description: string;
  readonly query_schema: {
    readonly type: 'object';
    readonly properties: {
      readonly [key: string]: {
        readonly [key: string]: unknown;
      };
    };
    readonly [key: string]: unknown;
  };
  readonly body_schema: null;
  readonly required: readonly string[];
};

export type UnifiedError = {
  readonly statusCode: number;
  readonly error: string;
  readonly message: string;
  readonly details: {
    readonly code:
      | 'invalid_request'
      | 'invalid_cursor'
      | 'cursor_expired'
      | 'unauthenticated'
      | 'scope_missing'
      | 'field_hidden'
      | 'token_kind_not_allowed'
      | 'connection_not_allowed'
      | 'origin_not_allowed'
      | 'writes_not_enabled'
      | 'not_sent_on'
      | 'not_found'
      | 'method_not_allowed'
      | 'conflict'
      | 'idempotency_key_reused'
      | 'payload_too_large'
      | 'link_invalid'
      | 'link_expired'
      | 'link_used'
      | 'link_revoked'
      | 'too_many_attempts'
      | 'rate_limited'
      | 'internal'
      | 'unavailable'
      | 'connection_paused'
      | 'connection_unauthorized'
      | 'connection_forbidden'
      | 'wrong_region'
      | 'wrong_product'
      | 'different_account'
      | 'host_not_allowed'
      | 'remote_not_found'
      | 'remote_rate_limited'
      | 'quota_exhausted'
      | 'remote_rejected'
      | 'remote_unavailable'
      | 'remote_maintenance'
      | 'remote_invalid'
      | 'incomplete_read'
      | 'aborted'
      | 'observe_mode'
      | 'scim_not_adopted'
      | 'foreign_owner'
      | 'provisioning_halted'
      | 'approval_needed'
      | 'second_person_needed'
      | 'plan_stale'
      | 'plan_blocked'
      | 'plan_closed'
      | 'steps_incomplete'
      | 'group_not_writable'
      | 'field_not_writable'
      | 'person_protected'
      | 'operator_refused'
      | 'terminal_needed'
      | 'source_unreachable'
      | 'source_unauthorized'
      | 'source_rejected'
      | 'source_invalid'
      | 'rules_invalid'
      | 'config_invalid'
      | 'store_locked'
      | 'store_newer'
      | 'store_failed'
      | 'key_missing';
    readonly hint?: string;
    readonly field?: string;
    readonly failures?: readonly {
      readonly field: string;
      readonly reason: string;
    }[];
    readonly request_id: string;
  };
  readonly truto_error_insight?: {
    readonly [key: string]: {
      readonly [key: string]: unknown;
    };
  };
  readonly truto_is_remote_error?: boolean;
  readonly raw_response?: unknown;
};

export type User = {
  readonly id: string;
  readonly external_id: string | null;
  readonly identifiers: {
    readonly employee_number: string | null;
    readonly provisioning_guid: string | null;
  };
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly title: string | null;
  readonly name: string | null;
  readonly username: string | null;
  readonly emails: readonly {
    readonly email: string;
    readonly type: 'primary' | 'alias';
    readonly is_primary: boolean;
  }[];
  readonly phones: readonly {
    readonly number: string;
    readonly extension: string | null;
    readonly type: 'phone' | 'mobile';
  }[];
  readonly status: string | null;
  readonly is_email_verified: boolean | null;
  readonly is_2fa_enabled: boolean | null;
  readonly roles: readonly {
    readonly id: string;
    readonly name: string | null;
  }[];
  readonly organizations: readonly {
    readonly id: string;
    readonly name: string | null;
  }[];
  readonly type: 'admin' | 'end_user' | 'service-account';
  readonly licenses: readonly {
    readonly id: string;
    readonly name: string | null;
  }[];
  readonly groups: readonly {
    readonly id: string;
    readonly name: string | null;
  }[];
  readonly workspaces: readonly {
    readonly id: string;
    readonly name: string | null;
  }[];
  readonly avatar: string | null;
  readonly timezone: string | null;
  readonly languages: readonly string[];
  readonly bio: string | null;
  readonly created_at: string | null;
  readonly updated_at: string | null;
  readonly last_login_at: string | null;
  readonly last_active_at: string | null;
  readonly x_risk_score: number | null;
  readonly x_phish_prone_percent: number | null;
  readonly x_department: string | null;
  readonly x_division: string | null;
  readonly x_location: string | null;
  readonly x_manager_name: string | null;
  readonly x_manager_email: string | null;
  readonly x_archived_at: string | null;
  readonly x_deleted_at: string | null;
  readonly remote_data?: {
    readonly [key: string]: unknown;
  };
};

export type UserList = {
  readonly result: readonly User[];
  /** null: this is the last page */
  readonly next_cursor: string | null;
  readonly prev_cursor: string | null;
  /** Records on this page */
  readonly result_count: number;
  /** KnowBe4 has more than the list can show */
  readonly is_partial_response?: true;
  readonly x_freshness: {
    readonly source: 'mirror' | 'live';
    readonly as_of: string | null;
  };
};

/** A webhook, as clients of Truto’s API know it */
export type Webhook = {
  readonly id: string;
  readonly target_url: string;
  readonly is_active: boolean;
  readonly event_types: readonly string[];
  readonly environment_id: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly x_state: 'active' | 'paused' | 'off';
  readonly x_state_reason: string | null;
};

export type WebhookAttempts = {
  /** Also the webhook-id of every try */
  readonly event_id: string;
  readonly type: string;
  /** null: a test event */
  readonly connection_id: string | null;
  /** waiting: holds back later ones; retrying: tried by itself while others pass; dead: given up */
  readonly state: 'waiting' | 'retrying' | 'delivered' | 'dead';
  readonly failures: number;
  readonly first_at: string;
  readonly last_at: string;
  readonly next_at: string | null;
  /** The newest 20, oldest first */
  readonly attempts: readonly {
    readonly at: string;
    readonly request: {
      /** As sent, without the signatures */
      readonly headers: {
        readonly [key: string]: string;
      };
      readonly bytes: number;
      /** SHA-256 of the body, hex */
      readonly digest: string;
    };
    /** null: no answer came */
    readonly status: number | null;
    /** The first kB */
    readonly answer: string | null;
    readonly duration_ms: number;
    readonly error: string | null;
    readonly next_at: string | null;
  }[];
};

/** One event on its way to one endpoint. */
export type WebhookDelivery = {
  /** Also the webhook-id of every try */
  readonly event_id: string;
  readonly type: string;
  /** null: a test event */
  readonly connection_id: string | null;
  /** waiting: holds back later ones; retrying: tried by itself while others pass; dead: given up */
  readonly state: 'waiting' | 'retrying' | 'delivered' | 'dead';
  readonly failures: number;
  readonly first_at: string;
  readonly last_at: string;
  readonly next_at: string | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
};

/** An address that events are sent to. */
export type WebhookEndpoint = {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly types: readonly string[];
  readonly connections: readonly string[] | null;
  /** What whoever changed it last may read: events of others are not sent */
  readonly families: readonly string[];
  /** What that one is not told of people: deliveries do not tell it either */
  readonly field_policy: {
    readonly email?: 'mask' | 'drop';
    readonly phone?: 'drop';
    readonly name?: 'drop';
    readonly employee_number?: 'drop';
    readonly manager?: 'drop';
    readonly location?: 'drop';
    readonly client?: 'drop';
    readonly custom?: 'drop';
  } | null;
  readonly format: 'plain' | 'cloudevents' | 'truto';
  readonly names: boolean;
  readonly state: 'active' | 'paused' | 'off';
  readonly state_reason: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  /** Until when deliveries are also signed with the secret before */
  readonly previous_secret_until: string | null;
  /** Since when no delivery has succeeded */
  readonly failing_since: string | null;
  readonly last_success_at: string | null;
  readonly last_failure_at: string | null;
  /** Entries of the log that were dropped by their age before they were handled */
  readonly lost: number;
  /** The receiver asked to wait until then */
  readonly slow_until: string | null;
};

export type WebhookEndpointDetail = {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly types: readonly string[];
  readonly connections: readonly string[] | null;
  /** What whoever changed it last may read: events of others are not sent */
  readonly families: readonly string[];
  /** What that one is not told of people: deliveries do not tell it either */
  readonly field_policy: {
    readonly email?: 'mask' | 'drop';
    readonly phone?: 'drop';
    readonly name?: 'drop';
    readonly employee_number?: 'drop';
    readonly manager?: 'drop';
    readonly location?: 'drop';
    readonly client?: 'drop';
    readonly custom?: 'drop';
  } | null;
  readonly format: 'plain' | 'cloudevents' | 'truto';
  readonly names: boolean;
  readonly state: 'active' | 'paused' | 'off';
  readonly state_reason: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  /** Until when deliveries are also signed with the secret before */
  readonly previous_secret_until: string | null;
  /** Since when no delivery has succeeded */
  readonly failing_since: string | null;
  readonly last_success_at: string | null;
  readonly last_failure_at: string | null;
  /** Entries of the log that were dropped by their age before they were handled */
  readonly lost: number;
  /** The receiver asked to wait until then */
  readonly slow_until: string | null;
  readonly lanes: readonly {
    /** Empty: what belongs to no connection */
    readonly connection_id: string;
    /** Up to this number of the log everything has been handled */
    readonly position: number;
    /** The event that failed and holds back the later ones */
    readonly waits_for: string | null;
  }[];
};

export type WebhookEndpointWithSecret = {
  readonly endpoint: WebhookEndpoint;
  /** whsec_…, shown this once */
  readonly secret: string;
};

export type WebhookMade = {
  readonly id: string;
  readonly target_url: string;
  readonly is_active: boolean;
  readonly event_types: readonly string[];
  readonly environment_id: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly x_state: 'active' | 'paused' | 'off';
  readonly x_state_reason: string | null;
  /** Shown this once */
  readonly secret: string;
};

/** A conflict that a person decides. */
export type WorkItem = {
  readonly id: string;
  readonly connection_id: string;
  /** `join`: records of the sources that cannot be joined; one can be left out */
  readonly kind: 'ambiguous' | 'doubled' | 'conflict' | 'vanished' | 'rehire' | 'found' | 'join';
  readonly about: string;
  /** Both records side by side */
  readonly records: readonly {
    readonly [key: string]: unknown;
  }[];
  /** `sha256:` and 64 hexadecimal digits */
  readonly digest: string;
  readonly state: 'open' | 'decided' | 'closed';
  readonly decision: {
    readonly choice: 'link' | 'create' | 'ignore' | 'keep_apart';
    readonly user_id: string | null;
    readonly by: string;
    readonly at: string;
    readonly reason: string | null;
  } | null;
  readonly opened_at: string;
};

export type WorkosDirectory = {
  readonly object: 'directory';
  readonly id: string;
  readonly name: string;
  readonly organization_id: string;
  readonly external_key: string;
  readonly type: string;
  readonly state: 'active' | 'inactive' | 'validating' | 'invalid_credentials';
  readonly created_at: string;
  readonly updated_at: string;
  readonly [key: string]: unknown;
};

export type WorkosDirectoryList = {
  readonly object: 'list';
  readonly data: readonly WorkosDirectory[];
  readonly list_metadata: {
    readonly before: string | null;
    /** null at the end */
    readonly after: string | null;
  };
};

export type WorkosEventList = {
  readonly object: 'list';
  readonly data: readonly {
    readonly object: 'event';
    readonly id: string;
    readonly event:
      | 'dsync.activated'
      | 'dsync.deleted'
      | 'dsync.user.created'
      | 'dsync.user.updated'
      | 'dsync.user.deleted'
      | 'dsync.group.created'
      | 'dsync.group.updated'
      | 'dsync.group.deleted'
      | 'dsync.group.user_added'
      | 'dsync.group.user_removed';
    readonly data: {
      readonly [key: string]: unknown;
    };
    readonly created_at: string;
    readonly context: {
      readonly [key: string]: unknown;
    };
  }[];
  readonly list_metadata: {
    readonly before: string | null;
    /** null at the end */
    readonly after: string | null;
  };
};

export type WorkosGroup = {
  readonly object: 'directory_group';
  readonly id: string;
  readonly idp_id: string;
  readonly directory_id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly raw_attributes: {
    readonly [key: string]: unknown;
  };
  readonly created_at: string;
  readonly updated_at: string;
};

export type WorkosGroupList = {
  readonly object: 'list';
  readonly data: readonly WorkosGroup[];
  readonly list_metadata: {
    readonly before: string | null;
    /** null at the end */
    readonly after: string | null;
  };
};

export type WorkosUser = {
  readonly object: 'directory_user';
  readonly id: string;
  readonly idp_id: string;
  readonly directory_id: string;
  readonly organization_id: string;
  readonly email: string | null;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly name: string | null;
  readonly username: string | null;
  readonly emails: readonly {
    readonly primary: boolean;
    readonly type: string;
    readonly value: string;
  }[];
  readonly job_title: string | null;
  readonly state: 'active' | 'inactive';
  readonly role: {
    readonly slug: string;
  };
  readonly roles: readonly {
    readonly slug: string;
  }[];
  readonly custom_attributes: {
    readonly [key: string]: unknown;
  };
  readonly raw_attributes: {
    readonly [key: string]: unknown;
  };
  readonly created_at: string;
  readonly updated_at: string;
  /** At most 100; GET /workos/directory_groups?user= lists all */
  readonly groups: readonly WorkosGroup[];
  readonly [key: string]: unknown;
};

export type WorkosUserList = {
  readonly object: 'list';
  readonly data: readonly WorkosUser[];
  readonly list_metadata: {
    readonly before: string | null;
    /** null at the end */
    readonly after: string | null;
  };
};

export type WrittenObject = {
  readonly id: string;
  readonly x_foreknow: {
    /** `accepted`, `unchanged`, or the state of the plan */
    readonly state: string;
    /** Null: nothing changes, and no plan is kept */
    readonly plan_id: string | null;
    /** Where a person decides */
    readonly review_url: string | null;
  };
  readonly [key: string]: unknown;
};

/** What each operation is asked with, and what it answers. */
export type Operations = {
  /** `POST /api/v1/source-reads/{id}/accept` Let a quarantined read of a source in; it takes two people. Takes the secret of a person who decides beside the token: a token alone decides nothing. Needs the scope `provisioning`. */
  readonly acceptSourceRead: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly digest: string;
        /** The person who decides, and their secret */
        readonly operator: {
          readonly name: string;
          readonly secret: string;
          /** From an authenticator app, where one is asked for */
          readonly code?: string | null;
        };
      };
    };
    readonly answer: SourceRead;
  };
  /** `POST /unified/user-directory/groups/add-user` Put a user into a group. Goes through provisioning. Mode `observe`: 403 `observe_mode`. Mode `propose`: 202, a person decides. Mode `auto`: what the rules let happen by itself is answered once KnowBe4 has taken it; it is shown after KnowBe4’s next sync. Needs the scope `write`. */
  readonly addGroupUser: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
      };
      readonly body: {
        /** KnowBe4’s id */
        readonly group_id?: string | number;
        /** The same as `group_id` */
        readonly id?: string | number;
        /** KnowBe4’s id */
        readonly user_id: string | number;
        readonly [key: string]: unknown;
      };
    };
    readonly answer: WrittenObject;
  };
  /** `POST /api/v1/plans/{id}/apply` Have an approved plan applied. Nothing is sent that people have not approved. What becomes of it is told at `getPlan`. Needs the scope `provisioning`. */
  readonly applyPlan: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: {
      readonly plan: Plan;
      readonly approvals: readonly {
        readonly id: string;
        readonly plan_id: string;
        readonly connection_id: string;
        /** `sha256:` and 64 hexadecimal digits */
        readonly digest: string;
        /** Digests of the approved steps; null: all */
        readonly steps: {
          readonly [key: string]: string;
        } | null;
        readonly decision: 'approved' | 'rejected';
        readonly operator: {
          readonly id: string;
          readonly name: string;
        };
        readonly reason: string | null;
        readonly at: string;
        readonly expires_at: string;
        readonly lapsed: {
          readonly at: string;
          readonly reason: string;
        } | null;
      }[];
      /** The newest first */
      readonly applications: readonly PlanApplication[];
    };
  };
  /** `POST /api/v1/plans/{id}/approve` Approve a plan, or some of its steps. Takes the secret of a person who decides beside the token: a token alone decides nothing. Only the plan whose digest is named is approved. Needs the scope `provisioning`. */
  readonly approvePlan: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        /** Of the plan as it was seen */
        readonly digest: string;
        /** Ids of steps; default all */
        readonly steps?: readonly string[] | null;
        readonly reason?: string | null;
        /** The person who decides, and their secret */
        readonly operator: {
          readonly name: string;
          readonly secret: string;
          /** From an authenticator app, where one is asked for */
          readonly code?: string | null;
        };
      };
    };
    readonly answer: {
      readonly plan: Plan;
      readonly approvals: readonly {
        readonly id: string;
        readonly plan_id: string;
        readonly connection_id: string;
        /** `sha256:` and 64 hexadecimal digits */
        readonly digest: string;
        /** Digests of the approved steps; null: all */
        readonly steps: {
          readonly [key: string]: string;
        } | null;
        readonly decision: 'approved' | 'rejected';
        readonly operator: {
          readonly id: string;
          readonly name: string;
        };
        readonly reason: string | null;
        readonly at: string;
        readonly expires_at: string;
        readonly lapsed: {
          readonly at: string;
          readonly reason: string;
        } | null;
      }[];
      /** The newest first */
      readonly applications: readonly PlanApplication[];
    };
  };
  /** `DELETE /unified/user-directory/users/{id}` Archive a user. Goes through provisioning. Mode `observe`: 403 `observe_mode`. Mode `propose`: 202, a person decides. Mode `auto`: what the rules let happen by itself is answered once KnowBe4 has taken it; it is shown after KnowBe4’s next sync. Needs the scope `write`. */
  readonly archiveUser: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
      };
    };
    readonly answer: WrittenObject;
  };
  /** `POST /api/v1/connections/{id}/provisioning/attest` Say what no API tells: Test Mode, another provisioner, what a mail change does. Takes the secret of a person who decides beside the token: a token alone decides nothing. Needs the scope `provisioning`. */
  readonly attestProvisioning: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly attested:
          | 'test_mode_on'
          | 'test_mode_off'
          | 'other_provisioner_off'
          | 'renames_keep'
          | 'renames_duplicate';
        readonly words?: string | null;
        /** The person who decides, and their secret */
        readonly operator: {
          readonly name: string;
          readonly secret: string;
          /** From an authenticator app, where one is asked for */
          readonly code?: string | null;
        };
      };
    };
    readonly answer: ProvisioningState;
  };
  /** `POST /batch-request` Make several reads at once. Each is made as if it had been sent by itself, with the same token, scopes, limits and field policy. Lists are followed to their ends, as far as 22 seconds, 1,000 calls, 20,000 records and 24 MB go. Needs any valid token. */
  readonly batchRequest: {
    readonly input: {
      readonly body: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        readonly resources: readonly {
          /** `user-directory/users`, `lms/courses`, or a path of KnowBe4’s own */
          readonly resource: string;
          /** list or get: a batch only reads */
          readonly method: string;
          readonly name?: string;
          readonly id?: string | number;
          readonly query?: {
            readonly [key: string]: unknown;
          };
          /** Once for each record of this resource */
          readonly depends_on?: string;
          /** Once for each element of this argument */
          readonly loop_on?: string;
          /** false: for what depends on it alone */
          readonly persist?: boolean;
          readonly response_format?: string;
          readonly [key: string]: unknown;
        }[];
        readonly args?: {
          readonly [key: string]: unknown;
        };
        readonly [key: string]: unknown;
      };
    };
    readonly answer: {
      readonly result: {
        readonly [key: string]: readonly unknown[];
      };
      readonly errors: {
        readonly [key: string]: readonly unknown[];
      };
      readonly is_partial_response?: true;
      /** What was not done, and why; sent as `resources` it goes on */
      readonly x_unfinished?: readonly {
        readonly because: string;
        readonly [key: string]: unknown;
      }[];
    };
  };
  /** `POST /api/v1/plans` Build a plan from the sources and the rules; nothing is sent. Needs the scope `provisioning`. */
  readonly buildPlan: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly connection_id?: string;
      };
      readonly body: {
        /** Default `sync`; `urgent`: one leaver, at once */
        readonly kind?: 'sync' | 'adoption' | 'urgent';
        /** Address, employee number, key or id: only this person */
        readonly person?: string;
        readonly only?: 'add' | 'remove';
        /** Another rule file, for a look: such a plan is a draft and is not kept */
        readonly rules?: {
          readonly file: string;
          readonly text: string;
        };
      };
    };
    readonly answer: Plan;
  };
  /** `POST /integrated-account/bulk-delete` Remove several accounts, by id or tenant. An id that the token does not reach is refused before any account goes. What was mirrored stays. Needs the scope `connections`. */
  readonly bulkDeleteIntegratedAccounts: {
    readonly input: {
      readonly body: {
        readonly ids?: readonly string[];
        readonly tenant_id?: string;
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: {
      readonly success: true;
      readonly ids: readonly string[];
    };
  };
  /** `POST /api/v1/connections/{id}/check` Prove the stored token again. Needs the scope `connections`. */
  readonly checkConnection: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
    };
    readonly answer: ConnectResult;
  };
  /** `POST /api/v1/plans/compare` What other rules would do otherwise than those in force; nothing is kept or sent. Needs the scope `provisioning`. */
  readonly comparePlans: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly connection_id?: string;
      };
      readonly body: {
        /** Address, employee number, key or id: only this person */
        readonly person?: string;
        readonly only?: 'add' | 'remove';
        readonly rules: {
          readonly file: string;
          readonly text: string;
        };
      };
    };
    readonly answer: {
      readonly current: Plan;
      readonly draft: Plan;
      readonly steps: {
        readonly added: readonly PlanStep[];
        readonly dropped: readonly PlanStep[];
        readonly changed: readonly {
          readonly before: PlanStep;
          readonly after: PlanStep;
        }[];
        readonly same: number;
      };
      readonly items: {
        readonly added: readonly PlanItem[];
        readonly dropped: readonly PlanItem[];
        readonly same: number;
      };
      /** Attributes that only the other rules name and that nobody has: sources keep what the rules in force read */
      readonly unseen: readonly string[];
    };
  };
  /** `PATCH /api/v1/connections/{id}/provisioning` Set the mode, or whom the console exempts. Takes the secret of a person who decides beside the token: a token alone decides nothing. Needs the scope `provisioning`. */
  readonly configureProvisioning: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly mode?: 'observe' | 'propose' | 'auto';
        /** KnowBe4’s ids of people whom the console exempts */
        readonly exempt?: readonly string[];
        /** The person who decides, and their secret */
        readonly operator: {
          readonly name: string;
          readonly secret: string;
          /** From an authenticator app, where one is asked for */
          readonly code?: string | null;
        };
      };
    };
    readonly answer: ProvisioningState;
  };
  /** `POST /api/v1/connections/{id}/provisioning/adoption/confirm` Test Mode is off: what was sent is at work, once the store is proven whole again. Takes the secret of a person who decides beside the token: a token alone decides nothing. Needs the scope `provisioning`. */
  readonly confirmAdoption: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        /** The person who decides, and their secret */
        readonly operator: {
          readonly name: string;
          readonly secret: string;
          /** From an authenticator app, where one is asked for */
          readonly code?: string | null;
        };
      };
    };
    readonly answer: ProvisioningState;
  };
  /** `POST /api/v1/holds/{id}/confirm` Make the removals. Needs the scope `sync`. */
  readonly confirmHold: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: Hold;
  };
  /** `POST /api/v1/connections` Connect a KnowBe4 account. Proves the token against KnowBe4 before the connection becomes active. Needs a token for all connections. Needs the scope `connections`. */
  readonly connect: {
    readonly input: {
      readonly body: {
        readonly name: string;
        /** us, eu, ca, uk, de, or the address of the console */
        readonly region: string;
        /** Reporting API token. It is sealed and never shown */
        readonly reporting_token: string;
        /** Another address than KnowBe4’s; only where the operator allows it */
        readonly reporting_url?: string;
        readonly tenant?: string;
        readonly tags?: readonly string[];
        /** What an operator may set. Settings are replaced as a whole: send those that shall stay as well */
        readonly settings?: {
          readonly limits?: {
            /** Requests a second; null: none */
            readonly per_second?: number | null;
            /** Requests a minute; null: none */
            readonly per_minute?: number | null;
            /** Requests a rolling day; null: none */
            readonly per_day?: number | null;
            /** Requests a second, of the SCIM key; null: none */
            readonly scim_per_second?: number | null;
            /** Share of the day kept for interactive calls */
            readonly reserve_share?: number;
          };
          /** Streams that are not mirrored */
          readonly streams_off?: readonly (
            | 'account'
            | 'groups'
            | 'users'
            | 'risk_history'
            | 'phishing_campaigns'
            | 'security_tests'
            | 'recipients'
            | 'training_campaigns'
            | 'store_purchases'
            | 'policies'
            | 'enrollments'
          )[];
          /** Keep no address, place, browser and system of recipients */
          readonly drop_recipient_client?: boolean;
          /** IANA name; times are UTC unless it is set */
          readonly time_zone?: string;
          /** Overrides the computed budget key */
          readonly account_key?: string;
          readonly pagination?: 'auto' | 'page' | 'cursor';
          /** Between scheduled directory refreshes; null: never */
          readonly directory_every_minutes?: number | null;
          /** Risk scores that make an event when one is crossed; default 60 */
          readonly risk_thresholds?: readonly number[];
          /** How far a risk score must move between two reads to make an event; null: never; default 10 */
          readonly risk_delta?: number | null;
          /** Between scheduled refreshes of campaigns and tests; null: never */
          readonly activity_every_minutes?: number | null;
        };
        /** Try the other four regions when this one refuses the token */
        readonly probe_regions?: boolean;
      };
    };
    readonly answer: ConnectResult;
  };
  /** `POST /unified/user-directory/groups` Create a group. Goes through provisioning. Mode `observe`: 403 `observe_mode`. Mode `propose`: 202, a person decides. Mode `auto`: what the rules let happen by itself is answered once KnowBe4 has taken it; it is shown after KnowBe4’s next sync. Needs the scope `write`. */
  readonly createGroup: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
      };
      readonly body: {
        readonly description?: string | null;
        readonly group_type?: 'group';
        readonly name: string;
        readonly [key: string]: unknown;
      };
    };
    readonly answer: WrittenObject;
  };
  /** `POST /integrated-account/token` A token for one connection’s data, for 15 minutes. As Truto’s clients ask for it; POST /api/v1/tokens says more. Needs any valid token. */
  readonly createIntegratedAccountToken: {
    readonly input: {
      readonly body: {
        /** Id or name of the connection */
        readonly integrated_account_id: string;
      };
    };
    readonly answer: {
      readonly integrated_account_token: string;
    };
  };
  /** `POST /api/v1/invitations` Ask a co-worker to connect an account. Makes a link and a code for 72 hours, of which the first key that KnowBe4 accepts uses both up. Both are shown this once, and mailed where a mail server is configured. Whoever asks never sees the token. Needs the scope `connections`. */
  readonly createInvitation: {
    readonly input: {
      readonly body: {
        /** Mail address of the co-worker, or words for whom it is where link and code are handed over */
        readonly address: string;
        /** Id or name of a connection to reconnect, or to add keys to; without it a new one is made */
        readonly connection?: string;
        /** Keys that are asked for besides the Reporting token; for `connection` without `reporting`: only these */
        readonly keys?: readonly ('reporting' | 'scim' | 'events' | 'product')[];
        /** Who asks, shown to whoever connects */
        readonly requester?: string;
        readonly tenant?: string;
        /** Proposed name of the connection */
        readonly name?: string;
        /** Put on the connection */
        readonly tags?: readonly string[];
        /** us, eu, ca, uk, de, or the address of the console */
        readonly region?: string;
        /** Streams that will not be mirrored */
        readonly streams_off?: readonly (
          | 'account'
          | 'groups'
          | 'users'
          | 'risk_history'
          | 'phishing_campaigns'
          | 'security_tests'
          | 'recipients'
          | 'training_campaigns'
          | 'store_purchases'
          | 'policies'
          | 'enrollments'
        )[];
      };
    };
    readonly answer: {
      readonly invitation: Invitation;
      /** The link */
      readonly url: string;
      /** To be typed at /connect */
      readonly code: string;
      /** False: hand the link or the code over */
      readonly mailed: boolean;
    };
  };
  /** `POST /link-token` A token with which somebody connects one account. For 7 days, until one connection is made. It opens `/connect-account?link_token=…`, and ends with the token that it was made with. Needs the scope `connections`. */
  readonly createLinkToken: {
    readonly input: {
      readonly body: {
        /** Needed for a new account */
        readonly tenant_id?: string;
        /** An account to reconnect; it keeps its id */
        readonly integrated_account_id?: string;
        /** Where the page returns to; https, at an origin that the operator allows where there are such */
        readonly redirect_uri?: string;
        /** Kept with the token; it cannot carry hosts, tokens or other secrets */
        readonly context?: {
          readonly [key: string]: unknown;
        };
        /** Proposed where it is one of KnowBe4, else ignored */
        readonly region?: string;
        /** Accepted; KnowBe4’s keys have no scopes */
        readonly scopes?: readonly string[];
        /** Accepted; what is set of an account stays in any case */
        readonly persist_previous_context?: boolean;
        /** Accepted */
        readonly environment_unified_model_id?: string;
        /** Accepted; there is one environment */
        readonly environment_id?: string;
        /** Keys that are asked for besides the Reporting token; for `connection` without `reporting`: only these */
        readonly x_keys?: readonly ('reporting' | 'scim' | 'events' | 'product')[];
        /** Who asks, shown to whoever connects */
        readonly x_requester?: string;
        /** Proposed name of the connection */
        readonly x_name?: string;
        /** Put on the connection */
        readonly x_tags?: readonly string[];
        /** Streams that will not be mirrored */
        readonly x_streams_off?: readonly (
          | 'account'
          | 'groups'
          | 'users'
          | 'risk_history'
          | 'phishing_campaigns'
          | 'security_tests'
          | 'recipients'
          | 'training_campaigns'
          | 'store_purchases'
          | 'policies'
          | 'enrollments'
        )[];
      };
    };
    readonly answer: {
      readonly link_token: string;
    };
  };
  /** `POST /integrated-account/{id}/mcp` An address for an agent, shown once. The token is derived from the one that asks: it reads at most what that one may read, ends after 90 days where nothing else is said, and ends with it. Needs the scope `connections`. */
  readonly createMcpToken: {
    readonly input: {
      readonly params: {
        /** Id or name of the account */
        readonly id: string;
      };
      readonly body: {
        readonly name: string;
        readonly config?: {
          /** read, list, get or names of tools; all of them read */
          readonly methods?: readonly string[];
          /** directory, training, phishing, risk, proxy, connections */
          readonly tags?: readonly string[];
          /** Works only with an API token in the header as well */
          readonly require_api_token_auth?: boolean;
        };
        /** At least 60 seconds ahead */
        readonly expires_at?: string;
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: {
      readonly id: string;
      readonly name: string;
      readonly config: {
        readonly methods?: readonly string[];
        readonly tags?: readonly string[];
        readonly require_api_token_auth: boolean;
      };
      readonly expires_at: string | null;
      readonly last_used_at: string | null;
      readonly created_at: string;
      readonly token: string;
      readonly url: string;
    };
  };
  /** `POST /api/v1/sources/{name}/token` Make the token with which a provider pushes to a source. The address is `/scim/v2/NAME`. Needs a token for all connections. Needs the scope `admin`. */
  readonly createSourceToken: {
    readonly input: {
      readonly params: {
        /** Name of a source of the kind scim-in */
        readonly name: string;
      };
      readonly body?: {
        /** Needed where there is one already */
        readonly rotate?: boolean;
        /** 0: the one before ends now */
        readonly overlap_seconds?: number;
      };
    };
    readonly answer: {
      readonly id: string;
      readonly source: string;
      /** To recognise it by */
      readonly last_four: string;
      readonly created_at: string;
      /** null: it works until another takes its place */
      readonly ends_at: string | null;
      readonly last_used_at: string | null;
      /** Shown once: the provider sends it as Bearer token */
      readonly secret: string;
    };
  };
  /** `POST /sync-job-cron-trigger` Set how often a job of a connection comes back. There is one for each connection and job: made again it is changed. Needs the scope `connections`. */
  readonly createSyncJobCronTrigger: {
    readonly input: {
      readonly body: {
        /** The jobs are fixed: GET /sync-job */
        readonly sync_job_id: 'directory' | 'refresh' | 'full';
        readonly integrated_account_id: string;
        /** `* /15 * * * *`, `0 * /6 * * *` or `0 0 * * *`: how often, not at what time */
        readonly cron_expression: string;
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: SyncJobCronTrigger;
  };
  /** `POST /sync-job-run` Start a sync, with Truto’s names. While one is under way another is a conflict, so that a call sent twice begins one run. Needs the scope `sync`. */
  readonly createSyncJobRun: {
    readonly input: {
      readonly body: {
        /** The jobs are fixed: GET /sync-job */
        readonly sync_job_id: 'directory' | 'refresh' | 'full';
        readonly integrated_account_id: string;
        readonly status?: 'created';
        /** The jobs take none */
        readonly args?: Nothing;
        /** Whichever is asked: a stream that cannot be read keeps no other from being read, and the run is failed */
        readonly error_handling?: 'fail_fast' | 'ignore' | 'batch';
        /** Everything anew: the same as the job full, and refused with the others */
        readonly ignore_previous_run?: boolean;
        /** A run that is under way is stopped first; else it is a conflict */
        readonly force?: boolean;
        /** Events that there are; which ones are sent is what webhooks ask for */
        readonly events_to_send?: readonly (
          | 'sync_job_run:created'
          | 'sync_job_run:started'
          | 'sync_job_run:updated'
          | 'sync_job_run:completed'
          | 'sync_job_run:failed'
        )[];
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: SyncJobRun;
  };
  /** `POST /api/v1/tokens` Create a token; its secret is shown once. The kind `api` needs the scope `admin`. Tokens of the other kinds are derived from the one that asks: they have at most its scopes, connections and expiry, its field policy at least, and end with it. Needs any valid token. */
  readonly createToken: {
    readonly input: {
      readonly body: {
        /** account: the data of one connection; mcp: for an agent, reading only. Both are derived from the token that asks */
        readonly kind?: 'api' | 'account' | 'mcp';
        /** Needed for the kind api */
        readonly name?: string;
        /** Needed for the kind api; else without it what the token that asks may read. `phishing` is phishing.identified */
        readonly scopes?: readonly (
          | 'directory'
          | 'training'
          | 'phishing.aggregate'
          | 'phishing.identified'
          | 'risk'
          | 'proxy'
          | 'proxy.write'
          | 'write'
          | 'connections'
          | 'sync'
          | 'provisioning'
          | 'webhooks'
          | 'metrics'
          | 'audit'
          | 'admin'
          | 'phishing'
        )[];
        /** Ids or names; without them and tags all */
        readonly connections?: readonly string[];
        /** Connections that have one of these */
        readonly tags?: readonly string[];
        /** Fields of people that are hidden: `mask` leaves the first letter and the domain of an address, `drop` leaves nothing */
        readonly field_policy?: {
          readonly email?: 'mask' | 'drop';
          readonly phone?: 'drop';
          readonly name?: 'drop';
          readonly employee_number?: 'drop';
          readonly manager?: 'drop';
          readonly location?: 'drop';
          readonly client?: 'drop';
          readonly custom?: 'drop';
        };
        /** Of account tokens: where the KnowBe4-shaped addresses read */
        readonly settings?: {
          readonly source?: 'live' | 'mirror';
        };
        /** null: never. Without it: never (api), 15 minutes (account), 90 days (mcp) */
        readonly expires_at?: string | null;
      };
    };
    readonly answer: {
      readonly token: ApiToken;
      readonly secret: string;
    };
  };
  /** `POST /webhook` Create a webhook with Truto’s events; its secret is shown once. Signed in `X-Truto-Signature` and by Standard Webhooks. Events that never happen here are refused. Needs the scope `webhooks`. */
  readonly createTrutoWebhook: {
    readonly input: {
      readonly body: {
        readonly target_url: string;
        readonly is_active?: boolean;
        /** integrated_account:created, integrated_account:updated, integrated_account:active, integrated_account:authentication_error, integrated_account:reactivated, integrated_account:deleted, sync_job_run:created, sync_job_run:started, sync_job_run:updated, sync_job_run:completed, sync_job_run:failed, record:created, record:updated, record:deleted; `record:*` for all that begin so, `*` for all */
        readonly event_types: readonly string[];
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: WebhookMade;
  };
  /** `POST /unified/user-directory/users` Create a user. Goes through provisioning. Mode `observe`: 403 `observe_mode`. Mode `propose`: 202, a person decides. Mode `auto`: what the rules let happen by itself is answered once KnowBe4 has taken it; it is shown after KnowBe4’s next sync. Needs the scope `write`. */
  readonly createUser: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
      };
      readonly body: {
        readonly first_name?: string | null;
        readonly last_name?: string | null;
        readonly name?: string | null;
        readonly title?: string | null;
        readonly username?: string;
        readonly phones?: readonly {
          readonly number: string;
          readonly extension?: string | null;
          readonly type?: string | null;
          readonly [key: string]: unknown;
        }[];
        /** inactive: archived in KnowBe4 */
        readonly status?: 'active' | 'inactive';
        /** Groups that the person is in, by id */
        readonly groups?: readonly (
          | string
          | number
          | {
              /** KnowBe4’s id */
              readonly id: string | number;
              readonly [key: string]: unknown;
            }
        )[];
        readonly roles?: readonly (
          | string
          | number
          | {
              /** KnowBe4’s id */
              readonly id: string | number;
              readonly [key: string]: unknown;
            }
        )[];
        readonly languages?: readonly string[];
        readonly emails?: readonly {
          readonly email: string;
          readonly type?: string | null;
          readonly is_primary?: boolean;
          readonly [key: string]: unknown;
        }[];
        readonly [key: string]: unknown;
      };
    };
    readonly answer: WrittenObject;
  };
  /** `POST /api/v1/webhooks` Create an endpoint; its secret is shown once. It is sent events that happen from now on, of the families that the token has scopes for. Addresses must be public and https; the operator can allow others. Needs the scope `webhooks`. */
  readonly createWebhook: {
    readonly input: {
      readonly body: {
        readonly url: string;
        readonly description?: string | null;
        /** Types of events; `user.*` for all that begin so, `*` for all (default). With the format truto its names: `record:created`, `integrated_account:*` */
        readonly types?: readonly string[];
        /** Ids or names; null (default): all that the token reaches, also later ones */
        readonly connections?: readonly string[] | null;
        /** plain: our JSON, with the fields of Standard Webhooks and of Truto. cloudevents: CloudEvents 1.0, structured. truto: the events and bodies of Truto’s webhooks, their names as types */
        readonly format?: 'plain' | 'cloudevents' | 'truto';
        /** Whether training, phishing and risk events name people; else they are ids. Needs the scope directory */
        readonly names?: boolean;
      };
    };
    readonly answer: WebhookEndpointWithSecret;
  };
  /** `DELETE /custom/{path}` Call KnowBe4 by any path with DELETE. As the proxy, in the envelope of Truto’s custom API. `methodConfig` in the body names another verb, path or query, and is judged as what it names: only what reads is sent on unless changes are enabled. Needs the scope `proxy`. */
  readonly customDelete: {
    readonly input: {
      readonly params: {
        /** As in KnowBe4’s guide: users, users/12345, events, event_types */
        readonly path: string;
      };
      readonly query?: {
        /** Id or name of the connection; left out where the token reaches one */
        readonly integrated_account_id?: string;
        /** Rows a page: 1 to 500, of user events to 100; default 100 */
        readonly limit?: string;
        /** Of the answer before; empty begins */
        readonly next_cursor?: string;
      };
      readonly body: {
        readonly methodConfig?: {
          readonly method?: string;
          readonly path?: string;
          readonly query?: {
            readonly [key: string]: string | number | boolean;
          };
        };
        readonly [key: string]: unknown;
      } | null;
    };
    readonly answer: {
      readonly result: unknown;
      readonly next_cursor: string | null;
      readonly prev_cursor: null;
      readonly [key: string]: unknown;
    };
  };
  /** `PATCH /custom/{path}` Call KnowBe4 by any path with PATCH. As the proxy, in the envelope of Truto’s custom API. `methodConfig` in the body names another verb, path or query, and is judged as what it names: only what reads is sent on unless changes are enabled. Needs the scope `proxy`. */
  readonly customPatch: {
    readonly input: {
      readonly params: {
        /** As in KnowBe4’s guide: users, users/12345, events, event_types */
        readonly path: string;
      };
      readonly query?: {
        /** Id or name of the connection; left out where the token reaches one */
        readonly integrated_account_id?: string;
        /** Rows a page: 1 to 500, of user events to 100; default 100 */
        readonly limit?: string;
        /** Of the answer before; empty begins */
        readonly next_cursor?: string;
      };
      readonly body: {
        readonly methodConfig?: {
          readonly method?: string;
          readonly path?: string;
          readonly query?: {
            readonly [key: string]: string | number | boolean;
          };
        };
        readonly [key: string]: unknown;
      } | null;
    };
    readonly answer: {
      readonly result: unknown;
      readonly next_cursor: string | null;
      readonly prev_cursor: null;
      readonly [key: string]: unknown;
    };
  };
  /** `POST /custom/{path}` Call KnowBe4 by any path. As the proxy, in the envelope of Truto’s custom API. `methodConfig` in the body names another verb, path or query, and is judged as what it names: only what reads is sent on unless changes are enabled. Needs the scope `proxy`. */
  readonly customPost: {
    readonly input: {
      readonly params: {
        /** As in KnowBe4’s guide: users, users/12345, events, event_types */
        readonly path: string;
      };
      readonly query?: {
        /** Id or name of the connection; left out where the token reaches one */
        readonly integrated_account_id?: string;
        /** Rows a page: 1 to 500, of user events to 100; default 100 */
        readonly limit?: string;
        /** Of the answer before; empty begins */
        readonly next_cursor?: string;
      };
      readonly body: {
        readonly methodConfig?: {
          readonly method?: string;
          readonly path?: string;
          readonly query?: {
            readonly [key: string]: string | number | boolean;
          };
        };
        readonly [key: string]: unknown;
      } | null;
    };
    readonly answer: {
      readonly result: unknown;
      readonly next_cursor: string | null;
      readonly prev_cursor: null;
      readonly [key: string]: unknown;
    };
  };
  /** `PUT /custom/{path}` Call KnowBe4 by any path with PUT. As the proxy, in the envelope of Truto’s custom API. `methodConfig` in the body names another verb, path or query, and is judged as what it names: only what reads is sent on unless changes are enabled. Needs the scope `proxy`. */
  readonly customPut: {
    readonly input: {
      readonly params: {
        /** As in KnowBe4’s guide: users, users/12345, events, event_types */
        readonly path: string;
      };
      readonly query?: {
        /** Id or name of the connection; left out where the token reaches one */
        readonly integrated_account_id?: string;
        /** Rows a page: 1 to 500, of user events to 100; default 100 */
        readonly limit?: string;
        /** Of the answer before; empty begins */
        readonly next_cursor?: string;
      };
      readonly body: {
        readonly methodConfig?: {
          readonly method?: string;
          readonly path?: string;
          readonly query?: {
            readonly [key: string]: string | number | boolean;
          };
        };
        readonly [key: string]: unknown;
      } | null;
    };
    readonly answer: {
      readonly result: unknown;
      readonly next_cursor: string | null;
      readonly prev_cursor: null;
      readonly [key: string]: unknown;
    };
  };
  /** `GET /custom/{path}` Read from KnowBe4 by any path. As the proxy, in the envelope of Truto’s custom API. `methodConfig` in the body names another verb, path or query, and is judged as what it names: only what reads is sent on unless changes are enabled. Needs the scope `proxy`. */
  readonly customRead: {
    readonly input: {
      readonly params: {
        /** As in KnowBe4’s guide: users, users/12345, events, event_types */
        readonly path: string;
      };
      readonly query?: {
        /** Id or name of the connection; left out where the token reaches one */
        readonly integrated_account_id?: string;
        /** Rows a page: 1 to 500, of user events to 100; default 100 */
        readonly limit?: string;
        /** Of the answer before; empty begins */
        readonly next_cursor?: string;
      };
    };
    readonly answer: {
      readonly result: unknown;
      readonly next_cursor: string | null;
      readonly prev_cursor: null;
      readonly [key: string]: unknown;
    };
  };
  /** `POST /api/v1/work-items/{id}/decide` Decide a conflict; the decision is kept. Takes the secret of a person who decides beside the token: a token alone decides nothing. Needs the scope `provisioning`. */
  readonly decideWorkItem: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly choice: 'link' | 'create' | 'ignore' | 'keep_apart';
        readonly user_id?: string | null;
        readonly reason?: string | null;
        /** The person who decides, and their secret */
        readonly operator: {
          readonly name: string;
          readonly secret: string;
          /** From an authenticator app, where one is asked for */
          readonly code?: string | null;
        };
      };
    };
    readonly answer: WorkItem;
  };
  /** `DELETE /unified/user-directory/groups/{id}` Remove a group. Goes through provisioning. Mode `observe`: 403 `observe_mode`. Mode `propose`: 202, a person decides. Mode `auto`: what the rules let happen by itself is answered once KnowBe4 has taken it; it is shown after KnowBe4’s next sync. Needs the scope `write`. */
  readonly deleteGroup: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
      };
    };
    readonly answer: WrittenObject;
  };
  /** `DELETE /integrated-account/{id}` Remove an account and its tokens. What was mirrored stays; DELETE /api/v1/connections/{id}?purge=true removes that as well. Needs the scope `connections`. */
  readonly deleteIntegratedAccount: {
    readonly input: {
      readonly params: {
        /** Id or name of the account */
        readonly id: string;
      };
    };
    readonly answer: {
      readonly id: string;
    };
  };
  /** `DELETE /integrated-account/{id}/mcp/{tokenId}` End a token of MCP at once. Needs the scope `connections`. */
  readonly deleteMcpToken: {
    readonly input: {
      readonly params: {
        /** Id or name of the account */
        readonly id: string;
        readonly tokenId: string;
      };
    };
    readonly answer: {
      readonly id: string;
    };
  };
  /** `DELETE /unified/user-directory/role_assignments/{id}` Take a role away. Goes through provisioning. Mode `observe`: 403 `observe_mode`. Mode `propose`: 202, a person decides. Mode `auto`: what the rules let happen by itself is answered once KnowBe4 has taken it; it is shown after KnowBe4’s next sync. Needs the scope `write`. */
  readonly deleteRoleAssignment: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
      };
    };
    readonly answer: WrittenObject;
  };
  /** `DELETE /sync-job-cron-trigger/{id}` Let a job of a connection not come back by itself. Needs the scope `connections`. */
  readonly deleteSyncJobCronTrigger: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: {
      readonly id: string;
    };
  };
  /** `DELETE /webhook/{id}` Remove a webhook, with Truto’s names. Needs the scope `webhooks`. */
  readonly deleteTrutoWebhook: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: {
      readonly id: string;
    };
  };
  /** `DELETE /api/v1/webhooks/{id}` Remove an endpoint with its secret and its deliveries. Needs the scope `webhooks`. */
  readonly deleteWebhook: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: {
      readonly id: string;
    };
  };
  /** `GET /api/v1/plans/{id}/diff/{other}` What another plan does otherwise. Needs the scope `provisioning`. */
  readonly diffPlans: {
    readonly input: {
      readonly params: {
        readonly id: string;
        /** Id of the later plan */
        readonly other: string;
      };
    };
    readonly answer: {
      readonly added: readonly PlanStep[];
      readonly dropped: readonly PlanStep[];
      readonly changed: readonly {
        readonly before: PlanStep;
        readonly after: PlanStep;
      }[];
      readonly same: number;
    };
  };
  /** `DELETE /api/v1/connections/{id}/intake` Take the address out of use. Needs the scope `connections`. */
  readonly disableIntake: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
    };
    readonly answer: {
      readonly connection_id: string;
      /** False until a secret is made */
      readonly enabled: boolean;
      /** Where KnowBe4 is to send its webhooks, below the address of this server */
      readonly path: string;
      /** Whether the secret may come in the query as well */
      readonly in_query: boolean;
      /** When the secret was made */
      readonly created_at: string | null;
      readonly calls: number;
      readonly last_call_at: string | null;
    };
  };
  /** `POST /api/v1/holds/{id}/dismiss` Keep the rows. Needs the scope `sync`. */
  readonly dismissHold: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: Hold;
  };
  /** `POST /api/v1/webhooks/{id}/enable` Switch an endpoint on again; it goes on where it stood. Needs the scope `webhooks`. */
  readonly enableWebhook: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: WebhookEndpoint;
  };
  /** `DELETE /api/v1/connections/{id}/people/{userId}` Erase one person everywhere. Removes rows, memberships, changes and risk points of the person from the mirror, and keeps the person out of later syncs. A keyed hash of the id stays for that. Needs the scope `connections`. */
  readonly erasePerson: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
        readonly userId: string;
      };
    };
    readonly answer: {
      readonly rows: number;
      readonly changes: number;
    };
  };
  /** `DELETE /api/v1/sources/{name}/people/{id}` Erase what a source said of a person, and keep them out of later reads. Needs a token for all connections. Needs the scope `connections`. */
  readonly eraseSourcePerson: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly name: string;
        /** Their id in the source */
        readonly id: string;
      };
    };
    readonly answer: {
      readonly was_known: boolean;
    };
  };
  /** `GET /api/v1/connections/{id}/estimate` What a sync would cost, before it runs. Needs the scope `sync`. */
  readonly estimateSync: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
      readonly query?: {
        /** Default refresh */
        readonly level?: 'directory' | 'refresh' | 'full';
      };
    };
    readonly answer: SyncEstimate;
  };
  /** `GET /api/v1/connections/{id}/provisioning/explain` Why one person changes, or does not: read, match, rules, differences, outcome. Needs the scope `provisioning`. */
  readonly explainPerson: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
      readonly query: {
        /** Address, employee number, key or id */
        readonly who: string;
      };
    };
    readonly answer: {
      readonly who: string;
      readonly people: readonly {
        readonly read: {
          readonly person: {
            readonly key: string;
            readonly active: boolean;
            readonly groups: readonly string[];
            readonly refs: readonly {
              readonly source: string;
              readonly source_id: string;
            }[];
            readonly attributes: readonly {
              readonly name: string;
              readonly value: string | readonly string[] | null;
              readonly from: string | null;
            }[];
          } | null;
          readonly sources: readonly {
            readonly name: string;
            readonly state: string;
            readonly shows: boolean;
            readonly complete_reads_without: number;
          }[];
        };
        readonly match: {
          readonly situation: string;
          readonly account: {
            readonly source: {
              readonly source: string;
              readonly source_id: string;
            } | null;
            readonly key: string | null;
            /** KnowBe4’s id; null: to be created */
            readonly user_id: string | null;
            readonly name: string;
            readonly email: string | null;
          } | null;
          readonly status: string | null;
          readonly matched_on: string | null;
          readonly text: string | null;
        };
        readonly rules: {
          readonly in_scope: boolean;
          readonly traces: readonly {
            readonly rule: string;
            readonly holds: boolean;
            readonly because: readonly {
              readonly test: string;
              readonly holds: boolean;
              readonly value: string | null;
            }[];
          }[];
          readonly groups: readonly string[];
          readonly problems: readonly string[];
        };
        readonly differences: readonly {
          readonly name: string;
          readonly from: string | null;
          readonly to: string | null;
        }[];
        readonly outcome: {
          readonly steps: readonly PlanStep[];
          readonly items: readonly PlanItem[];
          readonly guards: readonly {
            readonly name:
              | 'source_complete'
              | 'source_shrink'
              | 'archive_share'
              | 'group_shrink'
              | 'create_burst'
              | 'seats'
              | 'protected'
              | 'foreign_owner'
              | 'domain'
              | 'data'
              | 'budget'
              | 'quarantine'
              | 'freeze'
              | 'target_read'
              | 'adoption'
              | 'test_mode'
              | 'paused'
              | 'late';
            readonly value: number;
            readonly limit: number;
            readonly state: 'ok' | 'notice' | 'tripped' | 'blocked';
            readonly text: string;
            readonly step_ids: readonly string[];
          }[];
        };
      }[];
    };
  };
  /** `DELETE /api/v1/sources/{name}` Forget everything that a source said. Whom it has shown is then neither there nor absent. Needs a token for all connections. Needs the scope `connections`. */
  readonly forgetSource: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly name: string;
      };
    };
    readonly answer: {
      readonly people: number;
    };
  };
  /** `GET /integrated-account/{id}/capabilities` What can be called of an account. Needs any valid token. */
  readonly getAccountCapabilities: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Which part */
        readonly type?: 'proxy' | 'unified' | 'all';
        /** read, write, custom or exact names, with commas */
        readonly methods?: readonly string[];
        /** One resource */
        readonly resource?: string;
        /** Only what has a description */
        readonly has_description?: boolean;
      };
    };
    readonly answer: Capabilities;
  };
  /** `GET /unified/user-directory/activities/{id}` Get one activity. Needs the scope `directory`. */
  readonly getActivity: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
      };
    };
    readonly answer: Activity;
  };
  /** `GET /api/v1/connections/{id}/provisioning/adoption` The first meeting: linked, absent, unmanaged, doubled, seats to reclaim, who would be archived. Needs the scope `provisioning`. */
  readonly getAdoptionReport: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
    };
    readonly answer: {
      readonly connection_id: string;
      readonly built_at: string;
      readonly as_of: string | null;
      readonly seats: {
        readonly bought: number | null;
        readonly now: number;
      };
      readonly counts: {
        readonly [key: string]: number;
      };
      readonly found: readonly {
        readonly person: {
          readonly source: {
            readonly source: string;
            readonly source_id: string;
          } | null;
          readonly key: string | null;
          /** KnowBe4’s id; null: to be created */
          readonly user_id: string | null;
          readonly name: string;
          readonly email: string | null;
        };
        readonly by: string;
      }[];
      readonly absent: readonly {
        readonly source: {
          readonly source: string;
          readonly source_id: string;
        } | null;
        readonly key: string | null;
        /** KnowBe4’s id; null: to be created */
        readonly user_id: string | null;
        readonly name: string;
        readonly email: string | null;
      }[];
      readonly unmanaged: readonly {
        readonly source: {
          readonly source: string;
          readonly source_id: string;
        } | null;
        readonly key: string | null;
        /** KnowBe4’s id; null: to be created */
        readonly user_id: string | null;
        readonly name: string;
        readonly email: string | null;
      }[];
      readonly conflicts: readonly PlanItem[];
      readonly duplicates: readonly {
        readonly by: 'address' | 'employee_number' | 'name';
        readonly accounts: readonly {
          readonly source: {
            readonly source: string;
            readonly source_id: string;
          } | null;
          readonly key: string | null;
          /** KnowBe4’s id; null: to be created */
          readonly user_id: string | null;
          readonly name: string;
          readonly email: string | null;
        }[];
      }[];
      readonly reclaimable: readonly {
        readonly person: {
          readonly source: {
            readonly source: string;
            readonly source_id: string;
          } | null;
          readonly key: string | null;
          /** KnowBe4’s id; null: to be created */
          readonly user_id: string | null;
          readonly name: string;
          readonly email: string | null;
        };
        readonly reason: 'left' | 'doubled' | 'never_signed_in';
      }[];
      readonly exempt: readonly {
        readonly source: {
          readonly source: string;
          readonly source_id: string;
        } | null;
        readonly key: string | null;
        /** KnowBe4’s id; null: to be created */
        readonly user_id: string | null;
        readonly name: string;
        readonly email: string | null;
      }[];
      readonly would_be_archived: {
        readonly unless_carried: readonly {
          readonly source: {
            readonly source: string;
            readonly source_id: string;
          } | null;
          readonly key: string | null;
          /** KnowBe4’s id; null: to be created */
          readonly user_id: string | null;
          readonly name: string;
          readonly email: string | null;
        }[];
        readonly even_so: readonly {
          readonly source: {
            readonly source: string;
            readonly source_id: string;
          } | null;
          readonly key: string | null;
          /** KnowBe4’s id; null: to be created */
          readonly user_id: string | null;
          readonly name: string;
          readonly email: string | null;
        }[];
      };
    };
  };
  /** `GET /api/v1/connections/{id}` One connection. Needs the scope `connections`. */
  readonly getConnection: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
    };
    readonly answer: Connection;
  };
  /** `GET /api/v1/connections/{id}/status` Streams, request budget, holds and runs of a connection. Needs the scope `connections`. */
  readonly getConnectionStatus: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
    };
    readonly answer: ConnectionStatus;
  };
  /** `GET /unified/lms/courses/{id}` Get one course. Needs the scope `training`. */
  readonly getCourse: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
      };
    };
    readonly answer: Course | ReshapedRecord;
  };
  /** `GET /unified/lms/course-enrollments/{id}` Get one course enrollment. Needs the scope `training`. */
  readonly getCourseEnrollment: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
      };
    };
    readonly answer: CourseEnrollment | ReshapedRecord;
  };
  /** `GET /unified/lms/course-items/{id}` Get one course item. Needs the scope `training`. */
  readonly getCourseItem: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
      };
    };
    readonly answer: CourseItem | ReshapedRecord;
  };
  /** `GET /api/v1/connections/{id}/provisioning/drift` What others changed at KnowBe4, apart from what is not applied yet. Needs the scope `provisioning`. */
  readonly getDrift: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
      readonly query?: {
        /** Only what was written since */
        readonly since?: string;
      };
    };
    readonly answer: {
      readonly connection_id: string;
      readonly as_of: string | null;
      readonly since: string | null;
      readonly drifts: readonly {
        /** Null: about a group alone */
        readonly person: {
          readonly source: {
            readonly source: string;
            readonly source_id: string;
          } | null;
          readonly key: string | null;
          /** KnowBe4’s id; null: to be created */
          readonly user_id: string | null;
          readonly name: string;
          readonly email: string | null;
        } | null;
        /** Whose member or name it is; null: about a person alone */
        readonly group: {
          readonly name: string;
          readonly group_id: string | null;
        } | null;
        /** A field, `status`, `member` or `name` */
        readonly what: string;
        readonly wanted: string | null;
        readonly written: string | null;
        readonly found: string | null;
        readonly verdict: 'changed_by_others' | 'not_yet_applied';
      }[];
      readonly missing: readonly {
        readonly kind: 'user' | 'group';
        readonly name: string;
        readonly scim_id: string;
        readonly verdict: 'changed_by_others' | 'not_yet_applied';
      }[];
      readonly compared: number;
    };
  };
  /** `GET /environment/{id}` One of the environments: this gateway. Needs any valid token. */
  readonly getEnvironment: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: {
      readonly id: string;
      readonly name: string;
      readonly team_id: null;
      readonly created_at: string;
      readonly updated_at: string;
    };
  };
  /** `GET /environment-integration/{id}` One of the integrations of this gateway. Needs any valid token. */
  readonly getEnvironmentIntegration: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: {
      readonly id: string;
      readonly environment_id: string;
      readonly integration_id: string;
      readonly show_in_catalog: boolean;
      readonly is_enabled: boolean;
      readonly integration: {
        readonly id: string;
        readonly name: string;
        readonly category: string;
      };
      readonly created_at: string;
      readonly updated_at: string;
    };
  };
  /** `GET /api-token/{id}` One API token, with Truto’s names. Needs the scope `admin`. */
  readonly getEnvironmentToken: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: EnvironmentToken;
  };
  /** `GET /api/v1/events/{id}` One event by its id. Needs any valid token. */
  readonly getEvent: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: Event;
  };
  /** `GET /unified/user-directory/groups/{id}` Get one group. Needs the scope `directory`. */
  readonly getGroup: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
      };
    };
    readonly answer: Group | ReshapedRecord;
  };
  /** `GET /healthz` Is the process alive. */
  readonly getHealth: {
    readonly input: Nothing;
    readonly answer: {
      readonly status: 'ok';
    };
  };
  /** `GET /api/v1/connections/{id}/intake` Where KnowBe4’s own webhooks may call for a connection. Needs the scope `connections`. */
  readonly getIntake: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
    };
    readonly answer: {
      readonly connection_id: string;
      /** False until a secret is made */
      readonly enabled: boolean;
      /** Where KnowBe4 is to send its webhooks, below the address of this server */
      readonly path: string;
      /** Whether the secret may come in the query as well */
      readonly in_query: boolean;
      /** When the secret was made */
      readonly created_at: string | null;
      readonly calls: number;
      readonly last_call_at: string | null;
    };
  };
  /** `GET /integrated-account/{id}` One account. Needs the scope `connections`. */
  readonly getIntegratedAccount: {
    readonly input: {
      readonly params: {
        /** Id or name of the account */
        readonly id: string;
      };
    };
    readonly answer: IntegratedAccount;
  };
  /** `GET /integration/{id}` One of the integrations: KnowBe4. Needs any valid token. */
  readonly getIntegration: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: {
      readonly id: string;
      readonly name: string;
      readonly category: string;
      readonly is_beta: false;
      readonly config: {
        readonly label: string;
        readonly base_url: string;
      };
      readonly created_at: string;
      readonly updated_at: string;
    };
  };
  /** `GET /integration/{id}/capabilities` What can be called of an account that has every key. Needs any valid token. */
  readonly getIntegrationCapabilities: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Which part */
        readonly type?: 'proxy' | 'unified' | 'all';
        /** read, write, custom or exact names, with commas */
        readonly methods?: readonly string[];
        /** One resource */
        readonly resource?: string;
        /** Only what has a description */
        readonly has_description?: boolean;
      };
    };
    readonly answer: Capabilities;
  };
  /** `GET /unified/{model}/{resource}/{integration}/meta/{method}` What a method takes and gives for KnowBe4. Needs any valid token. */
  readonly getIntegrationMeta: {
    readonly input: {
      readonly params: {
        /** user-directory or lms */
        readonly model: string;
        readonly resource: string;
        readonly method: string;
        /** knowbe4 */
        readonly integration: string;
      };
    };
    readonly answer: {
      readonly method: string;
      /** JSON Schema */
      readonly schema: {
        readonly [key: string]: unknown;
      };
      /** JSON Schema */
      readonly response_schema: {
        readonly [key: string]: unknown;
      };
      /** JSON Schema */
      readonly query_schema: {
        readonly [key: string]: unknown;
      };
      readonly body_schema: {
        readonly [key: string]: unknown;
      } | null;
      readonly documentation_link: string | null;
      readonly x_description: string;
    };
  };
  /** `GET /api/v1/invitations/{id}` One invitation. Needs the scope `connections`. */
  readonly getInvitation: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: Invitation;
  };
  /** `GET /unified/user-directory/licenses/{id}` Get one license. Needs the scope `directory`. */
  readonly getLicense: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
      };
    };
    readonly answer: License | ReshapedRecord;
  };
  /** `GET /unified/lms/users/{id}` Get one person with their training. Needs the scope `training`. */
  readonly getLmsUser: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
      };
    };
    readonly answer: LmsUser | ReshapedRecord;
  };
  /** `GET /integrated-account/{id}/mcp/{tokenId}` One token of MCP. Needs the scope `connections`. */
  readonly getMcpToken: {
    readonly input: {
      readonly params: {
        /** Id or name of the account */
        readonly id: string;
        readonly tokenId: string;
      };
    };
    readonly answer: McpServer;
  };
  /** `GET /unified/user-directory/me` Who the key of the connection is. A Reporting API key belongs to the account and to no person: it is shown as a service account. Needs the scope `directory`. */
  readonly getMe: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
      };
    };
    readonly answer: User | ReshapedRecord;
  };
  /** `GET /metrics` Figures of this process and of the store, for Prometheus. Needs the scope `metrics`. */
  readonly getMetrics: {
    readonly input: Nothing;
    readonly answer: string;
  };
  /** `GET /unified/meta/{model}/{integration}` What a whole model takes and gives. As JSON, or as a page in Markdown or HTML. Needs any valid token. */
  readonly getModelMeta: {
    readonly input: {
      readonly params: {
        /** user-directory or lms */
        readonly model: string;
        /** knowbe4 */
        readonly integration: string;
      };
      readonly query?: {
        /** Default json */
        readonly format?: 'json' | 'md' | 'html';
      };
    };
    readonly answer: {
      readonly model: string;
      readonly integration: string;
      readonly resources: readonly {
        readonly resource: string;
        readonly methods: readonly {
          readonly method: string;
          /** JSON Schema */
          readonly schema: {
            readonly [key: string]: unknown;
          };
          /** JSON Schema */
          readonly response_schema: {
            readonly [key: string]: unknown;
          };
          /** JSON Schema */
          readonly query_schema: {
            readonly [key: string]: unknown;
          };
          readonly body_schema: {
            readonly [key: string]: unknown;
          } | null;
          readonly documentation_link: string | null;
          readonly x_description: string;
        }[];
      }[];
    };
  };
  /** `GET /unified/user-directory/organizations/{id}` Get one organization. Needs the scope `directory`. */
  readonly getOrganization: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
      };
    };
    readonly answer: Organization | ReshapedRecord;
  };
  /** `GET /integrated-account/me` The account of an account token. Other tokens need the scope `connections`. Needs any valid token. */
  readonly getOwnIntegratedAccount: {
    readonly input: {
      readonly query?: {
        /** Only where the token reaches several accounts */
        readonly integrated_account_id?: string;
      };
    };
    readonly answer: IntegratedAccount;
  };
  /** `GET /api/v1/people/{id}` One person with current enrollments, last tests and risk points. Needs the scope `directory`. */
  readonly getPerson: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly connection_id?: string;
      };
    };
    readonly answer: PersonDetail;
  };
  /** `GET /api/v1/plans/{id}` A plan, who approved it, and how it was applied. Needs the scope `provisioning`. */
  readonly getPlan: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: {
      readonly plan: Plan;
      readonly approvals: readonly {
        readonly id: string;
        readonly plan_id: string;
        readonly connection_id: string;
        /** `sha256:` and 64 hexadecimal digits */
        readonly digest: string;
        /** Digests of the approved steps; null: all */
        readonly steps: {
          readonly [key: string]: string;
        } | null;
        readonly decision: 'approved' | 'rejected';
        readonly operator: {
          readonly id: string;
          readonly name: string;
        };
        readonly reason: string | null;
        readonly at: string;
        readonly expires_at: string;
        readonly lapsed: {
          readonly at: string;
          readonly reason: string;
        } | null;
      }[];
      /** The newest first */
      readonly applications: readonly PlanApplication[];
    };
  };
  /** `GET /api/v1/connections/{id}/provisioning` How a connection is provisioned, and what waits for somebody. Needs the scope `provisioning`. */
  readonly getProvisioning: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
    };
    readonly answer: {
      readonly state: ProvisioningState;
      /** The rule file; null: none */
      readonly rules: string | null;
      readonly sources: readonly string[];
      readonly has_scim_key: boolean;
      readonly open_plan: Plan | null;
      /** Conflicts that wait for a decision */
      readonly open_items: number;
      /** Steps that KnowBe4 has taken and that are not seen yet */
      readonly in_flight: number;
      readonly late: number;
      /** Steps that KnowBe4 refused and that wait for their next try */
      readonly refused: number;
      /** Those of them that are not tried by themselves any more */
      readonly given_up: number;
    };
  };
  /** `GET /readyz` Can it serve: the store answers, the vault opens, it is not stopping. */
  readonly getReadiness: {
    readonly input: Nothing;
    readonly answer: {
      readonly status: 'ok';
    };
  };
  /** `GET /api/v1/people/{id}/risk-history` Risk history of one person, read from KnowBe4 now. Costs one request to KnowBe4; what comes is kept in the mirror. Needs the scope `directory` as well. Needs the scope `risk`. */
  readonly getRiskHistory: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly connection_id?: string;
      };
    };
    readonly answer: {
      readonly result: readonly {
        readonly date: string;
        readonly risk_score: number;
      }[];
    };
  };
  /** `GET /unified/user-directory/roles/{id}` Get one role. Needs the scope `directory`. */
  readonly getRole: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
      };
    };
    readonly answer: Role | ReshapedRecord;
  };
  /** `GET /unified/user-directory/role_assignments/{id}` Get one role assignment. Needs the scope `directory`. */
  readonly getRoleAssignment: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
      };
    };
    readonly answer: RoleAssignment | ReshapedRecord;
  };
  /** `GET /api/v1/runs/{id}` One run of a sync. Needs the scope `sync`. */
  readonly getRun: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: Run;
  };
  /** `GET /api/v1/sources/{name}` A source, and how it was read last. Needs a token for all connections. Needs the scope `sync`. */
  readonly getSource: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly name: string;
      };
    };
    readonly answer: Source;
  };
  /** `GET /api/v1/source-reads/{id}` A read: its proof, how far attributes are filled, what looks wrong. Needs a token for all connections. Needs the scope `sync`. */
  readonly getSourceRead: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: SourceRead;
  };
  /** `GET /sync-job/{id}` One of the jobs. Needs the scope `sync`. */
  readonly getSyncJob: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: SyncJob;
  };
  /** `GET /sync-job-cron-trigger/{id}` One trigger of syncs. Needs the scope `sync`. */
  readonly getSyncJobCronTrigger: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: SyncJobCronTrigger;
  };
  /** `GET /sync-job-run/{id}` One sync, with Truto’s names. Needs the scope `sync`. */
  readonly getSyncJobRun: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: SyncJobRun;
  };
  /** `GET /webhook/{id}` One webhook, with Truto’s names. Needs the scope `webhooks`. */
  readonly getTrutoWebhook: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: Webhook;
  };
  /** `GET /unified/{model}/{resource}/meta/{method}` What a method takes and gives. Needs any valid token. */
  readonly getUnifiedMeta: {
    readonly input: {
      readonly params: {
        /** user-directory or lms */
        readonly model: string;
        readonly resource: string;
        readonly method: string;
      };
    };
    readonly answer: {
      readonly method: string;
      /** JSON Schema */
      readonly schema: {
        readonly [key: string]: unknown;
      };
      /** JSON Schema */
      readonly response_schema: {
        readonly [key: string]: unknown;
      };
      /** JSON Schema */
      readonly query_schema: {
        readonly [key: string]: unknown;
      };
      readonly body_schema: {
        readonly [key: string]: unknown;
      } | null;
      readonly documentation_link: string | null;
      readonly x_description: string;
    };
  };
  /** `GET /unified/user-directory/users/{id}` Get one user. Needs the scope `directory`. */
  readonly getUser: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
      };
    };
    readonly answer: User | ReshapedRecord;
  };
  /** `GET /api/v1/webhooks/{id}` An endpoint, and how far it is. Needs the scope `webhooks`. */
  readonly getWebhook: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: WebhookEndpointDetail;
  };
  /** `GET /workos/directories/{id}` A directory by its id. Needs the scope `directory`. */
  readonly getWorkosDirectory: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: WorkosDirectory;
  };
  /** `GET /workos/directory_groups/{id}` A group by its id. Needs the scope `directory`. */
  readonly getWorkosGroup: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: WorkosGroup;
  };
  /** `GET /workos/directory_users/{id}` A person by their id. Needs the scope `directory`. */
  readonly getWorkosUser: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: WorkosUser;
  };
  /** `POST /integrated-account` Connect a KnowBe4 account by its token. The token is proven before anything is kept. The same call a second time is a 409 and makes nothing. Needs a token for all accounts. Needs the scope `connections`. */
  readonly importIntegratedAccount: {
    readonly input: {
      readonly body: {
        readonly tenant_id: string;
        /** Exactly one of api_token, api_key, token, access_token, reporting_token: the Reporting API token */
        readonly context: {
          readonly api_token?: string;
          readonly api_key?: string;
          readonly token?: string;
          readonly access_token?: string;
          readonly reporting_token?: string;
          /** us, eu, ca, uk or de */
          readonly region?: string;
          /** An address of the account, which tells its region; any other only where the operator allows it */
          readonly base_url?: string;
          /** Of the connection; made of the tenant without it */
          readonly name?: string;
          /** What an operator may set. Settings are replaced as a whole: send those that shall stay as well */
          readonly settings?: {
            readonly limits?: {
              /** Requests a second; null: none */
              readonly per_second?: number | null;
              /** Requests a minute; null: none */
              readonly per_minute?: number | null;
              /** Requests a rolling day; null: none */
              readonly per_day?: number | null;
              /** Requests a second, of the SCIM key; null: none */
              readonly scim_per_second?: number | null;
              /** Share of the day kept for interactive calls */
              readonly reserve_share?: number;
            };
            /** Streams that are not mirrored */
            readonly streams_off?: readonly (
              | 'account'
              | 'groups'
              | 'users'
              | 'risk_history'
              | 'phishing_campaigns'
              | 'security_tests'
              | 'recipients'
              | 'training_campaigns'
              | 'store_purchases'
              | 'policies'
              | 'enrollments'
            )[];
            /** Keep no address, place, browser and system of recipients */
            readonly drop_recipient_client?: boolean;
            /** IANA name; times are UTC unless it is set */
            readonly time_zone?: string;
            /** Overrides the computed budget key */
            readonly account_key?: string;
            readonly pagination?: 'auto' | 'page' | 'cursor';
            /** Between scheduled directory refreshes; null: never */
            readonly directory_every_minutes?: number | null;
            /** Risk scores that make an event when one is crossed; default 60 */
            readonly risk_thresholds?: readonly number[];
            /** How far a risk score must move between two reads to make an event; null: never; default 10 */
            readonly risk_delta?: number | null;
            /** Between scheduled refreshes of campaigns and tests; null: never */
            readonly activity_every_minutes?: number | null;
          };
        };
        readonly tags?: readonly string[];
        readonly authentication_method?: 'api_key';
        readonly environment_integration_id?: string;
        /** Where Truto would keep it: means nothing here */
        readonly region?: string;
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: IntegratedAccount;
  };
  /** `GET /integrated-account/{id}/tools` Resources of the proxy as tools for an agent. The server’s own tools are had by MCP, and say more in fewer words. Needs the scope `proxy`. */
  readonly listAccountTools: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** read, write, custom or exact names, with commas */
        readonly methods?: readonly string[];
        /** directory, risk, phishing, training, events, with commas */
        readonly tags?: readonly string[];
      };
    };
    readonly answer: {
      readonly result: readonly Tool[];
    };
  };
  /** `GET /unified/user-directory/activities` List activities, the newest first. Sign-ins and what syncs found changed. Risk scores need the scope risk as well. Needs the scope `directory`. */
  readonly listActivities: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** Rows on a page, 1 to 500 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** Only these actions */
        readonly action?: readonly (
          | 'login'
          | 'user_created'
          | 'user_updated'
          | 'user_deactivated'
          | 'user_reactivated'
          | 'user_deleted'
          | 'group_member_added'
          | 'group_member_removed'
          | 'risk_score_changed'
        )[];
        /** When it was seen: a time with an operator */
        readonly created_at?: {
          readonly gt?: string;
          readonly gte?: string;
          readonly lt?: string;
          readonly lte?: string;
        };
        /** Default: the newest first */
        readonly sort_by?: {
          readonly created_at?: 'asc' | 'desc';
        };
      };
    };
    readonly answer: {
      readonly result: readonly Activity[];
      readonly next_cursor: string | null;
      readonly prev_cursor: null;
      readonly result_count: number;
    };
  };
  /** `GET /api/v1/alerts` What an operator should look at, newest first. Needs the scope `connections`. */
  readonly listAlerts: {
    readonly input: {
      readonly query?: {
        /** Only this connection; without it all that the token reaches */
        readonly connection_id?: string;
        /** true: those that last; false: those that are over */
        readonly open?: boolean;
        /** Rows on a page, 1 to 500 */
        readonly limit?: number;
      };
    };
    readonly answer: {
      readonly result: readonly Alert[];
    };
  };
  /** `GET /api/v1/audit` Who did what: administrative acts, oldest first. Ask again with `after` set to `next_after`. With `format=ndjson` or `csv` the whole selection is streamed as a file. A token bound to connections sees what was done to these. Needs the scope `audit`. */
  readonly listAudit: {
    readonly input: {
      readonly query?: {
        /** Number after which to begin */
        readonly after?: number;
        /** Rows on a page, 1 to 1000 */
        readonly limit?: number;
        /** Only this connection */
        readonly connection_id?: string;
        /** Only these actions */
        readonly actions?: readonly string[];
        /** Only these actors, by id */
        readonly actors?: readonly string[];
        /** Not before this time */
        readonly from?: string;
        /** Before this time */
        readonly until?: string;
        /** `ndjson` and `csv` stream all of it */
        readonly format?: 'json' | 'ndjson' | 'csv';
      };
    };
    readonly answer: {
      readonly result: readonly AuditEntry[];
      readonly next_after: number;
      readonly has_more: boolean;
    };
  };
  /** `GET /api/v1/changes` The change log, oldest first. Ask again with `after` set to `next_after`. A token without the scopes training, phishing or risk does not see these kinds. Needs the scope `directory`. */
  readonly listChanges: {
    readonly input: {
      readonly query?: {
        /** Only this connection; without it all that the token reaches */
        readonly connection_id?: string;
        /** Position in the log after which to begin */
        readonly after?: number;
        /** Rows on a page, 1 to 1000 */
        readonly limit?: number;
        /** Only these kinds */
        readonly kinds?: readonly (
          | 'baseline'
          | 'account.created'
          | 'account.updated'
          | 'account.deleted'
          | 'user.created'
          | 'user.updated'
          | 'user.deleted'
          | 'user.archived'
          | 'user.restored'
          | 'user.last_sign_in_changed'
          | 'group.created'
          | 'group.updated'
          | 'group.deleted'
          | 'group.archived'
          | 'group.restored'
          | 'group.member_added'
          | 'group.member_removed'
          | 'group.member_count_changed'
          | 'user.risk_score_changed'
          | 'group.risk_score_changed'
          | 'account.risk_score_changed'
          | 'user.phish_prone_changed'
          | 'user.risk_threshold_crossed'
          | 'user.risk_jumped'
          | 'group.risk_threshold_crossed'
          | 'group.risk_jumped'
          | 'account.risk_threshold_crossed'
          | 'account.risk_jumped'
          | 'phishing_campaign.created'
          | 'phishing_campaign.updated'
          | 'phishing_campaign.deleted'
          | 'security_test.created'
          | 'security_test.updated'
          | 'security_test.deleted'
          | 'recipient.created'
          | 'recipient.updated'
          | 'recipient.deleted'
          | 'training_campaign.created'
          | 'training_campaign.updated'
          | 'training_campaign.deleted'
          | 'enrollment.created'
          | 'enrollment.updated'
          | 'enrollment.deleted'
          | 'store_purchase.created'
          | 'store_purchase.updated'
          | 'store_purchase.deleted'
          | 'policy.created'
          | 'policy.updated'
          | 'policy.deleted'
          | 'connection.created'
          | 'connection.removed'
          | 'connection.updated'
          | 'connection.reconnected'
          | 'run.queued'
          | 'run.started'
          | 'run.ended'
          | 'connection.paused'
          | 'connection.resumed'
          | 'connection.store_restored'
          | 'connection.token_refused'
          | 'connection.token_restored'
          | 'connection.stale'
          | 'connection.fresh_again'
          | 'connection.hold_opened'
          | 'connection.hold_decided'
          | 'connection.sync_failed'
          | 'connection.budget_low'
          | 'connection.budget_eaten_by_others'
          | 'connection.budget_recovered'
          | 'connection.deliveries_dead'
          | 'connection.deliveries_recovered'
          | 'plan.waiting'
          | 'plan.approved'
          | 'plan.rejected'
          | 'plan.applied'
          | 'plan.stopped'
          | 'plan.visible'
          | 'plan.late'
          | 'source.read_completed'
          | 'source.read_incomplete'
          | 'source.read_quarantined'
          | 'source.read_accepted'
          | 'source.person_kept_out'
          | 'endpoint.disabled'
          | 'endpoint.enabled'
        )[];
      };
    };
    readonly answer: {
      readonly result: readonly Change[];
      readonly next_after: number;
      readonly has_more: boolean;
    };
  };
  /** `GET /api/v1/connections` Connections that the token reaches. Needs the scope `connections`. */
  readonly listConnections: {
    readonly input: Nothing;
    readonly answer: {
      readonly result: readonly Connection[];
    };
  };
  /** `GET /unified/lms/course-enrollments` List course enrollments. Needs the scope `training`. */
  readonly listCourseEnrollments: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** Id */
        readonly id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Of this person */
        readonly user_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** In this course. Looks through every enrollment: name a campaign as well where there are many */
        readonly course_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** assigned, in_progress, completed, passed, overdue or unknown */
        readonly status?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** A time, or an object with operators */
        readonly enrolled_at?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly gt?: string;
              readonly gte?: string;
              readonly lt?: string;
              readonly lte?: string;
            };
        /** A time, or an object with operators */
        readonly completed_at?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly gt?: string;
              readonly gte?: string;
              readonly lt?: string;
              readonly lte?: string;
            };
        /** Of this training campaign */
        readonly x_campaign_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Deleted records: hidden unless asked for */
        readonly x_deleted?: 'hide' | 'only' | 'show';
        /** Records on a page, 1 to 500 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** From the page after */
        readonly prev_cursor?: string;
        /** One field and its order: `sort_by[name]=desc`. Default: id, ascending */
        readonly sort_by?: {
          readonly [key: string]: 'asc' | 'desc';
        };
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
      };
    };
    readonly answer: CourseEnrollmentList | ReshapedList;
  };
  /** `GET /unified/lms/course-items` List course items. Needs the scope `training`. */
  readonly listCourseItems: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** Id */
        readonly id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Title */
        readonly title?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** store_purchase or policy */
        readonly type?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Places of this course */
        readonly course_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** What is in this campaign */
        readonly x_campaign_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Records on a page, 1 to 500 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** From the page after */
        readonly prev_cursor?: string;
        /** One field and its order: `sort_by[name]=desc`. Default: id, ascending */
        readonly sort_by?: {
          readonly [key: string]: 'asc' | 'desc';
        };
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
      };
    };
    readonly answer: CourseItemList | ReshapedList;
  };
  /** `GET /unified/lms/courses` List courses. Needs the scope `training`. */
  readonly listCourses: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** Id */
        readonly id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Title */
        readonly title?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** course (of the store) or other (a policy) */
        readonly type?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** published, archived (retired), draft or unknown */
        readonly status?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Records on a page, 1 to 500 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** From the page after */
        readonly prev_cursor?: string;
        /** One field and its order: `sort_by[name]=desc`. Default: id, ascending */
        readonly sort_by?: {
          readonly [key: string]: 'asc' | 'desc';
        };
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
      };
    };
    readonly answer: CourseList | ReshapedList;
  };
  /** `GET /environment-integration` List integrations of this gateway. Needs any valid token. */
  readonly listEnvironmentIntegrations: {
    readonly input: {
      readonly query?: {
        /** integration id */
        readonly integration_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** integration.name */
        readonly 'integration.name'?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Rows on a page, at most 5000 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: {
      readonly result: readonly {
        readonly id: string;
        readonly environment_id: string;
        readonly integration_id: string;
        readonly show_in_catalog: boolean;
        readonly is_enabled: boolean;
        readonly integration: {
          readonly id: string;
          readonly name: string;
          readonly category: string;
        };
        readonly created_at: string;
        readonly updated_at: string;
      }[];
      readonly next_cursor: string | null;
      readonly limit: number;
    };
  };
  /** `GET /api-token` API tokens, with Truto’s names. Needs the scope `admin`. */
  readonly listEnvironmentTokens: {
    readonly input: {
      readonly query?: {
        /** Name */
        readonly name?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Rows on a page, at most 5000 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: {
      readonly result: readonly EnvironmentToken[];
      readonly next_cursor: string | null;
      readonly limit: number;
    };
  };
  /** `GET /environment` List environments: this gateway. Needs any valid token. */
  readonly listEnvironments: {
    readonly input: {
      readonly query?: {
        /** name */
        readonly name?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Rows on a page, at most 5000 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: {
      readonly result: readonly {
        readonly id: string;
        readonly name: string;
        readonly team_id: null;
        readonly created_at: string;
        readonly updated_at: string;
      }[];
      readonly next_cursor: string | null;
      readonly limit: number;
    };
  };
  /** `GET /api/v1/events/types` Every type of event, with the schema of its data. Needs any valid token. */
  readonly listEventTypes: {
    readonly input: Nothing;
    readonly answer: {
      readonly result: readonly EventType[];
    };
  };
  /** `GET /api/v1/events` What happened, in order, without gaps. Ask again with `after` set to `next_cursor`, also when the page is empty; every event comes at least once. Events of a family that the token has no scope for are left out, and without the scope directory people in training, phishing and risk events are ids alone. A cursor older than the retention is answered with 410. Needs any valid token. */
  readonly listEvents: {
    readonly input: {
      readonly query?: {
        /** A cursor, or the id of an event: what follows it */
        readonly after?: string;
        /** Only these types; `user.*` stands for all that begin so */
        readonly types?: readonly string[];
        /** Only this connection; without it all that the token reaches */
        readonly connection_id?: string;
        /** Only events that were seen at this time or later */
        readonly from?: string;
        /** Only events that were seen before this time */
        readonly until?: string;
        /** asc: oldest first */
        readonly order?: 'asc' | 'desc';
        /** Rows on a page, 1 to 1000 */
        readonly limit?: number;
        /** Seconds to wait for an event where there is none */
        readonly wait?: number;
      };
    };
    readonly answer: {
      readonly result: readonly Event[];
      readonly next_cursor: string;
      /** False at the end of what there is now */
      readonly has_more: boolean;
    };
  };
  /** `GET /unified/user-directory/groups` List groups. Needs the scope `directory`. */
  readonly listGroups: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** live: read from KnowBe4 at this moment, which costs a request; default mirror */
        readonly x_source?: 'mirror' | 'live';
        /** Id */
        readonly id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Name */
        readonly name?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Every group is a `group` */
        readonly group_type?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** KnowBe4 has none: matches nothing */
        readonly description?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Groups that this person is in */
        readonly user_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** When it was first seen: a time, or an object with operators */
        readonly created_at?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly gt?: string;
              readonly gte?: string;
              readonly lt?: string;
              readonly lte?: string;
            };
        /** A time, or an object with operators */
        readonly updated_at?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly gt?: string;
              readonly gte?: string;
              readonly lt?: string;
              readonly lte?: string;
            };
        /** The vendor’s kind: console_group, smart_group … */
        readonly x_group_type?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** active or archived */
        readonly x_status?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Deleted records: hidden unless asked for */
        readonly x_deleted?: 'hide' | 'only' | 'show';
        /** Records on a page, 1 to 500 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** From the page after */
        readonly prev_cursor?: string;
        /** One field and its order: `sort_by[name]=desc`. Default: id, ascending */
        readonly sort_by?: {
          readonly [key: string]: 'asc' | 'desc';
        };
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
      };
    };
    readonly answer: GroupList | ReshapedList;
  };
  /** `GET /api/v1/holds` Removals that a sync found and did not make. Needs the scope `sync`. */
  readonly listHolds: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly connection_id?: string;
      };
    };
    readonly answer: {
      readonly result: readonly Hold[];
    };
  };
  /** `GET /integrated-account` Accounts that the token reaches. Needs the scope `connections`. */
  readonly listIntegratedAccounts: {
    readonly input: {
      readonly query?: {
        /** Tenant */
        readonly tenant_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** There is knowbe4 */
        readonly integration?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** connecting, active, validation_error or needs_reauth */
        readonly status?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** There are none */
        readonly is_sandbox?: boolean;
        /** A time, or an object with operators */
        readonly created_at?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly gt?: string;
              readonly gte?: string;
              readonly lt?: string;
              readonly lte?: string;
            };
        /** A time, or an object with operators */
        readonly updated_at?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly gt?: string;
              readonly gte?: string;
              readonly lt?: string;
              readonly lte?: string;
            };
        /** Rows on a page, at most 5000 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: {
      readonly result: readonly IntegratedAccount[];
      readonly next_cursor: string | null;
      readonly limit: number;
    };
  };
  /** `GET /integration/{id}/tools` Tools of an account that has every key. Ask the account instead: `/integrated-account/{id}/tools`. Needs any valid token. */
  readonly listIntegrationTools: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** read, write, custom or exact names, with commas */
        readonly methods?: readonly string[];
        /** directory, risk, phishing, training, events, with commas */
        readonly tags?: readonly string[];
      };
    };
    readonly answer: {
      readonly result: readonly Tool[];
    };
  };
  /** `GET /integration` List integrations: KnowBe4. Needs any valid token. */
  readonly listIntegrations: {
    readonly input: {
      readonly query?: {
        /** name */
        readonly name?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** category */
        readonly category?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Rows on a page, at most 5000 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: {
      readonly result: readonly {
        readonly id: string;
        readonly name: string;
        readonly category: string;
        readonly is_beta: false;
        readonly config: {
          readonly label: string;
          readonly base_url: string;
        };
        readonly created_at: string;
        readonly updated_at: string;
      }[];
      readonly next_cursor: string | null;
      readonly limit: number;
    };
  };
  /** `GET /api/v1/invitations` Invitations, the newest first. A token that is bound to connections or tags sees those that were made with it. Needs the scope `connections`. */
  readonly listInvitations: {
    readonly input: {
      readonly query?: {
        /** link_token: what POST /link-token made */
        readonly kind?: 'link_token' | 'invitation';
        /** Only those that are in this state now */
        readonly state?: 'open' | 'used' | 'revoked' | 'expired' | 'ended';
        /** At most so many */
        readonly limit?: number;
      };
    };
    readonly answer: {
      readonly result: readonly Invitation[];
    };
  };
  /** `GET /unified/user-directory/licenses` List licenses. Needs the scope `directory`. */
  readonly listLicenses: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** Id */
        readonly id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Name */
        readonly name?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** active, or inactive when the subscription is over */
        readonly status?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Records on a page, 1 to 500 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** From the page after */
        readonly prev_cursor?: string;
        /** One field and its order: `sort_by[name]=desc`. Default: id, ascending */
        readonly sort_by?: {
          readonly [key: string]: 'asc' | 'desc';
        };
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
      };
    };
    readonly answer: LicenseList | ReshapedList;
  };
  /** `GET /unified/lms/users` List users. Needs the scope `training`. */
  readonly listLmsUsers: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** Id */
        readonly id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** First name */
        readonly first_name?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Last name */
        readonly last_name?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Whole name */
        readonly name?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Address */
        readonly emails?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** The same as the address */
        readonly username?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** active, inactive (archived in KnowBe4) or deleted */
        readonly status?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** A time, or an object with operators */
        readonly created_at?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly gt?: string;
              readonly gte?: string;
              readonly lt?: string;
              readonly lte?: string;
            };
        /** A time, or an object with operators */
        readonly updated_at?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly gt?: string;
              readonly gte?: string;
              readonly lt?: string;
              readonly lte?: string;
            };
        /** With overdue training, or without */
        readonly x_overdue?: boolean;
        /** Has completed a training at some time, or never has */
        readonly x_trained?: boolean;
        /** Deleted records: hidden unless asked for */
        readonly x_deleted?: 'hide' | 'only' | 'show';
        /** Records on a page, 1 to 500 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** From the page after */
        readonly prev_cursor?: string;
        /** One field and its order: `sort_by[name]=desc`. Default: id, ascending */
        readonly sort_by?: {
          readonly [key: string]: 'asc' | 'desc';
        };
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
      };
    };
    readonly answer: LmsUserList | ReshapedList;
  };
  /** `GET /log` Calls, deliveries and runs of the last weeks, newest first. Calls are kept for 30 days, and are there about a second after their answer. A token that is bound to connections sees what is about these. Needs the scope `audit`. */
  readonly listLog: {
    readonly input: {
      readonly query?: {
        /** What of */
        readonly log_type?: 'unified_proxy_api' | 'rapid_bridge' | 'webhook' | 'sync_job_cron_trigger' | 'mcp';
        /** `created_at[gt]=…`, `[lt]`; a month at most, the last one without it */
        readonly created_at?:
          | string
          | {
              readonly [key: string]: string;
            };
        /** Only of this connection */
        readonly integrated_account_id?: string;
        /** Of calls resource, method, verb, status, tool, token_id, request_id, of deliveries webhook_id and state, as `log_type_filter[status]=404` */
        readonly log_type_filter?: {
          readonly [key: string]: string;
        };
        /** Rows on a page, 1 to 100 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: {
      readonly result: readonly LogEntry[];
      readonly next_cursor: string | null;
      readonly limit: number;
    };
  };
  /** `GET /integrated-account/{id}/mcp` Tokens of MCP for an account. Needs the scope `connections`. */
  readonly listMcpTokens: {
    readonly input: {
      readonly params: {
        /** Id or name of the account */
        readonly id: string;
      };
      readonly query?: {
        /** Rows on a page, at most 5000 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: {
      readonly result: readonly McpServer[];
      readonly next_cursor: string | null;
      readonly limit: number;
    };
  };
  /** `GET /unified/user-directory/organizations` List organizations. Needs the scope `directory`. */
  readonly listOrganizations: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** Id */
        readonly id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Name */
        readonly name?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Records on a page, 1 to 500 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** From the page after */
        readonly prev_cursor?: string;
        /** One field and its order: `sort_by[name]=desc`. Default: id, ascending */
        readonly sort_by?: {
          readonly [key: string]: 'asc' | 'desc';
        };
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
      };
    };
    readonly answer: OrganizationList | ReshapedList;
  };
  /** `GET /api/v1/people` People with their risk, training and phishing totals. Of all connections that the token reaches, or of one. `risk`, `training` and `phishing` are there when the token has the scopes risk, training and phishing.identified. Needs the scope `directory`. */
  readonly listPeople: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly connection_id?: string;
        /** Id */
        readonly id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** First name */
        readonly first_name?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Last name */
        readonly last_name?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Whole name */
        readonly name?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Address */
        readonly email?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** active, inactive (archived in KnowBe4) or deleted */
        readonly status?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Archived people only, or all but them */
        readonly archived?: boolean;
        /** Console admins only, or all but them */
        readonly admin?: boolean;
        /** Members of this group */
        readonly group_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Department */
        readonly department?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Division */
        readonly division?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Location */
        readonly location?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** People of this manager */
        readonly manager_email?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Risk score above this. Needs the scope risk */
        readonly risk_above?: number;
        /** Risk score. Needs the scope risk */
        readonly risk_score?:
          | number
          | {
              readonly eq?: number;
              readonly in?: string;
              readonly gt?: number;
              readonly gte?: number;
              readonly lt?: number;
              readonly lte?: number;
            };
        /** Phish-prone percentage. Needs the scope risk */
        readonly phish_prone_percent?:
          | number
          | {
              readonly eq?: number;
              readonly in?: string;
              readonly gt?: number;
              readonly gte?: number;
              readonly lt?: number;
              readonly lte?: number;
            };
        /** With overdue training, or without. Needs the scope training */
        readonly overdue?: boolean;
        /** Failed a phishing test since this time. Needs the scope phishing.identified */
        readonly failed_since?: string;
        /** Failed this phishing test: its id, callback:ID for a phone one. Needs the scope phishing.identified */
        readonly failed_test?: string;
        /** Has completed a training at some time, or never has. Needs the scope training */
        readonly trained?: boolean;
        /** Part of the name, the address or the employee number */
        readonly search?: string;
        /** A time, or an object with operators */
        readonly joined_at?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly gt?: string;
              readonly gte?: string;
              readonly lt?: string;
              readonly lte?: string;
            };
        /** A time, or an object with operators */
        readonly updated_at?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly gt?: string;
              readonly gte?: string;
              readonly lt?: string;
              readonly lte?: string;
            };
        /** Deleted records: hidden unless asked for */
        readonly deleted?: 'hide' | 'only' | 'show';
        /** Records on a page, 1 to 500 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** From the page after */
        readonly prev_cursor?: string;
        /** One field and its order: `sort_by[name]=desc`. Default: id, ascending */
        readonly sort_by?: {
          readonly [key: string]: 'asc' | 'desc';
        };
      };
    };
    readonly answer: PersonList;
  };
  /** `GET /api/v1/plans/{id}/items` What a plan saw and does nothing about: conflicts, who is held, who is not managed. Needs the scope `provisioning`. */
  readonly listPlanItems: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** `position` of the last one seen */
        readonly after?: number;
        /** Rows on a page, 1 to 1000 */
        readonly limit?: number;
      };
    };
    readonly answer: {
      readonly result: readonly PlanItem[];
    };
  };
  /** `GET /api/v1/plans/{id}/steps` Steps of a plan in their order, each with how far it is. Needs the scope `provisioning`. */
  readonly listPlanSteps: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** `position` of the last one seen */
        readonly after?: number;
        /** Rows on a page, 1 to 1000 */
        readonly limit?: number;
        /** Only steps that do this */
        readonly action?:
          | 'claim'
          | 'restore'
          | 'create'
          | 'update'
          | 'manager'
          | 'group_create'
          | 'member_add'
          | 'member_remove'
          | 'group_rename'
          | 'archive';
      };
    };
    readonly answer: {
      readonly result: readonly {
        readonly step: PlanStep;
        /** How far it is; null: not begun */
        readonly entry: {
          readonly state:
            | 'planned'
            | 'written'
            | 'accepted'
            | 'visible'
            | 'verified'
            | 'stale'
            | 'skipped'
            | 'failed'
            | 'late';
          readonly application_id: string;
          readonly user_id: string | null;
          readonly group_id: string | null;
          readonly provisional_id: string | null;
          /** Of a stale step: what was there instead */
          readonly found: string | null;
          readonly error: {
            readonly code: string;
            readonly detail: string;
          } | null;
          readonly written_at: string | null;
          readonly accepted_at: string | null;
          readonly visible_at: string | null;
          readonly verified_at: string | null;
        } | null;
      }[];
    };
  };
  /** `GET /api/v1/plans` Plans, the newest first. Needs the scope `provisioning`. */
  readonly listPlans: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly connection_id?: string;
        /** Only plans in this state */
        readonly state?:
          | 'draft'
          | 'blocked'
          | 'waiting'
          | 'approved'
          | 'applying'
          | 'applied'
          | 'stale'
          | 'superseded'
          | 'rejected'
          | 'expired';
        /** Rows on a page, 1 to 100 */
        readonly limit?: number;
      };
    };
    readonly answer: {
      readonly result: readonly Plan[];
    };
  };
  /** `GET /unified/user-directory/role_assignments` List role assignments. Needs the scope `directory`. */
  readonly listRoleAssignments: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** live: read from KnowBe4 at this moment, which costs a request; default mirror */
        readonly x_source?: 'mirror' | 'live';
        /** Also who holds a role through a group, by x_via_group */
        readonly expand?: 'users';
        /** Id */
        readonly id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Roles of this person */
        readonly user_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Roles of this group */
        readonly group_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Holders of this role */
        readonly role_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Records on a page, 1 to 500 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** From the page after */
        readonly prev_cursor?: string;
        /** One field and its order: `sort_by[name]=desc`. Default: id, ascending */
        readonly sort_by?: {
          readonly [key: string]: 'asc' | 'desc';
        };
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
      };
    };
    readonly answer: RoleAssignmentList | ReshapedList;
  };
  /** `GET /unified/user-directory/roles` List roles. Needs the scope `directory`. */
  readonly listRoles: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** live: read from KnowBe4 at this moment, which costs a request; default mirror */
        readonly x_source?: 'mirror' | 'live';
        /** Id */
        readonly id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Name */
        readonly name?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** builtin, or custom for security roles */
        readonly type?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Records on a page, 1 to 500 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** From the page after */
        readonly prev_cursor?: string;
        /** One field and its order: `sort_by[name]=desc`. Default: id, ascending */
        readonly sort_by?: {
          readonly [key: string]: 'asc' | 'desc';
        };
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
      };
    };
    readonly answer: RoleList | ReshapedList;
  };
  /** `GET /api/v1/runs` Runs of a connection, newest first. Needs the scope `sync`. */
  readonly listRuns: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly connection_id?: string;
        /** Rows on a page, 1 to 200 */
        readonly limit?: number;
      };
    };
    readonly answer: {
      readonly result: readonly Run[];
    };
  };
  /** `GET /api/v1/source-reads` Reads of sources, the newest first. Needs a token for all connections. Needs the scope `sync`. */
  readonly listSourceReads: {
    readonly input: {
      readonly query?: {
        /** Only those of this source */
        readonly source?: string;
        /** Rows on a page, 1 to 200 */
        readonly limit?: number;
      };
    };
    readonly answer: {
      readonly result: readonly SourceRead[];
    };
  };
  /** `GET /api/v1/sources` Sources of people, and how they were read last. Needs a token for all connections. Needs the scope `sync`. */
  readonly listSources: {
    readonly input: Nothing;
    readonly answer: {
      readonly result: readonly Source[];
    };
  };
  /** `GET /sync-job-cron-trigger` What makes syncs come back by themselves. Made of the settings of the connections; PATCH /api/v1/connections changes them. Needs the scope `sync`. */
  readonly listSyncJobCronTriggers: {
    readonly input: {
      readonly query?: {
        /** Connection */
        readonly integrated_account_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Job */
        readonly sync_job_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** active or inactive */
        readonly status?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Rows on a page, at most 5000 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: {
      readonly result: readonly SyncJobCronTrigger[];
      readonly next_cursor: string | null;
      readonly limit: number;
    };
  };
  /** `GET /sync-job-run-state` How far the streams of a connection are known. Needs the scope `sync`. */
  readonly listSyncJobRunStates: {
    readonly input: {
      readonly query?: {
        /** Connection and stream, as `con_…:users` */
        readonly state_key?: string;
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
      };
    };
    readonly answer: {
      readonly result: readonly SyncJobRunState[];
      readonly next_cursor: null;
      readonly limit: number;
    };
  };
  /** `GET /sync-job-run` Syncs, newest first, with Truto’s names. Needs the scope `sync`. */
  readonly listSyncJobRuns: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** Only of this job */
        readonly sync_job_id?: 'directory' | 'refresh' | 'full';
        /** Only in this state */
        readonly status?: 'created' | 'running' | 'completed' | 'failed' | 'stopped';
        /** `created_at[gt]=…`, `[lt]`; a month at most, the last one without it */
        readonly created_at?:
          | string
          | {
              readonly [key: string]: string;
            };
        /** Rows on a page, 1 to 100 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: {
      readonly result: readonly SyncJobRun[];
      readonly next_cursor: string | null;
      readonly limit: number;
    };
  };
  /** `GET /sync-job` The jobs that there are. They are fixed: jobs of one’s own cannot be made. Needs the scope `sync`. */
  readonly listSyncJobs: {
    readonly input: {
      readonly query?: {
        /** Id */
        readonly id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Rows on a page, at most 5000 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: {
      readonly result: readonly SyncJob[];
      readonly next_cursor: string | null;
      readonly limit: number;
    };
  };
  /** `GET /api/v1/tokens` Tokens of this API. Needs the scope `admin`. */
  readonly listTokens: {
    readonly input: Nothing;
    readonly answer: {
      readonly result: readonly ApiToken[];
    };
  };
  /** `GET /webhook` Webhooks, with Truto’s names. Needs the scope `webhooks`. */
  readonly listTrutoWebhooks: {
    readonly input: {
      readonly query?: {
        /** Address */
        readonly target_url?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Whether it is sent to */
        readonly is_active?: boolean;
        /** When it was made */
        readonly created_at?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly gt?: string;
              readonly gte?: string;
              readonly lt?: string;
              readonly lte?: string;
            };
        /** Rows on a page, at most 5000 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: {
      readonly result: readonly Webhook[];
      readonly next_cursor: string | null;
      readonly limit: number;
    };
  };
  /** `GET /unified/user-directory/users` List users. Needs the scope `directory`. */
  readonly listUsers: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
        /** live: read from KnowBe4 at this moment, which costs a request; default mirror */
        readonly x_source?: 'mirror' | 'live';
        /** Id */
        readonly id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** First name */
        readonly first_name?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Last name */
        readonly last_name?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Whole name */
        readonly name?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Address */
        readonly emails?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** The same as the address */
        readonly username?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** active, inactive (archived in KnowBe4) or deleted */
        readonly status?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** admin or end_user */
        readonly type?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** Members of this group */
        readonly group_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** The connection’s id */
        readonly organization_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** KnowBe4 has none: matches nothing */
        readonly workspace_id?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly like?: string;
            };
        /** A time, or an object with operators */
        readonly created_at?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly gt?: string;
              readonly gte?: string;
              readonly lt?: string;
              readonly lte?: string;
            };
        /** A time, or an object with operators */
        readonly updated_at?:
          | string
          | {
              readonly eq?: string;
              readonly in?: string;
              readonly gt?: string;
              readonly gte?: string;
              readonly lt?: string;
              readonly lte?: string;
            };
        /** Deleted records: hidden unless asked for */
        readonly x_deleted?: 'hide' | 'only' | 'show';
        /** Records on a page, 1 to 500 */
        readonly limit?: number;
        /** From the page before; empty means the start */
        readonly next_cursor?: string;
        /** From the page after */
        readonly prev_cursor?: string;
        /** One field and its order: `sort_by[name]=desc`. Default: id, ascending */
        readonly sort_by?: {
          readonly [key: string]: 'asc' | 'desc';
        };
        /** raw, stream: KnowBe4’s objects; normalized: one spelling and unit; debug: with what lies behind; default unified */
        readonly truto_response_format?: 'unified' | 'normalized' | 'raw' | 'stream' | 'debug';
        /** Leave `remote_data` out */
        readonly truto_ignore_remote_data?: boolean;
        /** Fields to leave out */
        readonly truto_exclude_fields?: readonly string[];
        /** `result` becomes an object keyed by this field */
        readonly truto_key_by?: string;
        /** The largest page instead of `limit` */
        readonly truto_ignore_limit?: boolean;
      };
    };
    readonly answer: UserList | ReshapedList;
  };
  /** `GET /api/v1/webhooks/{id}/deliveries/{delivery}/attempts` Every try of a delivery: request, answer and time. Needs the scope `webhooks`. */
  readonly listWebhookAttempts: {
    readonly input: {
      readonly params: {
        readonly id: string;
        /** The id of its event */
        readonly delivery: string;
      };
    };
    readonly answer: WebhookAttempts;
  };
  /** `GET /api/v1/webhooks/{id}/deliveries` What was sent to an endpoint, newest first. Needs the scope `webhooks`. */
  readonly listWebhookDeliveries: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Only these */
        readonly state?: 'waiting' | 'retrying' | 'delivered' | 'dead';
        /** Only the delivery of this event */
        readonly event_id?: string;
        /** next_cursor of the page before */
        readonly cursor?: string;
        /** Rows on a page, 1 to 500 */
        readonly limit?: number;
      };
    };
    readonly answer: {
      readonly result: readonly WebhookDelivery[];
      readonly next_cursor: string | null;
    };
  };
  /** `GET /api/v1/webhooks` Webhook endpoints. Needs the scope `webhooks`. */
  readonly listWebhooks: {
    readonly input: Nothing;
    readonly answer: {
      readonly result: readonly WebhookEndpoint[];
    };
  };
  /** `GET /api/v1/work-items` Conflicts that a person decides, open ones first. Needs the scope `provisioning`. */
  readonly listWorkItems: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly connection_id?: string;
        /** Rows on a page, 1 to 1000 */
        readonly limit?: number;
      };
    };
    readonly answer: {
      readonly result: readonly WorkItem[];
    };
  };
  /** `GET /workos/directories` Connections as directories. Needs the scope `directory`. */
  readonly listWorkosDirectories: {
    readonly input: {
      readonly query?: {
        /** Id of the last record of the page before */
        readonly after?: string;
        /** Id of the first record of the page after */
        readonly before?: string;
        /** Rows on a page, 1 to 100 */
        readonly limit?: number;
        /** By id */
        readonly order?: 'asc' | 'desc' | 'normal';
        /** Only this organization: one connection */
        readonly organization_id?: string;
      };
    };
    readonly answer: WorkosDirectoryList;
  };
  /** `GET /workos/events` Directory events in the shape of WorkOS. Oldest first. A connection begins with `created` for everybody who was there at the first pass. Ask again with the id of the last event. Needs the scope `directory`. */
  readonly listWorkosEvents: {
    readonly input: {
      readonly query: {
        /** Types of events */
        readonly events: readonly (
          | 'dsync.activated'
          | 'dsync.deleted'
          | 'dsync.user.created'
          | 'dsync.user.updated'
          | 'dsync.user.deleted'
          | 'dsync.group.created'
          | 'dsync.group.updated'
          | 'dsync.group.deleted'
          | 'dsync.group.user_added'
          | 'dsync.group.user_removed'
        )[];
        /** Id of the last event that is known */
        readonly after?: string;
        /** Only this organization: one connection */
        readonly organization_id?: string;
        /** Rows on a page, 1 to 100 */
        readonly limit?: number;
        /** Oldest first */
        readonly order?: 'asc';
        /** Only what was seen at this time or later */
        readonly range_start?: string;
        /** Only what was seen before this time */
        readonly range_end?: string;
      };
    };
    readonly answer: WorkosEventList;
  };
  /** `GET /workos/directory_groups` Groups of a directory, or of a person. Needs the scope `directory`. */
  readonly listWorkosGroups: {
    readonly input: {
      readonly query?: {
        /** Id of the last record of the page before */
        readonly after?: string;
        /** Id of the first record of the page after */
        readonly before?: string;
        /** Rows on a page, 1 to 100 */
        readonly limit?: number;
        /** By id */
        readonly order?: 'asc' | 'desc' | 'normal';
        /** Id of the directory */
        readonly directory?: string;
        /** Only groups of this person */
        readonly user?: string;
      };
    };
    readonly answer: WorkosGroupList;
  };
  /** `GET /workos/directory_users` People of a directory, or of a group. Needs the scope `directory`. */
  readonly listWorkosUsers: {
    readonly input: {
      readonly query?: {
        /** Id of the last record of the page before */
        readonly after?: string;
        /** Id of the first record of the page after */
        readonly before?: string;
        /** Rows on a page, 1 to 100 */
        readonly limit?: number;
        /** By id */
        readonly order?: 'asc' | 'desc' | 'normal';
        /** Id of the directory */
        readonly directory?: string;
        /** Only members of this group */
        readonly group?: string;
      };
    };
    readonly answer: WorkosUserList;
  };
  /** `POST /api/v1/connections/{id}/pause` Send nothing more to KnowBe4. Needs the scope `connections`. */
  readonly pauseConnection: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
    };
    readonly answer: Connection;
  };
  /** `POST /api/v1/connections/{id}/provisioning/pause` Apply nothing until somebody resumes it. Anybody may stop; a person lets it go on. Needs the scope `provisioning`. */
  readonly pauseProvisioning: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
    };
    readonly answer: ProvisioningState;
  };
  /** `POST /proxy/{path}` Make something at KnowBe4. User events alone: the Reporting API only reads. Needs a switch of the operator and the scope `proxy.write`. Needs the scope `proxy`. */
  readonly proxyCreate: {
    readonly input: {
      readonly params: {
        /** As in KnowBe4’s guide: users, users/12345, events, event_types */
        readonly path: string;
      };
      readonly query?: {
        /** Id or name of the connection; left out where the token reaches one */
        readonly integrated_account_id?: string;
      };
      readonly body: unknown;
    };
    readonly answer: {
      readonly [key: string]: unknown;
    };
  };
  /** `POST /proxy/graphql` Ask KnowBe4 in GraphQL. Where the connection holds a key of the Product API. Queries alone, without fields about tokens, keys and webhooks; errors inside the answer are handed on with it. Needs the scope `proxy`. */
  readonly proxyGraphql: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection; left out where the token reaches one */
        readonly integrated_account_id?: string;
      };
      readonly body: {
        readonly query: string;
        readonly variables?: {
          readonly [key: string]: unknown;
        } | null;
        readonly operationName?: string | null;
      };
    };
    readonly answer: {
      readonly [key: string]: unknown;
    };
  };
  /** `GET /proxy/{path}` Read from KnowBe4 itself. A path of the Reporting API, or `events`, `event_types`, `statuses` of the User Event API where the connection holds its key. Lists come in an envelope, records as KnowBe4 sends them. Parameters that are not ours are sent on. Needs the scope `proxy`. */
  readonly proxyRead: {
    readonly input: {
      readonly params: {
        /** As in KnowBe4’s guide: users, users/12345, events, event_types */
        readonly path: string;
      };
      readonly query?: {
        /** Id or name of the connection; left out where the token reaches one */
        readonly integrated_account_id?: string;
        /** Rows a page: 1 to 500, of user events to 100; default 100 */
        readonly limit?: string;
        /** Of the answer before; empty begins */
        readonly next_cursor?: string;
      };
    };
    readonly answer:
      | {
          readonly result: readonly unknown[];
          readonly next_cursor: string | null;
          readonly prev_cursor: null;
          readonly result_count: number;
          readonly [key: string]: unknown;
        }
      | {
          readonly [key: string]: unknown;
        }
      | readonly unknown[];
  };
  /** `DELETE /proxy/{path}` Remove something at KnowBe4. User events alone: the Reporting API only reads. Needs a switch of the operator and the scope `proxy.write`. Needs the scope `proxy`. */
  readonly proxyRemove: {
    readonly input: {
      readonly params: {
        /** As in KnowBe4’s guide: users, users/12345, events, event_types */
        readonly path: string;
      };
      readonly query?: {
        /** Id or name of the connection; left out where the token reaches one */
        readonly integrated_account_id?: string;
      };
    };
    readonly answer: {
      readonly [key: string]: unknown;
    };
  };
  /** `PUT /proxy/{path}` Replace something at KnowBe4. User events alone: the Reporting API only reads. Needs a switch of the operator and the scope `proxy.write`. Needs the scope `proxy`. */
  readonly proxyReplace: {
    readonly input: {
      readonly params: {
        /** As in KnowBe4’s guide: users, users/12345, events, event_types */
        readonly path: string;
      };
      readonly query?: {
        /** Id or name of the connection; left out where the token reaches one */
        readonly integrated_account_id?: string;
      };
      readonly body: unknown;
    };
    readonly answer: {
      readonly [key: string]: unknown;
    };
  };
  /** `PATCH /proxy/{path}` Change something at KnowBe4. User events alone: the Reporting API only reads. Needs a switch of the operator and the scope `proxy.write`. Needs the scope `proxy`. */
  readonly proxyUpdate: {
    readonly input: {
      readonly params: {
        /** As in KnowBe4’s guide: users, users/12345, events, event_types */
        readonly path: string;
      };
      readonly query?: {
        /** Id or name of the connection; left out where the token reaches one */
        readonly integrated_account_id?: string;
      };
      readonly body: unknown;
    };
    readonly answer: {
      readonly [key: string]: unknown;
    };
  };
  /** `PUT /api/v1/connections/{id}/keys/{kind}` Add a key for another API of the account. Proves it with one request, and keeps it sealed in the place of one of the same kind: `scim` for provisioning, `events` for the User Event API, `product` for GraphQL. Needs the scope `connections`. */
  readonly putKey: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
        /** What the key is for */
        readonly kind: 'scim' | 'events' | 'product';
      };
      readonly body: {
        /** It is sealed and never shown */
        readonly token: string;
        /** SCIM: the tenant URL, needed. Else another address than KnowBe4’s, only where the operator allows it */
        readonly url?: string;
      };
    };
    readonly answer: KeyResult;
  };
  /** `POST /api/v1/sources/{name}/read` Read a source now. Who it does not show counts as absent only when the read is proven complete. Needs a token for all connections. Needs the scope `sync`. */
  readonly readSource: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly name: string;
      };
    };
    readonly answer: SourceRead;
  };
  /** `POST /api/v1/connections/{id}/people/{userId}/readmit` Let an erased person in again. The next sync that reads the person brings them back. Needs the scope `connections`. */
  readonly readmitPerson: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
        readonly userId: string;
      };
    };
    readonly answer: {
      readonly readmitted: boolean;
    };
  };
  /** `POST /api/v1/sources/{name}/people/{id}/readmit` Let somebody in again who was erased. The next read that shows them brings them back; whom a provider pushes it has to push anew. Needs a token for all connections. Needs the scope `connections`. */
  readonly readmitSourcePerson: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly name: string;
        /** Their id in the source; the provider’s id or the address where they are pushed */
        readonly id: string;
      };
    };
    readonly answer: {
      readonly readmitted: boolean;
    };
  };
  /** `POST /intake/knowbe4/{connection}` A webhook of KnowBe4’s own: wakes the sync of the connection. Authenticated by the secret of the intake: as Bearer or Basic password, as header X-API-Key, or, where that was allowed, as ?api_key=. The body is any up to 64 kB; what has changed is read from KnowBe4, never taken from it. */
  readonly receiveWebhook: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly connection: string;
      };
    };
    readonly answer: {
      readonly accepted: true;
      readonly repeated: boolean;
    };
  };
  /** `POST /integrated-account/refresh-credentials` Prove the stored token again. KnowBe4’s tokens do not expire by themselves and cannot be refreshed: an account that was refused is tried anew. Needs the scope `connections`. */
  readonly refreshCredentials: {
    readonly input: {
      readonly body: {
        readonly id: string;
      };
    };
    readonly answer: {
      readonly success: true;
    };
  };
  /** `POST /api/v1/plans/{id}/reject` Refuse a plan: it is over. Takes the secret of a person who decides beside the token: a token alone decides nothing. Needs the scope `provisioning`. */
  readonly rejectPlan: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly reason: string;
        /** The person who decides, and their secret */
        readonly operator: {
          readonly name: string;
          readonly secret: string;
          /** From an authenticator app, where one is asked for */
          readonly code?: string | null;
        };
      };
    };
    readonly answer: {
      readonly plan: Plan;
      readonly approvals: readonly {
        readonly id: string;
        readonly plan_id: string;
        readonly connection_id: string;
        /** `sha256:` and 64 hexadecimal digits */
        readonly digest: string;
        /** Digests of the approved steps; null: all */
        readonly steps: {
          readonly [key: string]: string;
        } | null;
        readonly decision: 'approved' | 'rejected';
        readonly operator: {
          readonly id: string;
          readonly name: string;
        };
        readonly reason: string | null;
        readonly at: string;
        readonly expires_at: string;
        readonly lapsed: {
          readonly at: string;
          readonly reason: string;
        } | null;
      }[];
      /** The newest first */
      readonly applications: readonly PlanApplication[];
    };
  };
  /** `DELETE /api/v1/connections/{id}` Remove a connection and its tokens. Needs the scope `connections`. */
  readonly removeConnection: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
      readonly query?: {
        /** Also remove everything mirrored, its runs and its changes */
        readonly purge?: boolean;
      };
    };
    readonly answer: {
      readonly id: string;
      /** What goes on at KnowBe4 after it */
      readonly notes?: readonly string[];
    };
  };
  /** `POST /unified/user-directory/groups/remove-user` Take a user out of a group. Goes through provisioning. Mode `observe`: 403 `observe_mode`. Mode `propose`: 202, a person decides. Mode `auto`: what the rules let happen by itself is answered once KnowBe4 has taken it; it is shown after KnowBe4’s next sync. Needs the scope `write`. */
  readonly removeGroupUser: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
      };
      readonly body: {
        /** KnowBe4’s id */
        readonly group_id?: string | number;
        /** The same as `group_id` */
        readonly id?: string | number;
        /** KnowBe4’s id */
        readonly user_id: string | number;
        readonly [key: string]: unknown;
      };
    };
    readonly answer: WrittenObject;
  };
  /** `DELETE /api/v1/connections/{id}/keys/{kind}` Forget a key of the connection. Needs the scope `connections`. */
  readonly removeKey: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
        /** What the key is for */
        readonly kind: 'scim' | 'events' | 'product';
      };
    };
    readonly answer: Connection;
  };
  /** `POST /api/v1/connections/{id}/intake` Take the address into use, or give it a new secret. The secret before stops to work at once. Needs the scope `connections`. */
  readonly renewIntake: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
      readonly body: {
        /** Let the secret come as ?api_key= too, for senders that can do nothing else: it may end in their logs */
        readonly in_query?: boolean;
      };
    };
    readonly answer: {
      readonly connection_id: string;
      /** False until a secret is made */
      readonly enabled: boolean;
      /** Where KnowBe4 is to send its webhooks, below the address of this server */
      readonly path: string;
      /** Whether the secret may come in the query as well */
      readonly in_query: boolean;
      /** When the secret was made */
      readonly created_at: string | null;
      readonly calls: number;
      readonly last_call_at: string | null;
      /** Shown once */
      readonly secret: string;
    };
  };
  /** `POST /api/v1/connections/{id}/token` Replace the Reporting API token. The new token is proven first and must belong to the same account. Needs the scope `connections`. */
  readonly replaceToken: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
      readonly body: {
        /** Reporting API token. It is sealed and never shown */
        readonly reporting_token: string;
        readonly region?: 'us' | 'eu' | 'ca' | 'uk' | 'de';
      };
    };
    readonly answer: ConnectResult;
  };
  /** `POST /api/v1/webhooks/{id}/replay` Send events again. Some events by their ids, what was given up, or everything since a time. They keep their webhook-id: a receiver that remembers ids must forget them. Ask with dry_run first. Needs the scope `webhooks`. */
  readonly replayWebhook: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        /** These events */
        readonly event_ids?: readonly string[];
        /** Everything that was given up */
        readonly dead?: true;
        /** Everything since this time, in its order */
        readonly from?: string;
        /** Only of this connection, by id or name */
        readonly connection_id?: string;
        /** Only count */
        readonly dry_run?: boolean;
      };
    };
    readonly answer: {
      readonly events: number;
      /** The count was broken off: there are more */
      readonly at_least: boolean;
      readonly dry_run: boolean;
    };
  };
  /** `GET /v1/account` The account itself. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `directory`. */
  readonly reportingAccount: {
    readonly input: Nothing;
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/account/risk_score_history` Risk scores of the account. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `risk`. */
  readonly reportingAccountRisk: {
    readonly input: {
      readonly query?: {
        /** `true`: everything there is; else the last six months */
        readonly full?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/phishing/campaigns/{id}/security_tests` Tests of a phishing campaign. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `phishing.aggregate`. */
  readonly reportingCampaignTests: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** `callback`: the phone ones */
        readonly campaign_type?: string;
        /** From 1 */
        readonly page?: string;
        /** 1 to 500; default 100 */
        readonly per_page?: string;
        /** `true` begins; then `x-next-cursor` of the answer before, which is absent at the end */
        readonly cursor?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/training/enrollments/{id}` One enrollment. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `training`. */
  readonly reportingEnrollment: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** `true`: with `campaign_id` */
        readonly include_campaign_id?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/training/enrollments` Enrollments in trainings. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `training`. */
  readonly reportingEnrollments: {
    readonly input: {
      readonly query?: {
        /** Those in this content */
        readonly store_purchase_id?: string;
        /** Those of this campaign, with scores */
        readonly campaign_id?: string;
        /** Those of this person */
        readonly user_id?: string;
        /** `true`: without archived people */
        readonly exclude_archived_users?: string;
        /** `true`: with `campaign_id` */
        readonly include_campaign_id?: string;
        /** `true`: with `store_purchase_id` */
        readonly include_store_purchase_id?: string;
        /** `true`: with the person’s `employee_number` */
        readonly include_employee_number?: string;
        /** From 1 */
        readonly page?: string;
        /** 1 to 500; default 100 */
        readonly per_page?: string;
        /** `true` begins; then `x-next-cursor` of the answer before, which is absent at the end */
        readonly cursor?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/groups/{id}` One group by its id. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `directory`. */
  readonly reportingGroup: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/groups/{id}/members` People in a group. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `directory`. */
  readonly reportingGroupMembers: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** From 1 */
        readonly page?: string;
        /** 1 to 500; default 100 */
        readonly per_page?: string;
        /** `true` begins; then `x-next-cursor` of the answer before, which is absent at the end */
        readonly cursor?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/groups/{id}/risk_score_history` Risk scores of a group. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `risk`. */
  readonly reportingGroupRisk: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** `true`: everything there is; else the last six months */
        readonly full?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/groups` Groups of the account. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `directory`. */
  readonly reportingGroups: {
    readonly input: {
      readonly query?: {
        /** `active` or `archived`; both without it */
        readonly status?: string;
        /** From 1 */
        readonly page?: string;
        /** 1 to 500; default 100 */
        readonly per_page?: string;
        /** `true` begins; then `x-next-cursor` of the answer before, which is absent at the end */
        readonly cursor?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/phishing/campaigns/{id}` One phishing campaign. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `phishing.aggregate`. */
  readonly reportingPhishingCampaign: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** `callback`: the phone ones */
        readonly campaign_type?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/phishing/campaigns` Phishing campaigns. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `phishing.aggregate`. */
  readonly reportingPhishingCampaigns: {
    readonly input: {
      readonly query?: {
        /** `callback`: the phone ones */
        readonly campaign_type?: string;
        /** From 1 */
        readonly page?: string;
        /** 1 to 500; default 100 */
        readonly per_page?: string;
        /** `true` begins; then `x-next-cursor` of the answer before, which is absent at the end */
        readonly cursor?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/training/policies` Uploaded policies. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `training`. */
  readonly reportingPolicies: {
    readonly input: {
      readonly query?: {
        /** From 1 */
        readonly page?: string;
        /** 1 to 500; default 100 */
        readonly per_page?: string;
        /** `true` begins; then `x-next-cursor` of the answer before, which is absent at the end */
        readonly cursor?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/training/policies/{id}` One uploaded policy. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `training`. */
  readonly reportingPolicy: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/phishing/security_tests/{id}/recipients/{recipient_id}` One recipient of a test. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `phishing.identified`. */
  readonly reportingRecipient: {
    readonly input: {
      readonly params: {
        readonly id: string;
        readonly recipient_id: string;
      };
      readonly query?: {
        /** `callback`: the phone ones */
        readonly campaign_type?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/phishing/security_tests/{id}/recipients` Who a phishing test went to. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `phishing.identified`. */
  readonly reportingRecipients: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** `callback`: the phone ones */
        readonly campaign_type?: string;
        /** From 1 */
        readonly page?: string;
        /** 1 to 500; default 100 */
        readonly per_page?: string;
        /** `true` begins; then `x-next-cursor` of the answer before, which is absent at the end */
        readonly cursor?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/phishing/security_tests/{id}` One phishing test. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `phishing.aggregate`. */
  readonly reportingSecurityTest: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** `callback`: the phone ones */
        readonly campaign_type?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/phishing/security_tests` Phishing tests. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `phishing.aggregate`. */
  readonly reportingSecurityTests: {
    readonly input: {
      readonly query?: {
        /** `callback`: the phone ones */
        readonly campaign_type?: string;
        /** From 1 */
        readonly page?: string;
        /** 1 to 500; default 100 */
        readonly per_page?: string;
        /** `true` begins; then `x-next-cursor` of the answer before, which is absent at the end */
        readonly cursor?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/training/store_purchases/{id}` One piece of training content. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `training`. */
  readonly reportingStorePurchase: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/training/store_purchases` Training content that was bought. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `training`. */
  readonly reportingStorePurchases: {
    readonly input: {
      readonly query?: {
        /** From 1 */
        readonly page?: string;
        /** 1 to 500; default 100 */
        readonly per_page?: string;
        /** `true` begins; then `x-next-cursor` of the answer before, which is absent at the end */
        readonly cursor?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/training/campaigns/{id}` One training campaign. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `training`. */
  readonly reportingTrainingCampaign: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/training/campaigns` Training campaigns. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `training`. */
  readonly reportingTrainingCampaigns: {
    readonly input: {
      readonly query?: {
        /** `true`: without completion; else ten rows a page */
        readonly exclude_percentages?: string;
        /** From 1 */
        readonly page?: string;
        /** 1 to 500; default 100 */
        readonly per_page?: string;
        /** `true` begins; then `x-next-cursor` of the answer before, which is absent at the end */
        readonly cursor?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/users/{id}` One person by their id. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `directory`. */
  readonly reportingUser: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/users/{id}/risk_score_history` Risk scores of a person. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `risk`. */
  readonly reportingUserRisk: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** `true`: everything there is; else the last six months */
        readonly full?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `GET /v1/users` People of the account. As KnowBe4’s Reporting API answers it, for the one connection that the token reaches. Needs the scope `directory`. */
  readonly reportingUsers: {
    readonly input: {
      readonly query?: {
        /** `active` or `archived`; both without it */
        readonly status?: string;
        /** Those in this group */
        readonly group_id?: string;
        /** `group`: groups as objects */
        readonly expand?: string;
        /** From 1 */
        readonly page?: string;
        /** 1 to 500; default 100 */
        readonly per_page?: string;
        /** `true` begins; then `x-next-cursor` of the answer before, which is absent at the end */
        readonly cursor?: string;
      };
    };
    readonly answer:
      | readonly unknown[]
      | {
          readonly [key: string]: unknown;
        };
  };
  /** `POST /api/v1/invitations/{id}/resend` Send an invitation again, with a new link and a new code. The old ones end; the time at which it expires stays. Needs the scope `connections`. */
  readonly resendInvitation: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: {
      readonly invitation: Invitation;
      /** The link */
      readonly url: string;
      /** To be typed at /connect */
      readonly code: string;
      /** False: hand the link or the code over */
      readonly mailed: boolean;
    };
  };
  /** `POST /api/v1/connections/{id}/resume` Go on after a pause. Needs the scope `connections`. */
  readonly resumeConnection: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
    };
    readonly answer: Connection;
  };
  /** `POST /api/v1/connections/{id}/provisioning/resume` Let plans be applied again, after a pause or a stop. Takes the secret of a person who decides beside the token: a token alone decides nothing. Needs the scope `provisioning`. */
  readonly resumeProvisioning: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        /** The person who decides, and their secret */
        readonly operator: {
          readonly name: string;
          readonly secret: string;
          /** From an authenticator app, where one is asked for */
          readonly code?: string | null;
        };
      };
    };
    readonly answer: ProvisioningState;
  };
  /** `DELETE /api/v1/invitations/{id}` Withdraw an invitation at once. Needs the scope `connections`. */
  readonly revokeInvitation: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: Invitation;
  };
  /** `DELETE /api/v1/tokens/{id}` Revoke a token at once. Tokens that were derived from it end with it. Needs the scope `admin`. */
  readonly revokeToken: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: {
      readonly id: string;
    };
  };
  /** `POST /api/v1/tokens/{id}/rotate` Give a token a new secret, shown once. The old one goes on for a while; the one before that ends at once. Revoking the token ends all of them. Needs the scope `admin`. */
  readonly rotateToken: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly body?: {
        /** 0: the old secret ends now */
        readonly overlap_seconds?: number;
      };
    };
    readonly answer: {
      readonly token: ApiToken;
      readonly secret: string;
    };
  };
  /** `POST /api/v1/vault/rotate` Seal every KnowBe4 token anew under a new key. Keys from before stay in the ring, because backups need them. Needs a token for all connections. Needs the scope `admin`. */
  readonly rotateVault: {
    readonly input: Nothing;
    readonly answer: {
      readonly resealed: number;
      readonly keys: number;
    };
  };
  /** `POST /api/v1/webhooks/{id}/rotate-secret` Give an endpoint a new secret, shown once. Deliveries are signed with both until the overlap ends, the new one first. Needs the scope `webhooks`. */
  readonly rotateWebhookSecret: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly body?: {
        /** 0: the old secret ends at once */
        readonly overlap_hours?: number;
      };
    };
    readonly answer: WebhookEndpointWithSecret;
  };
  /** `POST /sync-job-cron-trigger/{id}/schedule` Let syncs of a connection come back by themselves. One that was switched off gets the usual interval; one that is on stays as it is. Needs the scope `connections`. */
  readonly scheduleSyncJobCronTrigger: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: {
      readonly success: true;
    };
  };
  /** `POST /scim/v2/{source}/Groups` Push a group. */
  readonly scimCreateGroup: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
      };
      readonly query?: {
        /** What is answered, separated by commas; id and schemas always are */
        readonly attributes?: string;
        /** What is left out, separated by commas */
        readonly excludedAttributes?: string;
      };
      readonly body: {
        readonly [key: string]: unknown;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** `POST /scim/v2/{source}/Users` Push a user. */
  readonly scimCreateUser: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
      };
      readonly query?: {
        /** What is answered, separated by commas; id and schemas always are */
        readonly attributes?: string;
        /** What is left out, separated by commas */
        readonly excludedAttributes?: string;
      };
      readonly body: {
        readonly [key: string]: unknown;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** `DELETE /scim/v2/{source}/Groups/{id}` Say that a group is gone. A user who is deleted is kept as one who has left: what follows is planned like everything else. */
  readonly scimDeleteGroup: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
        /** Id that this server gave */
        readonly id: string;
      };
    };
    readonly answer: Nothing;
  };
  /** `DELETE /scim/v2/{source}/Users/{id}` Say that a user is gone. A user who is deleted is kept as one who has left: what follows is planned like everything else. */
  readonly scimDeleteUser: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
        /** Id that this server gave */
        readonly id: string;
      };
    };
    readonly answer: Nothing;
  };
  /** `GET /scim/v2/{source}/Groups/{id}` One group as it was pushed. */
  readonly scimGetGroup: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
        /** Id that this server gave */
        readonly id: string;
      };
      readonly query?: {
        /** What is answered, separated by commas; id and schemas always are */
        readonly attributes?: string;
        /** What is left out, separated by commas */
        readonly excludedAttributes?: string;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** `GET /scim/v2/{source}/ResourceTypes/{id}` One kind of what can be pushed. */
  readonly scimGetResourceType: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
        /** Id that this server gave */
        readonly id: string;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly [key: string]: unknown;
    };
  };
  /** `GET /scim/v2/{source}/Schemas/{id}` The attributes of one schema. */
  readonly scimGetSchema: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
        /** Id that this server gave */
        readonly id: string;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly [key: string]: unknown;
    };
  };
  /** `GET /scim/v2/{source}/Users/{id}` One user as it was pushed. */
  readonly scimGetUser: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
        /** Id that this server gave */
        readonly id: string;
      };
      readonly query?: {
        /** What is answered, separated by commas; id and schemas always are */
        readonly attributes?: string;
        /** What is left out, separated by commas */
        readonly excludedAttributes?: string;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** `GET /scim/v2/{source}/Groups` The groups that were pushed, or those that fulfil a filter. */
  readonly scimListGroup: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
      };
      readonly query?: {
        /** From 1 */
        readonly startIndex?: string;
        /** At most 200 */
        readonly count?: string;
        /** A filter of RFC 7644, as userName eq "a@example.com" */
        readonly filter?: string;
        /** What is answered, separated by commas; id and schemas always are */
        readonly attributes?: string;
        /** What is left out, separated by commas */
        readonly excludedAttributes?: string;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly totalResults: number;
      readonly startIndex: number;
      readonly itemsPerPage: number;
      readonly Resources: readonly {
        readonly [key: string]: unknown;
      }[];
      readonly [key: string]: unknown;
    };
  };
  /** `GET /scim/v2/{source}/ResourceTypes` What can be pushed. */
  readonly scimListResourceTypes: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly [key: string]: unknown;
    };
  };
  /** `GET /scim/v2/{source}/Schemas` The attributes of users and groups. */
  readonly scimListSchemas: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly [key: string]: unknown;
    };
  };
  /** `GET /scim/v2/{source}/Users` The users that were pushed, or those that fulfil a filter. */
  readonly scimListUser: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
      };
      readonly query?: {
        /** From 1 */
        readonly startIndex?: string;
        /** At most 200 */
        readonly count?: string;
        /** A filter of RFC 7644, as userName eq "a@example.com" */
        readonly filter?: string;
        /** What is answered, separated by commas; id and schemas always are */
        readonly attributes?: string;
        /** What is left out, separated by commas */
        readonly excludedAttributes?: string;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly totalResults: number;
      readonly startIndex: number;
      readonly itemsPerPage: number;
      readonly Resources: readonly {
        readonly [key: string]: unknown;
      }[];
      readonly [key: string]: unknown;
    };
  };
  /** `GET /scim/v2/{source}/Me` Not offered: a token is nobody’s own. */
  readonly scimMe: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly [key: string]: unknown;
    };
  };
  /** `PATCH /scim/v2/{source}/Groups/{id}` Change a group. As a whole or not at all. */
  readonly scimPatchGroup: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
        /** Id that this server gave */
        readonly id: string;
      };
      readonly query?: {
        /** What is answered, separated by commas; id and schemas always are */
        readonly attributes?: string;
        /** What is left out, separated by commas */
        readonly excludedAttributes?: string;
      };
      readonly body: {
        readonly [key: string]: unknown;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** `PATCH /scim/v2/{source}/Users/{id}` Change a user. As a whole or not at all. */
  readonly scimPatchUser: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
        /** Id that this server gave */
        readonly id: string;
      };
      readonly query?: {
        /** What is answered, separated by commas; id and schemas always are */
        readonly attributes?: string;
        /** What is left out, separated by commas */
        readonly excludedAttributes?: string;
      };
      readonly body: {
        readonly [key: string]: unknown;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** `PUT /scim/v2/{source}/Groups/{id}` Replace a group. What is not said goes, but neither members nor whether a user is active. */
  readonly scimReplaceGroup: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
        /** Id that this server gave */
        readonly id: string;
      };
      readonly query?: {
        /** What is answered, separated by commas; id and schemas always are */
        readonly attributes?: string;
        /** What is left out, separated by commas */
        readonly excludedAttributes?: string;
      };
      readonly body: {
        readonly [key: string]: unknown;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** `PUT /scim/v2/{source}/Users/{id}` Replace a user. What is not said goes, but neither members nor whether a user is active. */
  readonly scimReplaceUser: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
        /** Id that this server gave */
        readonly id: string;
      };
      readonly query?: {
        /** What is answered, separated by commas; id and schemas always are */
        readonly attributes?: string;
        /** What is left out, separated by commas */
        readonly excludedAttributes?: string;
      };
      readonly body: {
        readonly [key: string]: unknown;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly id: string;
      readonly [key: string]: unknown;
    };
  };
  /** `POST /scim/v2/{source}/Groups/.search` The same as the list of groups, asked for in a body. */
  readonly scimSearchGroup: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
      };
      readonly body: {
        /** From 1 */
        readonly startIndex?: string;
        /** At most 200 */
        readonly count?: string;
        /** A filter of RFC 7644, as userName eq "a@example.com" */
        readonly filter?: string;
        readonly [key: string]: unknown;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly totalResults: number;
      readonly startIndex: number;
      readonly itemsPerPage: number;
      readonly Resources: readonly {
        readonly [key: string]: unknown;
      }[];
      readonly [key: string]: unknown;
    };
  };
  /** `POST /scim/v2/{source}/Users/.search` The same as the list of users, asked for in a body. */
  readonly scimSearchUser: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
      };
      readonly body: {
        /** From 1 */
        readonly startIndex?: string;
        /** At most 200 */
        readonly count?: string;
        /** A filter of RFC 7644, as userName eq "a@example.com" */
        readonly filter?: string;
        readonly [key: string]: unknown;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly totalResults: number;
      readonly startIndex: number;
      readonly itemsPerPage: number;
      readonly Resources: readonly {
        readonly [key: string]: unknown;
      }[];
      readonly [key: string]: unknown;
    };
  };
  /** `GET /scim/v2/{source}/ServiceProviderConfig` What this service can do. */
  readonly scimServiceProviderConfig: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly source: string;
      };
    };
    readonly answer: {
      readonly schemas: readonly string[];
      readonly [key: string]: unknown;
    };
  };
  /** `POST /mcp` A message of an agent. One message of the Model Context Protocol and its answer, in any revision. The protocol has a discovery of its own: `tools/list`, `resources/list`, `prompts/list`. Needs any valid token. */
  readonly sendMessage: {
    readonly input: {
      readonly body: unknown;
    };
    readonly answer:
      | {
          readonly jsonrpc: '2.0';
          readonly id?: string | number | null;
          readonly [key: string]: unknown;
        }
      | readonly {
          readonly jsonrpc: '2.0';
          readonly id?: string | number | null;
          readonly [key: string]: unknown;
        }[]
      | unknown;
  };
  /** `POST /mcp/{token}` A message of an agent, with the token in the address. One message of the Model Context Protocol and its answer, in any revision. The protocol has a discovery of its own: `tools/list`, `resources/list`, `prompts/list`. Needs any valid token. */
  readonly sendMessageByToken: {
    readonly input: {
      readonly params: {
        /** A token of kind `mcp`: `fkm_…` */
        readonly token: string;
      };
      readonly body: unknown;
    };
    readonly answer:
      | {
          readonly jsonrpc: '2.0';
          readonly id?: string | number | null;
          readonly [key: string]: unknown;
        }
      | readonly {
          readonly jsonrpc: '2.0';
          readonly id?: string | number | null;
          readonly [key: string]: unknown;
        }[]
      | unknown;
  };
  /** `POST /mcp/{token}/mcp` A message of an agent, with the token in the address. One message of the Model Context Protocol and its answer, in any revision. The protocol has a discovery of its own: `tools/list`, `resources/list`, `prompts/list`. Needs any valid token. */
  readonly sendMessageByTokenAddress: {
    readonly input: {
      readonly params: {
        /** A token of kind `mcp`: `fkm_…` */
        readonly token: string;
      };
      readonly body: unknown;
    };
    readonly answer:
      | {
          readonly jsonrpc: '2.0';
          readonly id?: string | number | null;
          readonly [key: string]: unknown;
        }
      | readonly {
          readonly jsonrpc: '2.0';
          readonly id?: string | number | null;
          readonly [key: string]: unknown;
        }[]
      | unknown;
  };
  /** `POST /api/v1/connections/{id}/provisioning/stop` Stop at once: what is being applied ends before its next write. Anybody may stop; a person lets it go on. Needs the scope `provisioning`. */
  readonly stopProvisioning: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
    };
    readonly answer: ProvisioningState;
  };
  /** `DELETE /sync-job-run/{id}` Stop a sync, with Truto’s names. It ends after the page it is at; what it has read stays. One that has ended stays as it ended. Needs the scope `sync`. */
  readonly stopSyncJobRun: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: {
      readonly id: string;
    };
  };
  /** `POST /api/v1/connections/{id}/sync` Start a sync. Puts a run in the queue and answers 202 with its id; a process that does the work begins it at once. With `wait=true` the call is held until the run ends, at most 25 s, and then answers 200 with the run record. Needs the scope `sync`. */
  readonly syncConnection: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
      readonly query?: {
        /** Hold the call until the run ends */
        readonly wait?: boolean;
      };
      readonly body: {
        /** Default refresh; the first sync is always full */
        readonly level?: 'directory' | 'refresh' | 'full';
        readonly streams?: readonly (
          | 'account'
          | 'groups'
          | 'users'
          | 'risk_history'
          | 'phishing_campaigns'
          | 'security_tests'
          | 'recipients'
          | 'training_campaigns'
          | 'store_purchases'
          | 'policies'
          | 'enrollments'
        )[];
      };
    };
    readonly answer: Run | StartedRun;
  };
  /** `POST /webhook/test` Send the event test to a webhook at once. Needs the scope `webhooks`. */
  readonly testTrutoWebhook: {
    readonly input: {
      readonly body: {
        readonly id: string;
      };
    };
    readonly answer: {
      readonly success: boolean;
      /** What the receiver answered */
      readonly x_status: number | null;
      readonly x_error: string | null;
    };
  };
  /** `POST /api/v1/webhooks/{id}/test` Send a signed event of the type test at once, and show the answer. Needs the scope `webhooks`. */
  readonly testWebhook: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
    };
    readonly answer: WebhookAttempts;
  };
  /** `POST /api/v1/plan-applications/{id}/undo` Build a plan that puts back what an application changed. It waits for people like any other, and says what cannot come back. Needs the scope `provisioning`. */
  readonly undoPlan: {
    readonly input: {
      readonly params: {
        /** Id of the application, or of the plan: all that was done of it */
        readonly id: string;
      };
    };
    readonly answer: Plan;
  };
  /** `PATCH /api/v1/connections/{id}` Change name, tenant, tags or settings. Needs the scope `connections`. */
  readonly updateConnection: {
    readonly input: {
      readonly params: {
        /** Id or name of the connection */
        readonly id: string;
      };
      readonly body: {
        readonly name?: string;
        readonly tenant?: string | null;
        readonly tags?: readonly string[];
        /** What an operator may set. Settings are replaced as a whole: send those that shall stay as well */
        readonly settings?: {
          readonly limits?: {
            /** Requests a second; null: none */
            readonly per_second?: number | null;
            /** Requests a minute; null: none */
            readonly per_minute?: number | null;
            /** Requests a rolling day; null: none */
            readonly per_day?: number | null;
            /** Requests a second, of the SCIM key; null: none */
            readonly scim_per_second?: number | null;
            /** Share of the day kept for interactive calls */
            readonly reserve_share?: number;
          };
          /** Streams that are not mirrored */
          readonly streams_off?: readonly (
            | 'account'
            | 'groups'
            | 'users'
            | 'risk_history'
            | 'phishing_campaigns'
            | 'security_tests'
            | 'recipients'
            | 'training_campaigns'
            | 'store_purchases'
            | 'policies'
            | 'enrollments'
          )[];
          /** Keep no address, place, browser and system of recipients */
          readonly drop_recipient_client?: boolean;
          /** IANA name; times are UTC unless it is set */
          readonly time_zone?: string;
          /** Overrides the computed budget key */
          readonly account_key?: string;
          readonly pagination?: 'auto' | 'page' | 'cursor';
          /** Between scheduled directory refreshes; null: never */
          readonly directory_every_minutes?: number | null;
          /** Risk scores that make an event when one is crossed; default 60 */
          readonly risk_thresholds?: readonly number[];
          /** How far a risk score must move between two reads to make an event; null: never; default 10 */
          readonly risk_delta?: number | null;
          /** Between scheduled refreshes of campaigns and tests; null: never */
          readonly activity_every_minutes?: number | null;
        };
      };
    };
    readonly answer: Connection;
  };
  /** `PATCH /integrated-account/{id}/credentials` Put another token in the place of the stored one. It is proven first, and must belong to the same account. Needs the scope `connections`. */
  readonly updateCredentials: {
    readonly input: {
      readonly params: {
        /** Id or name of the account */
        readonly id: string;
      };
      readonly body: {
        readonly api_token?: string;
        readonly api_key?: string;
        readonly token?: string;
        readonly access_token?: string;
        readonly reporting_token?: string;
        readonly region?: 'us' | 'eu' | 'ca' | 'uk' | 'de';
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: IntegratedAccount;
  };
  /** `PATCH /unified/user-directory/groups/{id}` Change a group. Goes through provisioning. Mode `observe`: 403 `observe_mode`. Mode `propose`: 202, a person decides. Mode `auto`: what the rules let happen by itself is answered once KnowBe4 has taken it; it is shown after KnowBe4’s next sync. Needs the scope `write`. */
  readonly updateGroup: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
      };
      readonly body: {
        readonly description?: string | null;
        readonly group_type?: 'group';
        readonly name?: string;
        readonly [key: string]: unknown;
      };
    };
    readonly answer: WrittenObject;
  };
  /** `PATCH /unified/user-directory/groups` Change the group that the body names. Goes through provisioning. Mode `observe`: 403 `observe_mode`. Mode `propose`: 202, a person decides. Mode `auto`: what the rules let happen by itself is answered once KnowBe4 has taken it; it is shown after KnowBe4’s next sync. Needs the scope `write`. */
  readonly updateGroupByBody: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
      };
      readonly body: {
        readonly description?: string | null;
        readonly group_type?: 'group';
        readonly name?: string;
        /** KnowBe4’s id */
        readonly id: string | number;
        readonly [key: string]: unknown;
      };
    };
    readonly answer: WrittenObject;
  };
  /** `PATCH /integrated-account/{id}` Change tenant, name, tags or settings. What is not named stays as it is, secrets too; `context.settings` are replaced as a whole. Needs the scope `connections`. */
  readonly updateIntegratedAccount: {
    readonly input: {
      readonly params: {
        /** Id or name of the account */
        readonly id: string;
      };
      readonly body: {
        readonly tenant_id?: string | null;
        readonly name?: string;
        readonly tags?: readonly string[];
        /** What is not named stays as it is */
        readonly context?: {
          readonly name?: string;
          /** What an operator may set. Settings are replaced as a whole: send those that shall stay as well */
          readonly settings?: {
            readonly limits?: {
              /** Requests a second; null: none */
              readonly per_second?: number | null;
              /** Requests a minute; null: none */
              readonly per_minute?: number | null;
              /** Requests a rolling day; null: none */
              readonly per_day?: number | null;
              /** Requests a second, of the SCIM key; null: none */
              readonly scim_per_second?: number | null;
              /** Share of the day kept for interactive calls */
              readonly reserve_share?: number;
            };
            /** Streams that are not mirrored */
            readonly streams_off?: readonly (
              | 'account'
              | 'groups'
              | 'users'
              | 'risk_history'
              | 'phishing_campaigns'
              | 'security_tests'
              | 'recipients'
              | 'training_campaigns'
              | 'store_purchases'
              | 'policies'
              | 'enrollments'
            )[];
            /** Keep no address, place, browser and system of recipients */
            readonly drop_recipient_client?: boolean;
            /** IANA name; times are UTC unless it is set */
            readonly time_zone?: string;
            /** Overrides the computed budget key */
            readonly account_key?: string;
            readonly pagination?: 'auto' | 'page' | 'cursor';
            /** Between scheduled directory refreshes; null: never */
            readonly directory_every_minutes?: number | null;
            /** Risk scores that make an event when one is crossed; default 60 */
            readonly risk_thresholds?: readonly number[];
            /** How far a risk score must move between two reads to make an event; null: never; default 10 */
            readonly risk_delta?: number | null;
            /** Between scheduled refreshes of campaigns and tests; null: never */
            readonly activity_every_minutes?: number | null;
          };
          /** Only as it is: it changes with the credentials */
          readonly region?: 'us' | 'eu' | 'ca' | 'uk' | 'de';
          /** Only as it is */
          readonly base_url?: string | null;
        };
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: IntegratedAccount;
  };
  /** `PATCH /integrated-account/{id}/mcp/{tokenId}` Change name, tools or expiry. What is not named stays; `config` is replaced as a whole. Needs the scope `connections`. */
  readonly updateMcpToken: {
    readonly input: {
      readonly params: {
        /** Id or name of the account */
        readonly id: string;
        readonly tokenId: string;
      };
      readonly body: {
        readonly name?: string;
        readonly config?: {
          /** read, list, get or names of tools; all of them read */
          readonly methods?: readonly string[];
          /** directory, training, phishing, risk, proxy, connections */
          readonly tags?: readonly string[];
          /** Works only with an API token in the header as well */
          readonly require_api_token_auth?: boolean;
        };
        readonly expires_at?: string;
      };
    };
    readonly answer: McpServer;
  };
  /** `PATCH /integrated-account/me` Change name and tags of an account token’s account. Nothing else: no host, no region, no secret. Whoever made the account token needs the scope `connections`, and so do other tokens. Needs any valid token. */
  readonly updateOwnIntegratedAccount: {
    readonly input: {
      readonly query?: {
        /** Only where the token reaches several accounts */
        readonly integrated_account_id?: string;
      };
      readonly body: {
        readonly name?: string;
        readonly tags?: readonly string[];
        readonly context?: {
          readonly name?: string;
        };
      };
    };
    readonly answer: IntegratedAccount;
  };
  /** `PATCH /sync-job-cron-trigger/{id}` Change how often a job of a connection comes back. Needs the scope `connections`. */
  readonly updateSyncJobCronTrigger: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        /** `* /15 * * * *`, `0 * /6 * * *` or `0 0 * * *`: how often, not at what time */
        readonly cron_expression?: string;
        readonly status?: 'active' | 'inactive';
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: SyncJobCronTrigger;
  };
  /** `PATCH /webhook/{id}` Change a webhook, with Truto’s names. It is sent what the token that changes it may read. Needs the scope `webhooks`. */
  readonly updateTrutoWebhook: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly target_url?: string;
        readonly is_active?: boolean;
        /** integrated_account:created, integrated_account:updated, integrated_account:active, integrated_account:authentication_error, integrated_account:reactivated, integrated_account:deleted, sync_job_run:created, sync_job_run:started, sync_job_run:updated, sync_job_run:completed, sync_job_run:failed, record:created, record:updated, record:deleted; `record:*` for all that begin so, `*` for all */
        readonly event_types?: readonly string[];
        /** Follows from the token */
        readonly environment_id?: string;
      };
    };
    readonly answer: Webhook;
  };
  /** `PATCH /unified/user-directory/users/{id}` Change a user. Goes through provisioning. Mode `observe`: 403 `observe_mode`. Mode `propose`: 202, a person decides. Mode `auto`: what the rules let happen by itself is answered once KnowBe4 has taken it; it is shown after KnowBe4’s next sync. Needs the scope `write`. */
  readonly updateUser: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
      };
      readonly body: {
        readonly first_name?: string | null;
        readonly last_name?: string | null;
        readonly name?: string | null;
        readonly title?: string | null;
        readonly username?: string;
        readonly phones?: readonly {
          readonly number: string;
          readonly extension?: string | null;
          readonly type?: string | null;
          readonly [key: string]: unknown;
        }[];
        /** inactive: archived in KnowBe4 */
        readonly status?: 'active' | 'inactive';
        /** Groups that the person is in, by id */
        readonly groups?: readonly (
          | string
          | number
          | {
              /** KnowBe4’s id */
              readonly id: string | number;
              readonly [key: string]: unknown;
            }
        )[];
        readonly roles?: readonly (
          | string
          | number
          | {
              /** KnowBe4’s id */
              readonly id: string | number;
              readonly [key: string]: unknown;
            }
        )[];
        readonly languages?: readonly string[];
        readonly emails?: readonly {
          readonly email: string;
          readonly type?: string | null;
          readonly is_primary?: boolean;
          readonly [key: string]: unknown;
        }[];
        readonly [key: string]: unknown;
      };
    };
    readonly answer: WrittenObject;
  };
  /** `PATCH /unified/user-directory/users` Change the user that the body names. Goes through provisioning. Mode `observe`: 403 `observe_mode`. Mode `propose`: 202, a person decides. Mode `auto`: what the rules let happen by itself is answered once KnowBe4 has taken it; it is shown after KnowBe4’s next sync. Needs the scope `write`. */
  readonly updateUserByBody: {
    readonly input: {
      readonly query?: {
        /** Id or name of the connection. May be left out where the token has exactly one */
        readonly integrated_account_id?: string;
      };
      readonly body: {
        readonly first_name?: string | null;
        readonly last_name?: string | null;
        readonly name?: string | null;
        readonly title?: string | null;
        readonly username?: string;
        readonly phones?: readonly {
          readonly number: string;
          readonly extension?: string | null;
          readonly type?: string | null;
          readonly [key: string]: unknown;
        }[];
        /** inactive: archived in KnowBe4 */
        readonly status?: 'active' | 'inactive';
        /** Groups that the person is in, by id */
        readonly groups?: readonly (
          | string
          | number
          | {
              /** KnowBe4’s id */
              readonly id: string | number;
              readonly [key: string]: unknown;
            }
        )[];
        readonly roles?: readonly (
          | string
          | number
          | {
              /** KnowBe4’s id */
              readonly id: string | number;
              readonly [key: string]: unknown;
            }
        )[];
        readonly languages?: readonly string[];
        readonly emails?: readonly {
          readonly email: string;
          readonly type?: string | null;
          readonly is_primary?: boolean;
          readonly [key: string]: unknown;
        }[];
        /** KnowBe4’s id */
        readonly id: string | number;
        readonly [key: string]: unknown;
      };
    };
    readonly answer: WrittenObject;
  };
  /** `PATCH /api/v1/webhooks/{id}` Change, pause or resume an endpoint. From then on it is sent what the token that changed it may read. Needs the scope `webhooks`. */
  readonly updateWebhook: {
    readonly input: {
      readonly params: {
        readonly id: string;
      };
      readonly body: {
        readonly url?: string;
        readonly description?: string | null;
        /** Types of events; `user.*` for all that begin so, `*` for all (default). With the format truto its names: `record:created`, `integrated_account:*` */
        readonly types?: readonly string[];
        /** Ids or names; null (default): all that the token reaches, also later ones */
        readonly connections?: readonly string[] | null;
        /** plain: our JSON, with the fields of Standard Webhooks and of Truto. cloudevents: CloudEvents 1.0, structured. truto: the events and bodies of Truto’s webhooks, their names as types */
        readonly format?: 'plain' | 'cloudevents' | 'truto';
        /** Whether training, phishing and risk events name people; else they are ids. Needs the scope directory */
        readonly names?: boolean;
        /** A paused endpoint keeps its place in the log */
        readonly state?: 'active' | 'paused';
      };
    };
    readonly answer: WebhookEndpoint;
  };
  /** `POST /api/v1/sources/{name}/upload` Hand in a file of people. The file is read at once; nothing of it is kept but what the settings of the source name. Needs a token for all connections. Needs the scope `sync`. */
  readonly uploadToSource: {
    readonly input: {
      readonly params: {
        /** Name of the source in the configuration */
        readonly name: string;
      };
      readonly body: {
        /** The file, as text or in base64 */
        readonly content: string;
        /** How content is written here */
        readonly encoding?: 'utf8' | 'base64';
        readonly name?: string;
        /** How many rows it has: proves that it is whole */
        readonly rows?: number;
        /** Of the file’s bytes, hex: proves that it is whole */
        readonly sha256?: string;
      };
    };
    readonly answer: SourceRead;
  };
};

/** Method and path of each operation. */
export const operations = {
  acceptSourceRead: ['POST', '/api/v1/source-reads/{id}/accept'],
  addGroupUser: ['POST', '/unified/user-directory/groups/add-user'],
  applyPlan: ['POST', '/api/v1/plans/{id}/apply'],
  approvePlan: ['POST', '/api/v1/plans/{id}/approve'],
  archiveUser: ['DELETE', '/unified/user-directory/users/{id}'],
  attestProvisioning: ['POST', '/api/v1/connections/{id}/provisioning/attest'],
  batchRequest: ['POST', '/batch-request'],
  buildPlan: ['POST', '/api/v1/plans'],
  bulkDeleteIntegratedAccounts: ['POST', '/integrated-account/bulk-delete'],
  checkConnection: ['POST', '/api/v1/connections/{id}/check'],
  comparePlans: ['POST', '/api/v1/plans/compare'],
  configureProvisioning: ['PATCH', '/api/v1/connections/{id}/provisioning'],
  confirmAdoption: ['POST', '/api/v1/connections/{id}/provisioning/adoption/confirm'],
  confirmHold: ['POST', '/api/v1/holds/{id}/confirm'],
  connect: ['POST', '/api/v1/connections'],
  createGroup: ['POST', '/unified/user-directory/groups'],
  createIntegratedAccountToken: ['POST', '/integrated-account/token'],
  createInvitation: ['POST', '/api/v1/invitations'],
  createLinkToken: ['POST', '/link-token'],
  createMcpToken: ['POST', '/integrated-account/{id}/mcp'],
  createSourceToken: ['POST', '/api/v1/sources/{name}/token'],
  createSyncJobCronTrigger: ['POST', '/sync-job-cron-trigger'],
  createSyncJobRun: ['POST', '/sync-job-run'],
  createToken: ['POST', '/api/v1/tokens'],
  createTrutoWebhook: ['POST', '/webhook'],
  createUser: ['POST', '/unified/user-directory/users'],
  createWebhook: ['POST', '/api/v1/webhooks'],
  customDelete: ['DELETE', '/custom/{path}'],
  customPatch: ['PATCH', '/custom/{path}'],
  customPost: ['POST', '/custom/{path}'],
  customPut: ['PUT', '/custom/{path}'],
  customRead: ['GET', '/custom/{path}'],
  decideWorkItem: ['POST', '/api/v1/work-items/{id}/decide'],
  deleteGroup: ['DELETE', '/unified/user-directory/groups/{id}'],
  deleteIntegratedAccount: ['DELETE', '/integrated-account/{id}'],
  deleteMcpToken: ['DELETE', '/integrated-account/{id}/mcp/{tokenId}'],
  deleteRoleAssignment: ['DELETE', '/unified/user-directory/role_assignments/{id}'],
  deleteSyncJobCronTrigger: ['DELETE', '/sync-job-cron-trigger/{id}'],
  deleteTrutoWebhook: ['DELETE', '/webhook/{id}'],
  deleteWebhook: ['DELETE', '/api/v1/webhooks/{id}'],
  diffPlans: ['GET', '/api/v1/plans/{id}/diff/{other}'],
  disableIntake: ['DELETE', '/api/v1/connections/{id}/intake'],
  dismissHold: ['POST', '/api/v1/holds/{id}/dismiss'],
  enableWebhook: ['POST', '/api/v1/webhooks/{id}/enable'],
  erasePerson: ['DELETE', '/api/v1/connections/{id}/people/{userId}'],
  eraseSourcePerson: ['DELETE', '/api/v1/sources/{name}/people/{id}'],
  estimateSync: ['GET', '/api/v1/connections/{id}/estimate'],
  explainPerson: ['GET', '/api/v1/connections/{id}/provisioning/explain'],
  forgetSource: ['DELETE', '/api/v1/sources/{name}'],
  getAccountCapabilities: ['GET', '/integrated-account/{id}/capabilities'],
  getActivity: ['GET', '/unified/user-directory/activities/{id}'],
  getAdoptionReport: ['GET', '/api/v1/connections/{id}/provisioning/adoption'],
  getConnection: ['GET', '/api/v1/connections/{id}'],
  getConnectionStatus: ['GET', '/api/v1/connections/{id}/status'],
  getCourse: ['GET', '/unified/lms/courses/{id}'],
  getCourseEnrollment: ['GET', '/unified/lms/course-enrollments/{id}'],
  getCourseItem: ['GET', '/unified/lms/course-items/{id}'],
  getDrift: ['GET', '/api/v1/connections/{id}/provisioning/drift'],
  getEnvironment: ['GET', '/environment/{id}'],
  getEnvironmentIntegration: ['GET', '/environment-integration/{id}'],
  getEnvironmentToken: ['GET', '/api-token/{id}'],
  getEvent: ['GET', '/api/v1/events/{id}'],
  getGroup: ['GET', '/unified/user-directory/groups/{id}'],
  getHealth: ['GET', '/healthz'],
  getIntake: ['GET', '/api/v1/connections/{id}/intake'],
  getIntegratedAccount: ['GET', '/integrated-account/{id}'],
  getIntegration: ['GET', '/integration/{id}'],
  getIntegrationCapabilities: ['GET', '/integration/{id}/capabilities'],
  getIntegrationMeta: ['GET', '/unified/{model}/{resource}/{integration}/meta/{method}'],
  getInvitation: ['GET', '/api/v1/invitations/{id}'],
  getLicense: ['GET', '/unified/user-directory/licenses/{id}'],
  getLmsUser: ['GET', '/unified/lms/users/{id}'],
  getMcpToken: ['GET', '/integrated-account/{id}/mcp/{tokenId}'],
  getMe: ['GET', '/unified/user-directory/me'],
  getMetrics: ['GET', '/metrics'],
  getModelMeta: ['GET', '/unified/meta/{model}/{integration}'],
  getOrganization: ['GET', '/unified/user-directory/organizations/{id}'],
  getOwnIntegratedAccount: ['GET', '/integrated-account/me'],
  getPerson: ['GET', '/api/v1/people/{id}'],
  getPlan: ['GET', '/api/v1/plans/{id}'],
  getProvisioning: ['GET', '/api/v1/connections/{id}/provisioning'],
  getReadiness: ['GET', '/readyz'],
  getRiskHistory: ['GET', '/api/v1/people/{id}/risk-history'],
  getRole: ['GET', '/unified/user-directory/roles/{id}'],
  getRoleAssignment: ['GET', '/unified/user-directory/role_assignments/{id}'],
  getRun: ['GET', '/api/v1/runs/{id}'],
  getSource: ['GET', '/api/v1/sources/{name}'],
  getSourceRead: ['GET', '/api/v1/source-reads/{id}'],
  getSyncJob: ['GET', '/sync-job/{id}'],
  getSyncJobCronTrigger: ['GET', '/sync-job-cron-trigger/{id}'],
  getSyncJobRun: ['GET', '/sync-job-run/{id}'],
  getTrutoWebhook: ['GET', '/webhook/{id}'],
  getUnifiedMeta: ['GET', '/unified/{model}/{resource}/meta/{method}'],
  getUser: ['GET', '/unified/user-directory/users/{id}'],
  getWebhook: ['GET', '/api/v1/webhooks/{id}'],
  getWorkosDirectory: ['GET', '/workos/directories/{id}'],
  getWorkosGroup: ['GET', '/workos/directory_groups/{id}'],
  getWorkosUser: ['GET', '/workos/directory_users/{id}'],
  importIntegratedAccount: ['POST', '/integrated-account'],
  listAccountTools: ['GET', '/integrated-account/{id}/tools'],
  listActivities: ['GET', '/unified/user-directory/activities'],
  listAlerts: ['GET', '/api/v1/alerts'],
  listAudit: ['GET', '/api/v1/audit'],
  listChanges: ['GET', '/api/v1/changes'],
  listConnections: ['GET', '/api/v1/connections'],
  listCourseEnrollments: ['GET', '/unified/lms/course-enrollments'],
  listCourseItems: ['GET', '/unified/lms/course-items'],
  listCourses: ['GET', '/unified/lms/courses'],
  listEnvironmentIntegrations: ['GET', '/environment-integration'],
  listEnvironmentTokens: ['GET', '/api-token'],
  listEnvironments: ['GET', '/environment'],
  listEventTypes: ['GET', '/api/v1/events/types'],
  listEvents: ['GET', '/api/v1/events'],
  listGroups: ['GET', '/unified/user-directory/groups'],
  listHolds: ['GET', '/api/v1/holds'],
  listIntegratedAccounts: ['GET', '/integrated-account'],
  listIntegrationTools: ['GET', '/integration/{id}/tools'],
  listIntegrations: ['GET', '/integration'],
  listInvitations: ['GET', '/api/v1/invitations'],
  listLicenses: ['GET', '/unified/user-directory/licenses'],
  listLmsUsers: ['GET', '/unified/lms/users'],
  listLog: ['GET', '/log'],
  listMcpTokens: ['GET', '/integrated-account/{id}/mcp'],
  listOrganizations: ['GET', '/unified/user-directory/organizations'],
  listPeople: ['GET', '/api/v1/people'],
  listPlanItems: ['GET', '/api/v1/plans/{id}/items'],
  listPlanSteps: ['GET', '/api/v1/plans/{id}/steps'],
  listPlans: ['GET', '/api/v1/plans'],
  listRoleAssignments: ['GET', '/unified/user-directory/role_assignments'],
  listRoles: ['GET', '/unified/user-directory/roles'],
  listRuns: ['GET', '/api/v1/runs'],
  listSourceReads: ['GET', '/api/v1/source-reads'],
  listSources: ['GET', '/api/v1/sources'],
  listSyncJobCronTriggers: ['GET', '/sync-job-cron-trigger'],
  listSyncJobRunStates: ['GET', '/sync-job-run-state'],
  listSyncJobRuns: ['GET', '/sync-job-run'],
  listSyncJobs: ['GET', '/sync-job'],
  listTokens: ['GET', '/api/v1/tokens'],
  listTrutoWebhooks: ['GET', '/webhook'],
  listUsers: ['GET', '/unified/user-directory/users'],
  listWebhookAttempts: ['GET', '/api/v1/webhooks/{id}/deliveries/{delivery}/attempts'],
  listWebhookDeliveries: ['GET', '/api/v1/webhooks/{id}/deliveries'],
  listWebhooks: ['GET', '/api/v1/webhooks'],
  listWorkItems: ['GET', '/api/v1/work-items'],
  listWorkosDirectories: ['GET', '/workos/directories'],
  listWorkosEvents: ['GET', '/workos/events'],
  listWorkosGroups: ['GET', '/workos/directory_groups'],
  listWorkosUsers: ['GET', '/workos/directory_users'],
  pauseConnection: ['POST', '/api/v1/connections/{id}/pause'],
  pauseProvisioning: ['POST', '/api/v1/connections/{id}/provisioning/pause'],
  proxyCreate: ['POST', '/proxy/{path}'],
  proxyGraphql: ['POST', '/proxy/graphql'],
  proxyRead: ['GET', '/proxy/{path}'],
  proxyRemove: ['DELETE', '/proxy/{path}'],
  proxyReplace: ['PUT', '/proxy/{path}'],
  proxyUpdate: ['PATCH', '/proxy/{path}'],
  putKey: ['PUT', '/api/v1/connections/{id}/keys/{kind}'],
  readSource: ['POST', '/api/v1/sources/{name}/read'],
  readmitPerson: ['POST', '/api/v1/connections/{id}/people/{userId}/readmit'],
  readmitSourcePerson: ['POST', '/api/v1/sources/{name}/people/{id}/readmit'],
  receiveWebhook: ['POST', '/intake/knowbe4/{connection}'],
  refreshCredentials: ['POST', '/integrated-account/refresh-credentials'],
  rejectPlan: ['POST', '/api/v1/plans/{id}/reject'],
  removeConnection: ['DELETE', '/api/v1/connections/{id}'],
  removeGroupUser: ['POST', '/unified/user-directory/groups/remove-user'],
  removeKey: ['DELETE', '/api/v1/connections/{id}/keys/{kind}'],
  renewIntake: ['POST', '/api/v1/connections/{id}/intake'],
  replaceToken: ['POST', '/api/v1/connections/{id}/token'],
  replayWebhook: ['POST', '/api/v1/webhooks/{id}/replay'],
  reportingAccount: ['GET', '/v1/account'],
  reportingAccountRisk: ['GET', '/v1/account/risk_score_history'],
  reportingCampaignTests: ['GET', '/v1/phishing/campaigns/{id}/security_tests'],
  reportingEnrollment: ['GET', '/v1/training/enrollments/{id}'],
  reportingEnrollments: ['GET', '/v1/training/enrollments'],
  reportingGroup: ['GET', '/v1/groups/{id}'],
  reportingGroupMembers: ['GET', '/v1/groups/{id}/members'],
  reportingGroupRisk: ['GET', '/v1/groups/{id}/risk_score_history'],
  reportingGroups: ['GET', '/v1/groups'],
  reportingPhishingCampaign: ['GET', '/v1/phishing/campaigns/{id}'],
  reportingPhishingCampaigns: ['GET', '/v1/phishing/campaigns'],
  reportingPolicies: ['GET', '/v1/training/policies'],
  reportingPolicy: ['GET', '/v1/training/policies/{id}'],
  reportingRecipient: ['GET', '/v1/phishing/security_tests/{id}/recipients/{recipient_id}'],
  reportingRecipients: ['GET', '/v1/phishing/security_tests/{id}/recipients'],
  reportingSecurityTest: ['GET', '/v1/phishing/security_tests/{id}'],
  reportingSecurityTests: ['GET', '/v1/phishing/security_tests'],
  reportingStorePurchase: ['GET', '/v1/training/store_purchases/{id}'],
  reportingStorePurchases: ['GET', '/v1/training/store_purchases'],
  reportingTrainingCampaign: ['GET', '/v1/training/campaigns/{id}'],
  reportingTrainingCampaigns: ['GET', '/v1/training/campaigns'],
  reportingUser: ['GET', '/v1/users/{id}'],
  reportingUserRisk: ['GET', '/v1/users/{id}/risk_score_history'],
  reportingUsers: ['GET', '/v1/users'],
  resendInvitation: ['POST', '/api/v1/invitations/{id}/resend'],
  resumeConnection: ['POST', '/api/v1/connections/{id}/resume'],
  resumeProvisioning: ['POST', '/api/v1/connections/{id}/provisioning/resume'],
  revokeInvitation: ['DELETE', '/api/v1/invitations/{id}'],
  revokeToken: ['DELETE', '/api/v1/tokens/{id}'],
  rotateToken: ['POST', '/api/v1/tokens/{id}/rotate'],
  rotateVault: ['POST', '/api/v1/vault/rotate'],
  rotateWebhookSecret: ['POST', '/api/v1/webhooks/{id}/rotate-secret'],
  scheduleSyncJobCronTrigger: ['POST', '/sync-job-cron-trigger/{id}/schedule'],
  scimCreateGroup: ['POST', '/scim/v2/{source}/Groups'],
  scimCreateUser: ['POST', '/scim/v2/{source}/Users'],
  scimDeleteGroup: ['DELETE', '/scim/v2/{source}/Groups/{id}'],
  scimDeleteUser: ['DELETE', '/scim/v2/{source}/Users/{id}'],
  scimGetGroup: ['GET', '/scim/v2/{source}/Groups/{id}'],
  scimGetResourceType: ['GET', '/scim/v2/{source}/ResourceTypes/{id}'],
  scimGetSchema: ['GET', '/scim/v2/{source}/Schemas/{id}'],
  scimGetUser: ['GET', '/scim/v2/{source}/Users/{id}'],
  scimListGroup: ['GET', '/scim/v2/{source}/Groups'],
  scimListResourceTypes: ['GET', '/scim/v2/{source}/ResourceTypes'],
  scimListSchemas: ['GET', '/scim/v2/{source}/Schemas'],
  scimListUser: ['GET', '/scim/v2/{source}/Users'],
  scimMe: ['GET', '/scim/v2/{source}/Me'],
  scimPatchGroup: ['PATCH', '/scim/v2/{source}/Groups/{id}'],
  scimPatchUser: ['PATCH', '/scim/v2/{source}/Users/{id}'],
  scimReplaceGroup: ['PUT', '/scim/v2/{source}/Groups/{id}'],
  scimReplaceUser: ['PUT', '/scim/v2/{source}/Users/{id}'],
  scimSearchGroup: ['POST', '/scim/v2/{source}/Groups/.search'],
  scimSearchUser: ['POST', '/scim/v2/{source}/Users/.search'],
  scimServiceProviderConfig: ['GET', '/scim/v2/{source}/ServiceProviderConfig'],
  sendMessage: ['POST', '/mcp'],
  sendMessageByToken: ['POST', '/mcp/{token}'],
  sendMessageByTokenAddress: ['POST', '/mcp/{token}/mcp'],
  stopProvisioning: ['POST', '/api/v1/connections/{id}/provisioning/stop'],
  stopSyncJobRun: ['DELETE', '/sync-job-run/{id}'],
  syncConnection: ['POST', '/api/v1/connections/{id}/sync'],
  testTrutoWebhook: ['POST', '/webhook/test'],
  testWebhook: ['POST', '/api/v1/webhooks/{id}/test'],
  undoPlan: ['POST', '/api/v1/plan-applications/{id}/undo'],
  updateConnection: ['PATCH', '/api/v1/connections/{id}'],
  updateCredentials: ['PATCH', '/integrated-account/{id}/credentials'],
  updateGroup: ['PATCH', '/unified/user-directory/groups/{id}'],
  updateGroupByBody: ['PATCH', '/unified/user-directory/groups'],
  updateIntegratedAccount: ['PATCH', '/integrated-account/{id}'],
  updateMcpToken: ['PATCH', '/integrated-account/{id}/mcp/{tokenId}'],
  updateOwnIntegratedAccount: ['PATCH', '/integrated-account/me'],
  updateSyncJobCronTrigger: ['PATCH', '/sync-job-cron-trigger/{id}'],
  updateTrutoWebhook: ['PATCH', '/webhook/{id}'],
  updateUser: ['PATCH', '/unified/user-directory/users/{id}'],
  updateUserByBody: ['PATCH', '/unified/user-directory/users'],
  updateWebhook: ['PATCH', '/api/v1/webhooks/{id}'],
  uploadToSource: ['POST', '/api/v1/sources/{name}/upload'],
} as const satisfies { readonly [Id in keyof Operations]: readonly [method: string, path: string] };
