import { z } from 'zod';
import type { SecretSource } from './secret.ts';

/** Says what belongs there, whatever stands there instead; a missing value is told by the reader of the file. */
export const must = (words: string) => ({ error: `must be ${words}` });

export const text = (words: string) => z.string(must(words)).trim().min(1, must(words)).max(2000, must(words));
export const whole = (min: number, max: number, words = `a whole number from ${min} to ${max}`) =>
  z.int(must(words)).min(min, must(words)).max(max, must(words));
export const flag = z.boolean(must('true or false'));

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `15m` → ms. */
export const durationMs = z
  .string(must('a duration such as 15m, 1h or 90d'))
  .regex(/^\d{1,9}(?:ms|s|m|h|d)$/, must('a duration such as 15m, 1h or 90d'))
  .transform((written) => {
    const [, number, unit] = /^(\d+)(\D+)$/.exec(written)!;
    return Number(number) * unitMs[unit as keyof typeof unitMs];
  });

/** `90d` → 90. */
export const days = durationMs
  .transform((ms) => ms / unitMs.d)
  .refine(
    (number) => Number.isInteger(number) && number >= 1 && number <= 36_500,
    must('a duration in whole days, such as 90d, at most 36500d'),
  );

export const secret = z
  .union(
    [
      z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
      z.strictObject({ file: z.string().trim().min(1) }),
    ],
    {
      error: ({ input }) =>
        typeof input === 'object'
          ? 'must be either { env: NAME } or { file: PATH }'
          : 'is a secret and must not stand in this file: write { env: NAME } or { file: PATH }',
    },
  )
  .transform((from): SecretSource => from);

export const webAddress = (protocol: RegExp, words: string) =>
  text(words)
    .refine((address) => protocol.test(URL.parse(address)?.protocol ?? ''), must(words))
    .refine((address) => (URL.parse(address)?.username ?? '') === '', {
      error: 'must not hold a user or password',
    });
