import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionUseCases, Invited, LinkView, SyncInput, TokenUseCases } from '../../gateway/types.ts';
import type { Writes } from '../folder.ts';
import type { CallServer } from './call-server.ts';
import { remoteOperators } from './operators.ts';
import { remoteDecisions, remoteProvisioning } from './provisioning.ts';
import { remoteScimIn } from './scim-in.ts';
import { remoteSources } from './sources.ts';
import { watchRun } from './watch-run.ts';
import { remoteWebhooks } from './webhooks.ts';

/** The use cases that write, done by the server that holds the folder. */
export const remoteWrites = (call: CallServer): Writes => ({
  connections: connectionsOf(call),
  sync: {
    run: async (connection, input: SyncInput = {}) => {
      const { level, streams } = input;
      const path = pathOf(connection);
      const { runId } = await call<{ runId: string }>('POST', `${path}/sync`, { level, streams });
      return watchRun({ call, path, runId, input, sleep });
    },
    decideHold: (id, decision) => call('POST', `/holds/${encodeURIComponent(id)}/${decision}`),
  },
  tokens: tokensOf(call),
  vault: { rotate: () => call('POST', '/vault/rotate') },
  intake: {
    renew: (name, { inQuery = false } = {}) => call('POST', `${pathOf(name)}/intake`, { inQuery }),
    disable: (name) => call('DELETE', `${pathOf(name)}/intake`),
  },
  operators: remoteOperators(call),
  links: linksOf(call),
  provisioning: remoteProvisioning(call),
  decisions: remoteDecisions(call),
  sources: remoteSources(call),
  scimIn: remoteScimIn(call),
  webhooks: remoteWebhooks(call),
});

const pathOf = (connection: string): string => `/connections/${encodeURIComponent(connection)}`;

const connectionsOf = (call: CallServer): ConnectionUseCases => ({
  connect: (input) => call('POST', '/connections', input),
  list: async () => (await call<{ result: never }>('GET', '/connections')).result,
  get: (name) => call('GET', pathOf(name)),
  update: (name, patch) => call('PATCH', pathOf(name), patch),
  replaceToken: (name, input) => call('POST', `${pathOf(name)}/token`, input),
  check: (name) => call('POST', `${pathOf(name)}/check`),
  addKey: (name, kind, input) => call('PUT', `${pathOf(name)}/keys/${kind}`, input),
  removeKey: (name, kind) => call('DELETE', `${pathOf(name)}/keys/${kind}`),
  pause: (name) => call('POST', `${pathOf(name)}/pause`),
  resume: (name) => call('POST', `${pathOf(name)}/resume`),
  remove: (name, { purge }) => call('DELETE', `${pathOf(name)}?purge=${purge}`),
  erasePerson: (name, userId) => call('DELETE', `${pathOf(name)}/people/${encodeURIComponent(userId)}`),
  readmitPerson: (name, userId) => call('POST', `${pathOf(name)}/people/${encodeURIComponent(userId)}/readmit`),
});

type WireInvited = { readonly invitation: LinkView } & Omit<Invited, 'link' | 'secret'>;

/** The server tells link and code; the secret is a part of the link. */
const linksOf = (call: CallServer): Writes['links'] => {
  const invited = async (answer: Promise<WireInvited>): Promise<Invited> => {
    const { invitation, url, code, mailed } = await answer;
    const secret = new URL(url).searchParams.get('link_token') ?? '';
    return { link: invitation, secret, url, code, mailed };
  };
  return {
    invite: (input) => invited(call('POST', '/invitations', input)),
    resend: (id) => invited(call('POST', `/invitations/${encodeURIComponent(id)}/resend`)),
    revoke: (id) => call('DELETE', `/invitations/${encodeURIComponent(id)}`),
  };
};

const tokensOf = (call: CallServer): Pick<TokenUseCases, 'create' | 'derive' | 'rotate' | 'revoke'> => ({
  create: (input) => call('POST', '/tokens', input),
  derive: (input) => call('POST', '/tokens', input),
  rotate: (id, overlapSeconds) => call('POST', `/tokens/${encodeURIComponent(id)}/rotate`, { overlapSeconds }),
  revoke: async (id) => void (await call('DELETE', `/tokens/${encodeURIComponent(id)}`)),
});
