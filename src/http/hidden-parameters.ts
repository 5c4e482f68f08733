import type { FastifyRequest } from 'fastify';
import { ForeknowError } from '../errors/errors.ts';
import { fieldsOf, plainKey } from '../model/field-keys.ts';
import type { FieldPolicy, HiddenField } from '../model/field-policy.ts';
import { hideInText } from '../model/hide-fields.ts';

/** Lists of what has a name and is nobody. */
const ofThings = /\/(groups|directory_groups|roles|organizations|courses|course-items|directories)(\/|$)/;

/** Whoever has no name is called by their address, so the one tells of the other. */
const searched: Readonly<Record<string, readonly HiddenField[]>> = {
  name: ['name', 'email'],
  search: ['name', 'email', 'employee_number'],
  q: ['name', 'email', 'employee_number'],
};

/** Parameters whose value names a field. */
const naming: ReadonlySet<string> = new Set(['sortby', 'sort', 'orderby', 'trutokeyby']);
/** What is left out tells nothing. */
const harmless: ReadonlySet<string> = new Set(['trutoexcludefields']);

/**
 * Filters, orders, keys and searches by what the policy hides would tell it, and so would asking by somebody's address.
 * @throws ForeknowError `field_hidden` naming the parameter
 */
export function refuseHiddenParameters(
  request: Pick<FastifyRequest, 'query' | 'params' | 'routeOptions'>,
  policy: FieldPolicy,
): void {
  const isOfThings = ofThings.test(request.routeOptions.url ?? '');
  const refuse = (word: string, parameter: string): void => {
    const key = plainKey(word);
    const fields = isOfThings && key === 'name' ? [] : (searched[key] ?? fieldsOf(key));
    const field = fields.find((one) => policy[one] !== undefined);
    if (field !== undefined) throw hiddenField(parameter, field);
  };
  const look = (value: unknown, parameter: string, isNaming: boolean): void => {
    if (Array.isArray(value)) for (const item of value) look(item, parameter, isNaming);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, item] of Object.entries(value)) {
        refuse(name, `${parameter}[${name}]`);
        look(item, parameter, isNaming);
      }
    } else if (typeof value === 'string') {
      if (hideInText(value, policy) !== value) throw hiddenField(parameter, 'email');
      if (isNaming) for (const word of value.split(/[\s:,+-]+/)) refuse(word, parameter);
    }
  };
  for (const [name, value] of Object.entries((request.query ?? {}) as Record<string, unknown>)) {
    const key = plainKey(name);
    if (harmless.has(key)) continue;
    refuse(name, name);
    look(value, name, naming.has(key));
  }
  for (const [name, value] of Object.entries((request.params ?? {}) as Record<string, unknown>))
    look(value, name, false);
}

const hiddenField = (parameter: string, field: HiddenField): ForeknowError =>
  new ForeknowError('field_hidden', {
    detail: `${parameter.slice(0, 80)} would tell ${field}, which the token’s field policy hides.`,
    hint: 'Ask by id, or use a token without this field policy.',
    field: parameter.slice(0, 80),
  });
