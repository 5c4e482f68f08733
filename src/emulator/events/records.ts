/**
 * Rows as the User Event API prints them, in the order of the wire.
 * Source of the shapes: fixtures of two public integrations (demisto/content, `Packs/KnowBe4KMSAT` and `Packs/KnowBe4_KMSAT`).
 */
export type UserEvent = {
  id: string;
  account_id: number;
  user: { email: string; id: number; archived: boolean };
  external_id: string | null;
  source: string | null;
  description: string | null;
  occurred_date: string;
  risk: { level: number | null; decay_mode: number | string | null; expire_date: string | null };
  metadata: null;
  event_type: { id: number; name: string; description: string | null };
};

export type UserEventType = {
  /** Beyond 32 bits. */
  id: number;
  account_id: number;
  name: string;
  description: string | null;
};

/** What became of a posted event. */
export type UserEventStatus = {
  /** Of the request, not of the event. */
  id: string;
  details: { events: string[]; failures: { errors: Record<string, string[]>; payload: EventPayload }[] };
  /** null until it is processed. */
  processed: string | null;
  api_key: string;
};

/** The body of `POST /events`, once it is found well formed. */
export type EventPayload = {
  target_user: string;
  event_type: string;
  external_id?: string;
  source?: string;
  description?: string;
  occurred_date?: string;
  risk_level?: number;
  risk_decay_mode?: number | string;
  risk_expire_date?: string;
};
