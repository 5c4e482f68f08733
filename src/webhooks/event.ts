import type { EventData } from './event-types.ts';

export type EventType = keyof EventData;

/**
 * An event, as the feed and `verifyWebhook` give it: narrow it by its `type`. A newer gateway may send types that this version does
 * not know: let them pass.
 */
export type EventOf<Type extends EventType = EventType> = {
  readonly [Name in Type]: {
    /** The same on every try and on a replay: take an event once. */
    readonly id: string;
    readonly type: Name;
    /** Empty for what is about no connection. */
    readonly connection_id: string;
    /** When it was seen, ISO 8601 UTC. */
    readonly at: string;
    /** Place in the log. */
    readonly sequence: number;
    readonly data: EventData[Name];
  };
}[Type];
