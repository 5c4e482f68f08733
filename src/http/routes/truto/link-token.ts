import { z } from 'zod';
import { ForeknowError } from '../../../errors/errors.ts';
import type { NewLink } from '../../../gateway/types.ts';
import { regionOfAddress } from '../../../wire/regions.ts';
import { makerOf } from '../../actor.ts';
import { tokenOf } from '../../authenticate.ts';
import type { Door } from '../../door.ts';
import { REQUIRED } from '../../problem.ts';
import { linkTokenInput } from '../../schemas/links.ts';

type Input = z.output<typeof linkTokenInput>;

/** A link for a program's own user, as Truto's clients ask for it. */
export function linkTokenRoutes({ app, reach, as }: Door): void {
  app.post(
    '/link-token',
    {
      config: { scope: 'connections' },
      schema: {
        operationId: 'createLinkToken',
        summary: 'A token with which somebody connects one account',
        description:
          'For 7 days, until one connection is made. It opens `/connect-account?link_token=…`, and ends with the token that it was made with.',
        tags: ['Accounts'],
        body: linkTokenInput,
        response: { 200: z.object({ link_token: z.string() }).describe('Shown this once') },
      },
    },
    async (request) => {
      const token = tokenOf(request);
      const { tenant_id, integrated_account_id: named } = request.body;
      if (tenant_id === undefined && named === undefined) throw tenantMissing();
      const connection = named === undefined ? null : await reach.one(token, named, 'integrated_account_id');
      const { secret } = await as(request).links.create(
        inputOf(request.body, connection?.id ?? null),
        makerOf(request),
      );
      return { link_token: secret };
    },
  );
}

const tenantMissing = (): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: 'tenant_id is missing.',
    hint: 'Send tenant_id for a new account, or integrated_account_id to reconnect one.',
    field: 'tenant_id',
    issues: [{ field: 'tenant_id', reason: REQUIRED }],
  });

function inputOf(body: Input, connectionId: string | null): NewLink {
  const region = body.region !== undefined && regionOfAddress(body.region) !== null ? body.region : undefined;
  const wanted = {
    connection: connectionId ?? undefined,
    tenant: body.tenant_id,
    redirectUri: body.redirect_uri,
    context: body.context,
    region,
    keys: body.x_keys,
    requester: body.x_requester,
    name: body.x_name,
    tags: body.x_tags,
    streamsOff: body.x_streams_off,
  };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}
