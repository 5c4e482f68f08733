import { z } from 'zod';
import { ForeknowError } from '../errors/errors.ts';
import { isTimeZone } from '../lib/time-zone.ts';
import type { ConnectionSettings } from './connection.ts';

const limit = z.number().int().positive().nullable().optional();
const minutes = z.number().int().min(5).max(10_080).nullable().optional();

const settingsSchema = (streams: readonly string[]) =>
  z.strictObject({
    limits: z
      .strictObject({
        perSecond: limit,
        perMinute: limit,
        perDay: limit,
        scimPerSecond: limit,
        reserveShare: z.number().min(0).max(0.9).optional(),
      })
      .optional(),
    streamsOff: z.array(z.enum(streams as [string, ...string[]])).optional(),
    dropRecipientClient: z.boolean().optional(),
    timeZone: z.string().refine(isTimeZone, 'not a time zone of the IANA list, such as Europe/Berlin').optional(),
    accountKey: z.string().min(1).max(100).optional(),
    pagination: z.enum(['auto', 'page', 'cursor']).optional(),
    directoryEveryMinutes: minutes,
    activityEveryMinutes: minutes,
    riskThresholds: z.array(z.number().min(0).max(100)).max(10).optional(),
    riskDelta: z.number().min(0.1).max(100).nullable().optional(),
  });

/**
 * @param streams names of the streams that can be switched off
 * @throws ForeknowError `invalid_request` naming every field at fault
 */
export function parseSettings(input: unknown, streams: readonly string[]): ConnectionSettings {
  const parsed = settingsSchema(streams).safeParse(input);
  if (parsed.success) return withoutUndefined(parsed.data) as ConnectionSettings;
  const issues = parsed.error.issues.map((issue) => ({
    field: ['settings', ...issue.path].join('.'),
    reason: issue.message,
  }));
  throw new ForeknowError('invalid_request', {
    detail: `The settings are not valid: ${issues.map(({ field, reason }) => `${field}: ${reason}`).join('; ')}.`,
    field: issues[0]!.field,
    issues,
  });
}

const withoutUndefined = (settings: object): object =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
