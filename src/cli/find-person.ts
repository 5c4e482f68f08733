import { ForeknowError } from '../errors/errors.ts';
import type { Gateway } from '../gateway/gateway.ts';

/**
 * The id of a person who is named by id or e-mail address. An id is taken as it is: erasing must work for people whose own
 * row has gone.
 */
export async function personId(gateway: Gateway, connection: string, person: string): Promise<string> {
  const { id } = await gateway.connections.get(connection);
  if (!person.includes('@')) return person;
  const query = { email: person, deleted: 'show', limit: 2 };
  const { result } = await gateway.directory.listPeople({ connectionIds: [id], query }, new Set());
  if (result.length === 1) return result[0]!.id;
  throw new ForeknowError('not_found', {
    detail: `${result.length === 0 ? 'Nobody' : 'More than one person'} in ${connection} has the address ${person}.`,
    hint: 'Name the person by id: foreknow people --search shows it.',
  });
}
