/** Writes the types of the SDK from the OpenAPI document and the catalogue of events. A test fails when they are stale. */
import { writeFileSync } from 'node:fs';
import { sdkTexts } from './sdk/texts.ts';

for (const { file, text } of await sdkTexts()) writeFileSync(file, text);
