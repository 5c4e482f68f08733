import { z } from 'zod';

/** A record that another one points to. */
export const ref = z.object({ id: z.string(), name: z.string().nullable() });
export type Ref = z.infer<typeof ref>;

/** The vendor's object a record was made from, in KnowBe4's modern spelling. Left out when the caller does not want it. */
export const remoteData = z.record(z.string(), z.unknown()).optional();
