import type { AddressInfo } from 'node:net';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { reportingCapabilities } from '../../../connections/prove.ts';
import { ForeknowError } from '../../../errors/errors.ts';
import type { LinkCaller, LinkCheck, LinkPage, LinkSubmission } from '../../../gateway/types.ts';
import { aConnection } from '../../contract/fake-gateway.ts';
import { newInstance } from '../../instance.ts';
import { type ConnectDoor, connectRoutes } from '../routes.ts';

/** The secret of the one link that the fake use cases know, and the code that stands for it. */
export const SECRET = `fkl_${'a'.repeat(43)}`;
export const CODE = 'KB-7QF4-92LM';

export const aLinkPage = (fields: Partial<LinkPage> = {}): LinkPage => ({
  ...{ id: 'lnk_0000000000000001', kind: 'link_token', task: 'new', state: 'open' },
  ...{ requester: 'Priya Raman, Northwind GRC', tenant: 'Halden Foods', name: null, region: null, connection: null },
  keys: ['reporting'],
  streams: ['account', 'groups', 'users', 'risk_history', 'security_tests', 'recipients', 'enrollments'],
  ...{
    origins: [],
    redirectUri: null,
    expiresAt: '2026-11-28T14:02:00.000Z',
    gatewayHost: null,
    otherAddresses: false,
  },
  ...fields,
});

export const aCheck = (fields: Partial<LinkCheck> = {}): LinkCheck => ({
  region: 'eu',
  account: { name: 'Halden Foods', type: 'paid', subscriptionLevel: 'Diamond', seats: 1200 },
  capabilities: reportingCapabilities,
  warnings: [],
  ...fields,
});

export type FakeLinks = {
  page: LinkPage;
  /** Thrown by checking and connecting. */
  refusal: ForeknowError | null;
  check: LinkCheck;
  readonly submitted: { readonly submission: LinkSubmission; readonly caller: LinkCaller; readonly isCheck: boolean }[];
};

/** Use cases that know one link, and answer what a test set. */
const useCases = (fake: FakeLinks): ConnectDoor['links'] => {
  const known = (secret: string) => {
    if (secret !== SECRET) throw new ForeknowError('link_invalid', { detail: 'No link has this secret.' });
  };
  const tried = (secret: string, submission: LinkSubmission, caller: LinkCaller, isCheck: boolean) => {
    known(secret);
    fake.submitted.push({ submission, caller, isCheck });
    if (fake.refusal !== null) throw fake.refusal;
    return fake.check;
  };
  return {
    async open(secret) {
      known(secret);
      return fake.page;
    },
    async byCode(code) {
      if (fake.refusal !== null) throw fake.refusal;
      if (code.toUpperCase() !== CODE) throw new ForeknowError('link_invalid', { detail: 'No link has this code.' });
      return { secret: SECRET };
    },
    check: async (secret, submission, caller) => tried(secret, submission, caller, true),
    async submit(secret, submission, caller) {
      const check = tried(secret, submission, caller, false);
      return { ...check, link: {} as never, connection: aConnection({ region: check.region }) };
    },
  };
};

/** The connect pages alone, over use cases that a test leads. */
export async function openPages(options: { readonly failuresPerMinute?: number } = {}): Promise<{
  readonly url: string;
  readonly app: FastifyInstance;
  readonly fake: FakeLinks;
  close(): Promise<void>;
}> {
  const fake: FakeLinks = { page: aLinkPage(), refusal: null, check: aCheck(), submitted: [] };
  const app = await newInstance({ bodyLimit: 256 * 1024 });
  app.decorateRequest('errorCode', null);
  await app.register(rateLimit, { global: false });
  connectRoutes({
    ...{ app, links: useCases(fake), publicHost: null, onChanged: () => {} },
    failuresPerMinute: options.failuresPerMinute ?? 60,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, app, fake, close: () => app.close() };
}
