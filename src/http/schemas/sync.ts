import { z } from 'zod';
import { streamNames } from '../../sync/streams.ts';
import { connectionView, storedError } from './connection.ts';
import { alert } from './events.ts';
import { instant, named, nullableInstant } from './registry.ts';

const stream = z.enum(streamNames);
const proof = z
  .looseObject({ complete: z.boolean(), why: z.string(), detail: z.string(), pages: z.number(), rows: z.number() })
  .nullable()
  .describe('What the read can say about its own completeness');
export const syncLevel = z.enum(['directory', 'refresh', 'full']);

export const syncInput = z
  .strictObject({
    level: syncLevel.optional().describe('Default refresh; the first sync is always full'),
    streams: z.array(stream).min(1).max(20).optional(),
  })
  .optional()
  .meta({ examples: [{ level: 'directory' }] });

const runStatus = z.enum(['queued', 'running', 'done', 'partial', 'failed', 'parked', 'interrupted']);

export const runRecord = named(
  'Run',
  z.object({
    id: z.string(),
    connection_id: z.string(),
    trigger: z.enum(['manual', 'schedule', 'connect', 'interactive']),
    level: syncLevel,
    status: runStatus,
    started_at: instant,
    ended_at: nullableInstant,
    streams: z.array(
      z.object({
        stream,
        status: z.enum(['done', 'skipped', 'partial', 'failed', 'parked', 'held']),
        passes: z.number(),
        pages: z.number(),
        requests: z.number(),
        rows: z.number(),
        bad_rows: z.number(),
        changes: z.number(),
        duration_ms: z.number(),
        proof,
        error: storedError.nullable(),
      }),
    ),
    requests: z.number(),
    pages: z.number(),
    rows: z.number(),
    changes: z.number(),
    estimate: z.object({ requests: z.number(), duration_ms: z.number() }).nullable(),
    error: storedError.nullable(),
  }),
  'One sync: what it read, what it cost and what it found.',
);

export const startedRun = named(
  'StartedRun',
  z.object({
    run_id: z.string(),
    status: runStatus,
  }),
);

export const syncEstimate = named(
  'SyncEstimate',
  z.object({
    level: syncLevel,
    requests: z.number(),
    duration_ms: z.number(),
    ends_at: instant,
    by_stream: z.array(z.object({ stream, requests: z.number() })),
  }),
);

export const hold = named(
  'Hold',
  z.object({
    id: z.string(),
    connection_id: z.string(),
    stream,
    scope: z.string(),
    kind: z.enum(['suspicious', 'needs_person']),
    state: z.enum(['open', 'agreed', 'confirmed', 'dismissed']),
    live: z.number(),
    absent: z.number(),
    first_pass_at: instant,
    created_at: instant,
    decided_at: nullableInstant,
    decided_by: z.string().nullable(),
  }),
  'Removals that a sync found and did not make.',
);

const progress = z.object({
  run_id: z.string(),
  stream,
  rows: z.number(),
  expected_rows: z.number().nullable(),
  pages: z.number(),
  requests: z.number(),
  expected_requests: z.number(),
  stream_done: z.boolean(),
});

const budget = z.object({
  account_key: z.string().nullable(),
  limits: z.object({
    per_second: z.number().nullable(),
    per_minute: z.number().nullable(),
    per_day: z.number().nullable(),
  }),
  used_last_minute: z.number(),
  used_last_day: z.number(),
  reserve: z.number(),
  free_for_sync: z.number().nullable(),
  blocked_until: nullableInstant,
  unexpected_429: z.number().describe('429 answers although our own count had room: another tool shares the quota'),
});

const streamState = z.object({
  connection_id: z.string(),
  stream,
  status: z.enum(['never', 'running', 'fresh', 'partial', 'failed', 'parked', 'held', 'off']),
  baseline_at: nullableInstant,
  last_started_at: nullableInstant,
  last_complete_at: nullableInstant,
  last_refreshed_at: nullableInstant,
  parked_until: nullableInstant,
  last_proof: proof,
  last_error: storedError.nullable(),
  rows: z.number().nullable(),
});

export const connectionStatus = named(
  'ConnectionStatus',
  z.object({
    connection: connectionView,
    streams: z.array(streamState),
    budget,
    open_holds: z.array(hold),
    open_alerts: z.array(alert),
    running: progress.nullable(),
    last_run: runRecord.nullable(),
    next_sync_at: nullableInstant,
  }),
);

export const change = named(
  'Change',
  z.object({
    seq: z.number().int().describe('Its place in the log; grows, never reused'),
    connection_id: z.string(),
    run_id: z.string().describe('Empty where no run made it'),
    kind: z.string().meta({ examples: ['user.updated'] }),
    stream: z.enum([...streamNames, 'connection']).describe('connection: what happened to the connection itself'),
    key: z.string(),
    at: instant,
    current: z.unknown().describe('The new values'),
    previous: z.unknown().describe('The old values of the changed fields'),
    about: z.unknown().optional().describe('Who and what it is about, as they were called then'),
  }),
);
