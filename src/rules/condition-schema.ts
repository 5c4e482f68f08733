import type { Operator } from './condition.ts';

const condition = {
  type: 'object',
  minProperties: 1,
  properties: {
    any: { type: 'array', minItems: 1, items: { $ref: '#/$defs/condition' }, description: 'One of these is enough.' },
    none: { type: 'array', minItems: 1, items: { $ref: '#/$defs/condition' }, description: 'None of these may hold.' },
    member_of: { $ref: '#/$defs/words', description: 'Groups of the source, one of which is enough.' },
    reports_to: { $ref: '#/$defs/words', description: 'Address, employee number or DN of somebody up the chain.' },
    cel: { type: 'string', description: 'An expression.' },
  },
  additionalProperties: { $ref: '#/$defs/tests' },
} as const;

const oneText = { type: ['string', 'number', 'boolean'] };
const texts = { type: 'array', minItems: 1, items: oneText };
const day = { type: 'string', pattern: '^(\\d{4}-\\d{2}-\\d{2}|today)$' };
const span = { type: 'string', pattern: '^\\d{1,5}[dw]$' };
const schemaOf: Readonly<Record<Operator, unknown>> = {
  ...{
    eq: oneText,
    not: oneText,
    in: texts,
    not_in: texts,
    starts_with: oneText,
    ends_with: oneText,
    contains: oneText,
  },
  ...{ exactly: oneText, matches: { type: 'string', description: 'A pattern of RE2.' }, exists: { type: 'boolean' } },
  ...{ before: day, after: day, within_last: span, within_next: span },
  ...{
    above: { type: 'number' },
    below: { type: 'number' },
    at_least: { type: 'number' },
    at_most: { type: 'number' },
  },
};

/** How conditions are written, for editors: as `$defs` of a JSON Schema. */
export const conditionParts = {
  condition,
  words: { anyOf: [oneText, texts] },
  tests: { type: 'object', minProperties: 1, properties: schemaOf, additionalProperties: false },
} as const;
