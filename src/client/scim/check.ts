import { ForeknowError } from '../../errors/errors.ts';
import { isObject } from '../../wire/reporting/read.ts';
import { createRawClient, type RawClientOptions } from '../raw.ts';

/**
 * Whether a SCIM server answers at the address and takes the token: one request for one user.
 * @param options `baseUrl` is the tenant URL as the console shows it
 * @returns how many users it says there are; null when it does not say
 * @throws ForeknowError `connection_unauthorized`, `remote_not_found` for an address that is none; `remote_invalid` when what
 *   answers does not speak SCIM
 */
export async function checkScim(
  options: Omit<RawClientOptions, 'surface' | 'region'> & { readonly withinMs: number },
): Promise<{ readonly totalResults: number | null }> {
  const { withinMs, ...client } = options;
  const ask = createRawClient({ ...client, surface: 'scim', region: null });
  const { body } = await ask({ path: '/Users', query: 'count=1', accept: 'application/scim+json', withinMs });
  const answer = parsedOf(body);
  if (!isObject(answer) || !isListOf(answer)) {
    throw new ForeknowError('remote_invalid', {
      detail: 'What answers at the tenant URL does not speak SCIM.',
      hint: 'Copy the tenant URL whole from Account Settings → User Management → User Provisioning.',
    });
  }
  return { totalResults: typeof answer.totalResults === 'number' ? answer.totalResults : null };
}

/** RFC 7644, 3.4.2. */
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

const isListOf = ({ schemas, totalResults }: Readonly<Record<string, unknown>>): boolean =>
  typeof totalResults === 'number' || (Array.isArray(schemas) && schemas.includes(LIST));

function parsedOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return null;
  }
}
