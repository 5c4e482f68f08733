import { z } from 'zod';
import type { Directory } from '../directory/directory.ts';
import type { PersonPart } from '../directory/person.ts';
import type { EventUseCases } from '../gateway/events.ts';
import type { ProvisioningUseCases } from '../gateway/provisioning-types.ts';
import type { ProxyUseCases } from '../gateway/proxy.ts';
import type { ConnectionUseCases, ConnectionView, SyncUseCases } from '../gateway/types.ts';
import type { Scope } from '../tokens/token.ts';
import { type Caller, may } from './caller.ts';

/** The use cases that tools call. */
export type McpGateway = {
  readonly directory: Directory;
  readonly connections: Pick<ConnectionUseCases, 'list'>;
  readonly sync: Pick<SyncUseCases, 'status'>;
  readonly events: Pick<EventUseCases, 'page'>;
  readonly proxy: Pick<ProxyUseCases, 'reporting'>;
  readonly provisioning: Pick<ProvisioningUseCases, 'build' | 'plan' | 'steps' | 'status' | 'requestApproval'>;
};

/** One connection’s part of a call. */
export type Call<Args = Readonly<Record<string, unknown>>> = {
  readonly gateway: McpGateway;
  readonly caller: Caller;
  readonly account: ConnectionView;
  readonly args: Args;
  /** Most rows. */
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly now: Date;
  /** Fires when the caller takes the call back: nothing more is read for it. */
  readonly signal?: AbortSignal | undefined;
};

/** One connection’s answer: its rows stand under the tool’s own word, beside what else it says. */
export type Told = {
  /** When what is told was last read whole; null before that. */
  readonly as_of: string | null;
  /** How many there are, shown or not. */
  readonly total: number;
  readonly next_cursor?: string | null;
  /** How to get what is not shown. */
  readonly more?: string | null;
  readonly [word: string]: unknown;
};

export type Tool = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** A caller needs one of these; none: everybody. */
  readonly scopes: readonly Scope[];
  /** The word that rows stand under; null: the answer has none. */
  readonly rows: string | null;
  /** Says what narrows a list. */
  readonly narrow?: string;
  /** Where the rest of an answer is that was cut, in place of the same call with fewer rows. */
  readonly rest?: string;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  /** It asks KnowBe4 itself, or makes something: only with a server; an answer that is too long is cut, not asked for again. */
  readonly isLive?: boolean;
  /** It makes something here, a plan: nothing of it reaches KnowBe4. */
  readonly makes?: boolean;
  /** With no connection named it is about all that the caller reaches. */
  readonly isForAll?: boolean;
  read(call: Call): Promise<Told>;
};

const which = {
  connection: z
    .string()
    .max(200)
    .optional()
    .describe('Name or id of one KnowBe4 account; may be left out if there is one'),
  tag: z.string().max(200).optional().describe('In place of connection: every account with this tag, * for all'),
};
const paging = {
  limit: z.int().min(1).max(100).optional().describe('Rows per account, default 25'),
  cursor: z.string().max(1000).optional().describe('next_cursor of the answer before, with the same connection'),
};

const problem = z.object({ code: z.string(), detail: z.string().optional(), hint: z.string().optional() });

/** A tool from its own words; the shared ones are added. */
export function tool<Input extends z.ZodRawShape, Row extends z.ZodRawShape = z.ZodRawShape>(own: {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly scopes: readonly Scope[];
  readonly input?: Input;
  /** The word of its rows and their fields. */
  readonly rows?: readonly [word: string, row: Row];
  readonly also?: z.ZodRawShape;
  readonly narrow?: string;
  readonly rest?: string;
  readonly isLive?: boolean;
  readonly makes?: boolean;
  readonly isForAll?: boolean;
  read(call: Call<z.infer<z.ZodObject<Input>>>): Promise<Told>;
}): Tool {
  const { input, rows, also, read, ...rest } = own;
  const row = rows === undefined ? {} : { [rows[0]]: z.array(z.looseObject(rows[1])).optional() };
  const each = z.object({
    connection: z.string(),
    as_of: z.string().nullable().optional(),
    total: z.int().optional(),
    ...also,
    ...row,
    next_cursor: z.string().optional(),
    more: z.string().optional(),
    error: problem.optional(),
  });
  return {
    ...rest,
    rows: rows?.[0] ?? null,
    input: z.strictObject({ ...which, ...input, ...(rows === undefined ? {} : paging) }) as unknown as z.ZodObject,
    output: z.object({ connections: z.array(each) }),
    read: read as Tool['read'],
  };
}

const scopeOfPart = {
  risk: 'risk',
  training: 'training',
  phishing: 'phishing.identified',
} as const satisfies Record<PersonPart, Scope>;

/** The parts of a person that the caller may see. */
export const partsOf = (caller: Caller): ReadonlySet<PersonPart> =>
  new Set((Object.keys(scopeOfPart) as PersonPart[]).filter((part) => may(caller, scopeOfPart[part])));

const DAY_MS = 86_400_000;

export const daysBefore = (now: Date, days: number): string => new Date(now.getTime() - days * DAY_MS).toISOString();

/** Where a list that is counted from its beginning goes on. */
export const offsetOf = (cursor: string | undefined): number => (/^\d{1,7}$/.test(cursor ?? '') ? Number(cursor) : 0);

export const nextOffset = (offset: number, shown: number, total: number): string | null =>
  offset + shown < total ? String(offset + shown) : null;

/** Newest less the oldest of the last 90 days, to one decimal; null without two points. */
export function changeOf(points: readonly { readonly date: string; readonly riskScore: number }[], now: Date) {
  const recent = points.filter(({ date }) => date >= daysBefore(now, 90).slice(0, 10));
  const [first, last] = [recent[0], recent.at(-1)];
  return first === undefined || last === undefined || recent.length < 2
    ? null
    : tenth(last.riskScore - first.riskScore);
}

export const tenth = (value: number | null): number | null => (value === null ? null : Math.round(value * 10) / 10);
