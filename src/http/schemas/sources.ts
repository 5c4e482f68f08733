import { z } from 'zod';
import { readStates } from '../../sources/ports.ts';
import { sourceKinds } from '../../sources/source.ts';
import { instant, named, nullableInstant } from './registry.ts';

const share = z.number().describe('0–1');
const kind = z.enum(sourceKinds);

export const sourceRead = named(
  'SourceRead',
  z.object({
    id: z.string(),
    source: z.string(),
    kind,
    state: z
      .enum(readStates)
      .describe(
        '`quarantined`: it looks wrong, and waits for two people, who decide at a terminal or a page, never by a token',
      ),
    started_at: instant,
    ended_at: nullableInstant,
    by: z.string(),
    proof: z
      .object({
        state: z.enum(['complete', 'unproven', 'incomplete']),
        words: z.string(),
        mark: z.string().optional(),
        delivery: z.string().optional(),
      })
      .nullable(),
    people: z.int(),
    added: z.int(),
    changed: z.int(),
    gone: z.int(),
    doubled: z.int(),
    coverage: z.array(
      z.object({
        attribute: z.string(),
        filled: z.int(),
        share,
        before: share.nullable(),
        newly_blank: z.int(),
        changed: z.int(),
      }),
    ),
    findings: z.array(
      z.object({
        guard: z.enum(['empty', 'source_shrink', 'newly_inactive', 'newly_blank', 'changed', 'keys_changed']),
        attribute: z.string().nullable(),
        value: share,
        limit: share,
        words: z.string(),
      }),
    ),
    digest: z.string().nullable(),
    counts: z.boolean().describe('Whether whom it does not show counts as absent'),
    approvals: z.array(z.object({ by: z.string(), name: z.string(), at: instant })),
    error: z.object({ code: z.string(), detail: z.string(), hint: z.string().nullable() }).nullable(),
  }),
  'One read of one source. Holds no personal data.',
);

export const source = named(
  'Source',
  z.object({
    name: z.string(),
    kind,
    every_minutes: z.number().nullable(),
    known: z.object({ people: z.int(), absent: z.int() }),
    is_reading: z.boolean(),
    last_kept_at: nullableInstant,
    last_complete_at: nullableInstant,
    last_read: sourceRead.nullable(),
    waiting: sourceRead.nullable(),
  }),
  'A place that knows who works here.',
);

export const uploadInput = z
  .strictObject({
    content: z.string().min(1).describe('The file, as text or in base64'),
    encoding: z.enum(['utf8', 'base64']).default('utf8').describe('How content is written here'),
    name: z.string().trim().min(1).max(200).default('upload.csv'),
    rows: z.int().min(0).max(100_000_000).optional().describe('How many rows it has: proves that it is whole'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/i)
      .optional()
      .describe('Of the file’s bytes, hex: proves that it is whole'),
  })
  .meta({ examples: [{ content: 'id,email\n7,ada@example.com\n', rows: 1 }] });
