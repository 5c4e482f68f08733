import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ForeknowError } from '../errors/errors.ts';
import type { FieldPolicy } from '../model/field-policy.ts';
import { hideFields, hideInText } from '../model/hide-fields.ts';
import { refuseHiddenParameters } from './hidden-parameters.ts';

/**
 * Whatever a token with a field policy is answered passes here, errors too: a route cannot forget it. Answers to other tokens pass as they
 * are, without being read. A handler that writes to the socket by itself (`hijack`) has to call `hideFields` itself.
 */
export function hideFromTokens(app: FastifyInstance): void {
  app.addHook('preValidation', async (request) => {
    const policy = request.token?.fieldPolicy ?? null;
    if (policy !== null && !request.is404) refuseHiddenParameters(request, policy);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const policy = request.token?.fieldPolicy ?? null;
    if (policy === null || payload === null || payload === undefined || payload === '') return payload;
    // Both were of what would have been sent.
    reply.removeHeader('content-length').removeHeader('etag');
    const type = String(reply.getHeader('content-type') ?? '');
    return hidden(payload, type, ruleFor(request, policy));
  });
}

type Rule = {
  readonly policy: FieldPolicy;
  /** Whether it is held to the policy by its keys. */
  readonly isAboutPeople: boolean;
};

/**
 * Addresses of our own administration, which tell of no person: there is nothing to hide in them but addresses in texts. Every other
 * address is held to the policy by its keys. Tools of agents are as well, in `mcp`, before they are wrapped in messages of the protocol.
 */
const administration =
  /^\/metrics$|^\/mcp(\/|$)|^\/api\/v1\/(audit|runs|runs\/:id|holds|holds\/:id\/\w+|alerts|events\/types|tokens|tokens\/:id|tokens\/:id\/rotate|vault\/rotate|sources\/:name\/token|webhooks|webhooks\/:id|webhooks\/:id\/(enable|rotate-secret|test|replay|deliveries|deliveries\/:delivery\/attempts)|connections|connections\/:id|invitations|invitations\/:id|invitations\/:id\/resend|connections\/:id\/(token|check|pause|resume|status|estimate|sync|intake|keys\/:kind))$/;

/** The same with Truto’s names. */
const accounts =
  /^\/(integrated-account|integration|environment|environment-integration|api-token|link-token|webhook|log|sync-job|sync-job-run|sync-job-run-state|sync-job-cron-trigger)(\/|$)/;

/** What the unified APIs take and give: schemas, and nobody’s data. */
const meta = /^\/unified\/(meta\/:model\/:integration|:model\/:resource\/(:integration\/)?meta\/:method)$/;

/** Messages of a protocol of their own, and answers made of answers: what is in them has been through `hideFields` already. */
const wrapped = /^\/mcp(\/|$)|^\/batch-request$/;

function ruleFor(request: FastifyRequest, policy: FieldPolicy): Rule {
  const url = request.routeOptions.url ?? '';
  // A KnowBe4 client takes an address for one, or for none.
  const own = url.startsWith('/v1/') && policy.email === 'mask' ? { ...policy, email: 'drop' as const } : policy;
  const isOurs = administration.test(url) || accounts.test(url) || meta.test(url) || wrapped.test(url);
  return { policy: own, isAboutPeople: !isOurs };
}

function hidden(payload: unknown, type: string, rule: Rule): unknown {
  const isLines = /ndjson|jsonl/.test(type);
  const isJson = !isLines && /[/+]json\b/.test(type);
  if (rule.isAboutPeople && !isLines && !isJson) throw notInThisForm();
  const ofText = (text: string): string => {
    if (!rule.isAboutPeople) return hideInText(text, rule.policy);
    return text === '' ? '' : JSON.stringify(hideFields(JSON.parse(text), rule.policy));
  };
  if (typeof payload === 'string' || payload instanceof Uint8Array) {
    const text = typeof payload === 'string' ? payload : Buffer.from(payload).toString('utf8');
    return isLines ? text.split('\n').map(ofText).join('\n') : ofText(text);
  }
  if (!(payload instanceof Readable)) throw notInThisForm();
  return Readable.from(isJson ? whole(payload, ofText) : byLine(payload, ofText));
}

/** JSON can be read only when all of it is there. */
async function* whole(source: Readable, ofText: (text: string) => string): AsyncGenerator<string> {
  const parts: Buffer[] = [];
  for await (const part of source) parts.push(Buffer.from(part as Uint8Array));
  yield ofText(Buffer.concat(parts).toString('utf8'));
}

async function* byLine(source: Readable, ofText: (text: string) => string): AsyncGenerator<string> {
  const utf8 = new TextDecoder();
  let rest = '';
  for await (const part of source) {
    rest += typeof part === 'string' ? part : utf8.decode(part as Uint8Array, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield `${ofText(line)}\n`;
  }
  rest += utf8.decode();
  if (rest !== '') yield ofText(rest);
}

const notInThisForm = (): ForeknowError =>
  new ForeknowError('field_hidden', {
    detail: 'The token has a field policy, and nothing can be hidden in an answer of this form.',
    hint: 'Ask for JSON, or use a token without a field policy.',
  });
