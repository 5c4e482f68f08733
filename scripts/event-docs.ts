/** Writes docs/events.md from the catalogue of events. A test fails when the page is stale. */
import { writeFileSync } from 'node:fs';
import { eventsPage } from '../src/events/page.ts';

writeFileSync(new URL('../docs/events.md', import.meta.url), eventsPage());
