import type { Api } from './api.ts';
import type { Sink } from './sink.ts';

type Event = { readonly id: string; readonly type: string };
type Page = { readonly result: readonly Event[]; readonly next_cursor: string; readonly has_more: boolean };

/** A lane that is behind catches up as fast as the receiver works; one that is stuck brings nothing for so long. */
const NOTHING_CAME_MS = 60_000;
const LOOK_MS = 500;

/** Waits until the sink has every event that the feed has; what it then lacks, in words. */
export async function deliveryFindings(api: Api, sink: Sink): Promise<{ events: number; findings: string[] }> {
  let [came, until] = [-1, 0];
  for (;;) {
    if (sink.came.size > came) [came, until] = [sink.came.size, Date.now() + NOTHING_CAME_MS];
    const events = await wholeFeed(api);
    if (events === null) return { events: 0, findings: ['the feed of events could not be read'] };
    // The endpoint was made after the connections.
    const expected = events.filter(({ type }) => type !== 'connection.created');
    const lacking = expected.filter(({ id }) => !sink.came.has(id));
    if (lacking.length === 0) return { events: expected.length, findings: [] };
    if (Date.now() > until) {
      const { id, type } = lacking[0]!;
      const words = `${lacking.length} of ${expected.length} events were not delivered, the first ${type} ${id}`;
      return { events: expected.length, findings: [words] };
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function wholeFeed(api: Api): Promise<Event[] | null> {
  const events: Event[] = [];
  for (let cursor: string | null = null; ; ) {
    const answer = await api.call('GET', `/events?limit=200${cursor === null ? '' : `&after=${cursor}`}`);
    if (answer?.status !== 200) return null;
    const page = answer.body as unknown as Page;
    events.push(...page.result);
    if (!page.has_more) return events;
    cursor = page.next_cursor;
  }
}
