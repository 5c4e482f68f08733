import { Gauge, type Registry } from 'prom-client';
import type { ConnectionReading, Reading } from './ports.ts';

/** Gauges of what stands in the store. They are made anew at each scrape, so that what is gone is not shown any more. */
export function storeGauges(registers: Registry[]): (reading: Reading | null) => void {
  const gauges: Gauge[] = [];
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]): Gauge<L> => {
    const made = new Gauge({ name: `foreknow_${name}`, help, labelNames: [...labelNames], registers });
    gauges.push(made as Gauge);
    return made;
  };
  const one = ['connection'] as const;
  const up = gauge('store_up', '1 when the store answers.', []);
  const info = gauge('connection_info', 'Connections: 1 for each.', ['connection', 'connection_id', 'region', 'state']);
  const dayLimit = gauge('budget_day_limit_requests', 'Requests that the rolling day allows.', one);
  const usedDay = gauge('budget_used_day_requests', 'Requests of the last 24 hours.', one);
  const usedMinute = gauge('budget_used_minute_requests', 'Requests of the last minute.', one);
  const left = gauge('budget_left_requests', 'Requests of the day that are left, for all calls and for syncs.', [
    'connection',
    'for',
  ]);
  const blocked = gauge('budget_blocked_seconds', 'Until KnowBe4 is asked again.', one);
  const holds = gauge('holds_open', 'Removals that are held back until a person decides.', one);
  const age = gauge('stream_age_seconds', 'Since the stream was last read well.', ['connection', 'stream']);
  const rows = gauge('stream_rows', 'Rows of the last complete read.', ['connection', 'stream']);
  const waiting = gauge('jobs_waiting', 'Jobs that are due and that nobody does.', ['kind']);
  const leased = gauge('jobs_leased', 'Jobs that are being done.', ['kind']);
  const oldest = gauge('jobs_oldest_seconds', 'How long the job that waits longest has been due.', ['kind']);
  const lastChange = gauge('last_change_sequence', 'Number of the newest change of the log.', []);

  const showConnection = ({ name: connection, streams, ...reading }: ConnectionReading): void => {
    info.set({ connection, connection_id: reading.id, region: reading.region, state: reading.state }, 1);
    if (reading.dayLimit !== null) dayLimit.set({ connection }, reading.dayLimit);
    usedDay.set({ connection }, reading.usedLastDay);
    usedMinute.set({ connection }, reading.usedLastMinute);
    if (reading.leftForAll !== null) left.set({ connection, for: 'all' }, reading.leftForAll);
    if (reading.leftForSync !== null) left.set({ connection, for: 'sync' }, reading.leftForSync);
    blocked.set({ connection }, reading.blockedSeconds);
    holds.set({ connection }, reading.openHolds);
    for (const { stream, ageSeconds, rows: count } of streams) {
      age.set({ connection, stream }, ageSeconds);
      if (count !== null) rows.set({ connection, stream }, count);
    }
  };

  return (reading) => {
    for (const made of gauges) made.reset();
    up.set(reading === null ? 0 : 1);
    if (reading === null) return;
    lastChange.set(reading.lastChange);
    reading.connections.forEach(showConnection);
    for (const job of reading.jobs) {
      waiting.set({ kind: job.kind }, job.waiting);
      leased.set({ kind: job.kind }, job.leased);
      oldest.set({ kind: job.kind }, job.oldestMs / 1000);
    }
  };
}
