/** Request limits of one KnowBe4 account. All of them hold at once. */
export type Limits = {
  readonly perSecond: number;
  readonly perMinute: number;
  /** In any rolling 24 hours. */
  readonly perDay: number;
};

/**
 * What KnowBe4 documents (developer.knowbe4.com/rest/reporting, 25 Sep 2025): 4 a second, 50 a minute,
 * 2,000 a day plus one for each licensed seat.
 */
export const documentedLimits = (seats: number): Limits => ({ perSecond: 4, perMinute: 50, perDay: 2000 + seats });

/** What we use unless told otherwise: a little below the documented figures, because clocks and windows differ. */
export const safeLimits = (seats: number): Limits => ({ perSecond: 3, perMinute: 48, perDay: 2000 + seats });

/**
 * Of the User Event API and of GraphQL, each with a count of its own: 4 a second, 10 a seat and day (console help and client
 * code, 2026). A little less a second, for clocks and windows differ; an account that names no seats has no limit that is known.
 */
export const perSeatLimits = (seats: number | null): Limits => ({
  perSecond: 3,
  perMinute: Infinity,
  perDay: seats === null ? Infinity : 10 * Math.max(1, seats),
});

/**
 * Of SCIM no limit is documented. Microsoft asks of the services in its gallery, of which KnowBe4's is one, that they take 25 requests a second
 * of a tenant; a client that was seen at work (2022) sends 2. So: slowly at first, and never as fast as that.
 */
export const scimPace = { start: 2, most: 10 } as const;
export const scimLimits: Limits = { perSecond: scimPace.most, perMinute: Infinity, perDay: Infinity };

/** Rows a page at most; a larger `per_page` is cut to this silently. */
export const maxPerPage = 500;
