/** Writes docs/errors.md from the catalog and its texts. A test fails when the page is stale. */
import { writeFileSync } from 'node:fs';
import { errorsPage } from '../src/http/error-docs.ts';

writeFileSync(new URL('../docs/errors.md', import.meta.url), errorsPage());
