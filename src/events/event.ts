import type { Instant } from '../wire/records.ts';
import type { TrutoEvent } from './truto.ts';

/**
 * What others are told. Made from one change of the log, always the same for the same change: id, type and data never move,
 * so that it can be pulled, pushed and replayed.
 */
export type Event = {
  /** `evt_` and the change's place in the log, then a letter where one change makes several events. Sorts as the log does. */
  readonly id: string;
  /** Place in the log of the change that it tells of. */
  readonly seq: number;
  readonly type: string;
  /** What it is called where an endpoint is told in Truto's words. */
  readonly as?: TrutoEvent;
  /** Empty: of none. */
  readonly connectionId: string;
  /** When the change was seen: the time of the read that found it, or when it happened on our side. */
  readonly at: Instant;
  /** Plain JSON in `snake_case`, as the doors show it. */
  readonly data: Readonly<Record<string, unknown>>;
};
