import type { EventPayload } from './records.ts';

type Checked = { payload: EventPayload } | { wrong: string };

const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?$/;
const isTime = (value: unknown): boolean =>
  typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value));
const isText =
  (most: number) =>
  (value: unknown): boolean =>
    typeof value === 'string' && value !== '' && value.length <= most;

type Rule = { readonly fits: (value: unknown) => boolean; readonly words: string };

const rules: Readonly<Record<keyof EventPayload, Rule>> = {
  target_user: { fits: isText(320), words: 'an address or the id of a user' },
  event_type: { fits: isText(255), words: 'a name' },
  external_id: { fits: isText(64), words: 'at most 64 characters' },
  source: { fits: isText(255), words: 'a text' },
  description: { fits: isText(255), words: 'at most 255 characters' },
  occurred_date: { fits: isTime, words: 'an ISO date or time' },
  risk_level: { fits: Number.isInteger, words: 'a whole number' },
  risk_decay_mode: { fits: (value) => Number.isInteger(value) || isText(32)(value), words: 'a whole number or a word' },
  risk_expire_date: { fits: isTime, words: 'an ISO date' },
};

/** Reads the body of `POST /events`. Keys that are not known are left out, null counts as not given. */
export function readPayload(body: string): Checked {
  const value = parsed(body);
  if (value === null) return { wrong: 'The body must be a JSON object' };
  const found: Record<string, unknown> = {};
  for (const [key, { fits, words }] of Object.entries(rules)) {
    const given = key === 'target_user' && typeof value[key] === 'number' ? String(value[key]) : (value[key] ?? null);
    if (given === null) continue;
    if (!fits(given)) return { wrong: `${key} must be ${words}` };
    found[key] = given;
  }
  for (const key of ['target_user', 'event_type']) if (!(key in found)) return { wrong: `${key} is required` };
  return { payload: found as EventPayload };
}

function parsed(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
