import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { sdkTypes } from '../../scripts/sdk/operations.ts';
import { typeOf } from '../../scripts/sdk/schema-type.ts';
import { sdkTexts } from '../../scripts/sdk/texts.ts';
import { operations } from '../../src/sdk/generated.ts';

const sdk = fileURLToPath(new URL('../../src/sdk', import.meta.url));

let texts: Awaited<ReturnType<typeof sdkTexts>>;
beforeAll(async () => {
  texts = await sdkTexts();
});

test('the types of the SDK are those of the routes and of the catalogue of events as they are now', () => {
  for (const { file, text } of texts) {
    const isSame = readFileSync(file, 'utf8') === text;
    expect(isSame, `${file.split('/src/')[1]} is stale: run node scripts/sdk-types.ts`).toBe(true);
  }
  expect(texts).toHaveLength(2);
});

/** Operations of our own API that have no method of their own, and why. Others are in the shapes of others, whose clients are used there. */
const byNameAlone: Readonly<Record<string, RegExp>> = {
  'always refused': /^deleteGroup$|^deleteRoleAssignment$/,
  'the same with the id in the address': /ByBody$/,
  'once in a while, with the command line': /^rotateVault$/,
  'the words of Truto for what the API tells itself': /Meta$/,
};

test('every operation of our own has a method in the SDK, or is called by its name for a reason', () => {
  const sources = globSync('resources/*.ts', { cwd: sdk }).map((file) => readFileSync(join(sdk, file), 'utf8'));
  const used = new Set(sources.join('\n').match(/(?<=')[a-z]\w+(?=')/g));
  const exempt = (id: string) => Object.values(byNameAlone).some((pattern) => pattern.test(id));
  const own = Object.entries(operations).filter(([, [, path]]) => /^\/(api\/v1|unified)\//.test(path));
  expect(own.length).toBeGreaterThan(50);
  const missing = own.filter(([id]) => !used.has(id) && !exempt(id)).map(([id]) => id);
  expect(missing, 'give them a method in src/sdk/resources').toEqual([]);
  expect(own.filter(([id]) => used.has(id) && exempt(id))).toEqual([]);
});

test('schemas become types', () => {
  const types = [
    typeOf({ type: 'integer' }),
    typeOf({ type: ['string', 'null'] }),
    typeOf({ enum: ["it's", 'a "b"', 3, null] }),
    typeOf({ type: 'array', items: { anyOf: [{ type: 'string' }, { $ref: '#/components/schemas/User' }] } }),
    typeOf({ type: 'array', items: { type: 'array', items: { type: 'string' } } }),
    typeOf({ type: 'object', additionalProperties: { type: 'number' } }),
    typeOf({ type: 'object', properties: {}, additionalProperties: false }),
    typeOf({ anyOf: [{ type: 'string' }, {}] }),
    typeOf({
      type: 'object',
      properties: { 'a-b': { type: 'string' }, c: { const: true } },
      required: ['c'],
      additionalProperties: {},
    }),
  ];
  expect(types).toMatchInlineSnapshot(`
    [
      "number",
      "string | null",
      "'it\\'s' | 'a "b"' | 3 | null",
      "readonly (string | User)[]",
      "readonly (readonly string[])[]",
      "{
      readonly [key: string]: number;
    }",
      "Nothing",
      "unknown",
      "{
      readonly 'a-b'?: string;
      readonly c: true;
      readonly [key: string]: unknown;
    }",
    ]
  `);
});

test('an operation without JSON, without a body and with a flag is written as it is', () => {
  const text = sdkTypes({
    paths: {
      '/a/{id}': {
        delete: {
          operationId: 'removeA',
          summary: 'Remove one',
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
            { name: 'purge', in: 'query', schema: { enum: ['true', 'false', ''] }, description: 'All of it' },
          ],
          responses: { 200: { content: { 'text/plain': {} } }, 404: { content: { 'application/json': {} } } },
        },
      },
    },
    components: { schemas: { User: { type: 'object', properties: { id: { type: 'string' } } } } },
  });
  expect(text.slice(text.indexOf('export type User'))).toMatchInlineSnapshot(`
    "export type User = {
      readonly id?: string;
    };

    /** What each operation is asked with, and what it answers. */
    export type Operations = {
      /** \`DELETE /a/{id}\` Remove one. */
      readonly removeA: {
        readonly input: {
          readonly params: {
            readonly id: string;
          };
          readonly query?: {
            /** All of it */
            readonly purge?: boolean;
          };
        };
        readonly answer: string;
      };
    };

    /** Method and path of each operation. */
    export const operations = {
      removeA: ['DELETE', '/a/{id}'],
    } as const satisfies { readonly [Id in keyof Operations]: readonly [method: string, path: string] };
    "
  `);
});
