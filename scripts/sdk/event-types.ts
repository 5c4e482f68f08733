import { docOf, member, type Schema } from './schema-type.ts';

/** A type of event: when it happens, and the schema of its data. */
export type EventKind = { readonly type: string; readonly when: string; readonly data: Schema };

/** The module of types that receivers of webhooks and readers of the feed narrow by. */
export function eventTypesText(kinds: readonly EventKind[]): string {
  const members = kinds.map(({ type, when, data }) =>
    member(type, data, { isRequired: true, indent: '  ', comment: when }),
  );
  return `/**
 * Types of events, written from their catalogue by \`node scripts/sdk-types.ts\`: not to be edited.
 * A test fails when they are stale.
 */

${docOf('The data of each type of event.')}export type EventData = {
${members.join('')}};
`;
}
