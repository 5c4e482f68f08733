import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventTypes } from './catalog.ts';
import { eventsPage } from './page.ts';

test('the page of events in docs is the one that the catalogue makes', () => {
  const page = eventsPage();
  expect(readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8')).toBe(page);
  for (const type of eventTypes) expect(page).toContain(`#### ${type}\n`);
});
