import { expect, test } from 'vitest';
import { camelCase, snakeCase } from './case.ts';

test('keys are renamed at every depth, values are not touched', () => {
  const inner = { lastError: { retryAfterMs: 5 }, streamsOff: ['riskHistory'], pausedAt: null, unexpected429: 1 };
  const outer = { last_error: { retry_after_ms: 5 }, streams_off: ['riskHistory'], paused_at: null, unexpected_429: 1 };
  expect(snakeCase(inner)).toEqual(outer);
  expect(camelCase(outer)).toEqual(inner);
});
