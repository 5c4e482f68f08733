import { ForeknowError } from '../errors/errors.ts';
import type { ConnectionView } from '../gateway/types.ts';
import { fieldsOf, plainKey } from '../model/field-keys.ts';
import type { FieldPolicy } from '../model/field-policy.ts';
import { hideInText } from '../model/hide-fields.ts';
import { type ApiToken, includesScope, type Scope } from '../tokens/token.ts';

/** Who asks: the rights of a token. */
export type Caller = Pick<ApiToken, 'scopes' | 'connections' | 'fieldPolicy'> & Partial<Pick<ApiToken, 'settings'>>;

/** Whoever runs commands on the machine may read everything that is kept there. */
export const operatorCaller: Caller = { scopes: ['admin'], connections: null, fieldPolicy: null };

export const may = ({ scopes }: Caller, scope: Scope): boolean => includesScope(scopes, scope);

/** What a call names: one connection, or those with a tag. */
export type Named = { readonly connection?: string | undefined; readonly tag?: string | undefined };

/**
 * The connections that a call is about. With neither name nor tag it is the only one that the caller reaches.
 * @throws ForeknowError `invalid_request`, `not_found`; a caller cannot tell what exists beside its own connections
 */
export function accountsOf(
  reached: readonly ConnectionView[],
  { connection, tag }: Named,
  isForAll: boolean,
): readonly ConnectionView[] {
  if (connection !== undefined && tag !== undefined) throw invalid('connection and tag cannot be sent together.');
  if (connection !== undefined) {
    const found = reached.find(({ id }) => id === connection) ?? reached.find(({ name }) => name === connection);
    if (found !== undefined) return [found];
    throw nothingCalled('connection', connection, reached);
  }
  if (tag === '*' || (tag === undefined && (isForAll || reached.length === 1))) return reached;
  if (tag !== undefined) {
    const found = reached.filter(({ tags }) => tags.includes(tag));
    if (found.length > 0) return found;
    throw nothingCalled('tag', tag, reached);
  }
  throw invalid(`connection is missing: there are ${reached.length}.`, namesOf(reached));
}

/** Connections that the caller reaches. */
export const reachedBy = (all: readonly ConnectionView[], { connections }: Caller): readonly ConnectionView[] =>
  connections === null ? all : all.filter(({ id }) => connections.includes(id));

/**
 * Asking by what is hidden would tell it.
 * @throws ForeknowError `field_hidden`
 */
export function refuseHidden(policy: FieldPolicy | null, asked: Readonly<Record<string, unknown>>): void {
  if (policy === null) return;
  for (const [name, value] of Object.entries(asked)) {
    if (value === undefined) continue;
    const fields = searched[name] ?? fieldsOf(plainKey(name));
    const isHidden = fields.some((field) => policy[field] !== undefined);
    if (!isHidden && (typeof value !== 'string' || hideInText(value, policy) === value)) continue;
    throw new ForeknowError('field_hidden', {
      detail: `${name} would tell what the field policy of the token hides.`,
      hint: 'Ask by id.',
      field: name,
    });
  }
}

/** Searches look at several fields. */
const searched: Readonly<Record<string, readonly (keyof FieldPolicy)[]>> = {
  search: ['name', 'email', 'employee_number'],
};

const namesOf = (reached: readonly ConnectionView[]): string => {
  const names = reached.slice(0, 20).map(({ name }) => name);
  return `Send connection: ${names.join(', ')}${reached.length > names.length ? ', …' : ''}; or a tag, * for all.`;
};

const nothingCalled = (field: string, named: string, reached: readonly ConnectionView[]): ForeknowError =>
  new ForeknowError('not_found', {
    detail: `The token reaches no ${field === 'tag' ? 'connection with the tag' : 'connection called'} ${JSON.stringify(named.slice(0, 80))}.`,
    hint: namesOf(reached),
    field,
  });

const invalid = (detail: string, hint?: string): ForeknowError =>
  new ForeknowError('invalid_request', { detail, field: 'connection', ...(hint === undefined ? {} : { hint }) });
