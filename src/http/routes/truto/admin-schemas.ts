import { type ZodType, z } from 'zod';

const text = z.union([z.string(), z.object({ eq: z.string(), in: z.string(), like: z.string() }).partial()]);
const time = z.union([
  z.string(),
  z
    .object({ eq: z.string(), in: z.string(), gt: z.string(), gte: z.string(), lt: z.string(), lte: z.string() })
    .partial(),
]);

/** What filters of admin lists can be asked. These schemas describe; the list itself reads them. */
export const filterBy = {
  text: (what: string) => text.optional().describe(what),
  time: (what: string) => time.optional().describe(what),
  flag: (what: string) => z.boolean().optional().describe(what),
};

/** Parameters of every admin list. */
export const adminPaging = {
  limit: z.number().int().min(1).default(5000).optional().describe('Rows on a page, at most 5000'),
  next_cursor: z.string().optional().describe('From the page before; empty means the start'),
  truto_ignore_limit: z.boolean().optional().describe('The largest page instead of `limit`'),
  environment_id: z.string().optional().describe('Follows from the token'),
};

export const adminPage = (row: ZodType) =>
  z.object({ result: z.array(row), next_cursor: z.string().nullable(), limit: z.number().int() });
