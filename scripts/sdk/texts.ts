import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { catalogEntry, eventTypes } from '../../src/events/catalog.ts';
import { openDoor } from '../../src/http/contract/door.ts';
import { fakeGateway } from '../../src/http/contract/fake-gateway.ts';
import { eventTypesText } from './event-types.ts';
import { type Document, sdkTypes } from './operations.ts';
import type { Schema } from './schema-type.ts';

const biome = fileURLToPath(new URL('../../node_modules/.bin/biome', import.meta.url));
const fileOf = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));

/** What is written for the SDK, from the routes and the catalogue of events as they are now. */
export async function sdkTexts(): Promise<readonly { readonly file: string; readonly text: string }[]> {
  const door = await openDoor({ gateway: fakeGateway({}).gateway });
  await door.close();
  const kinds = eventTypes.map((type) => {
    const { when, data } = catalogEntry(type);
    return { type, when, data: z.toJSONSchema(data) as Schema };
  });
  return [
    formatted(fileOf('sdk/generated.ts'), sdkTypes(door.document as unknown as Document)),
    formatted(fileOf('webhooks/event-types.ts'), eventTypesText(kinds)),
  ];
}

const formatted = (file: string, input: string) => ({
  file,
  text: execFileSync(biome, ['format', `--stdin-file-path=${file}`], { input, encoding: 'utf8' }),
});
