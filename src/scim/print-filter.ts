import type { Filter } from './filter.ts';
import type { Path } from './path.ts';

/** A filter as text, which is read as the same filter again. */
export function printFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.map(bracketed).join(` ${filter.kind} `);
    case 'not':
      return `not (${printFilter(filter.filter)})`;
    case 'present':
      return `${printPath(filter.path)} pr`;
    case 'compare':
      return `${printPath(filter.path)} ${filter.comparison} ${JSON.stringify(filter.value)}`;
    case 'where':
      return printPath(filter.path);
  }
}

const bracketed = (filter: Filter): string =>
  filter.kind === 'and' || filter.kind === 'or' ? `(${printFilter(filter)})` : printFilter(filter);

/** A path as text. */
function printPath({ schema, attribute, where, part }: Path): string {
  const name = schema === undefined ? attribute : attribute === '' ? schema : `${schema}:${attribute}`;
  return `${name}${where ? `[${printFilter(where)}]` : ''}${part === undefined ? '' : `.${part}`}`;
}

/** `attribute eq "value"`, with the value escaped as JSON has it. */
export const printEquality = (attribute: string, value: string): string => `${attribute} eq ${JSON.stringify(value)}`;
