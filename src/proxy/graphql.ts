import { type DocumentNode, type FragmentDefinitionNode, Kind, parse, type SelectionSetNode, visit } from 'graphql';
import type { GraphqlRequest } from '../client/index.ts';
import { ForeknowError } from '../errors/errors.ts';

export type Judged = {
  /** What is sent: nothing but document, variables and the operation's name. */
  readonly request: GraphqlRequest;
  /** Whether it only reads. */
  readonly reads: boolean;
};

const MOST_CHARACTERS = 32_768;
const MOST_TOKENS = 4000;
const DEEPEST = 15;
/** Fields with every fragment in its place. */
const MOST_FIELDS = 2000;

/** Administration of tokens, keys and webhooks of the account: none of it is for whoever may only ask. */
const CLOSED = /token|webhook|api_?key|userEventApi|secret|password|impersonat/i;

/**
 * Judges a call of GraphQL before it is sent.
 * @throws ForeknowError `invalid_request` for what is no document, or too large; `not_sent_on` for fields that nobody is let to
 */
export function judgeGraphql(body: unknown): Judged {
  const request = requestOf(body);
  const document = parsed(request.query);
  refuseClosedFields(document);
  const fragments = new Map(
    document.definitions
      .filter((one) => one.kind === Kind.FRAGMENT_DEFINITION)
      .map((one): [string, FragmentDefinitionNode] => [one.name.value, one]),
  );
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  if (operations.length === 0) throw invalid('The document holds no operation');
  const size = sizing(fragments);
  for (const { selectionSet, operation } of operations) {
    if (operation === 'subscription') throw invalid('Subscriptions are not sent on');
    const { depth, fields } = size(selectionSet);
    if (depth > DEEPEST) throw invalid(`The document is nested deeper than ${DEEPEST} levels`);
    if (fields > MOST_FIELDS) throw invalid(`The document asks for more than ${MOST_FIELDS} fields`);
  }
  return { request, reads: operations.every(({ operation }) => operation === 'query') };
}

function requestOf(body: unknown): GraphqlRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalid('The body is no JSON object');
  const { query, variables, operationName } = body as Record<string, unknown>;
  if (typeof query !== 'string') throw invalid('The body has no query');
  if (query.length > MOST_CHARACTERS) throw invalid(`The document is longer than ${MOST_CHARACTERS} characters`);
  if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) {
    throw invalid('The variables are no JSON object');
  }
  if (operationName != null && typeof operationName !== 'string') throw invalid('The operationName is no text');
  return {
    query,
    ...(variables == null ? {} : { variables: variables as Record<string, unknown> }),
    ...(operationName == null ? {} : { operationName }),
  };
}

function parsed(query: string): DocumentNode {
  let document: DocumentNode;
  try {
    document = parse(query, { maxTokens: MOST_TOKENS, noLocation: true });
  } catch (cause) {
    throw invalid(`The document cannot be parsed: ${cause instanceof Error ? cause.message : 'it is not GraphQL'}`);
  }
  const odd = document.definitions.some(
    ({ kind }) => kind !== Kind.OPERATION_DEFINITION && kind !== Kind.FRAGMENT_DEFINITION,
  );
  if (odd) throw invalid('The document defines types');
  return document;
}

/** By their own names, whatever they are called in the answer, and at any depth. */
function refuseClosedFields(document: DocumentNode): void {
  const refuse = (name: string): void => {
    if (!CLOSED.test(name)) return;
    throw new ForeknowError('not_sent_on', {
      detail: `${name.slice(0, 80)} belongs to the administration of tokens, keys and webhooks, which is not sent on.`,
      hint: "Use KnowBe4's console for it.",
      field: 'query',
    });
  };
  visit(document, {
    Field: ({ name }) => refuse(name.value),
    NamedType: ({ name }) => refuse(name.value),
  });
}

type Size = { readonly depth: number; readonly fields: number };

/** Depth and number of fields, each fragment looked at once: a fragment that holds itself has no end. */
function sizing(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  const known = new Map<string, Size | 'looking'>();
  const ofFragment = (name: string): Size => {
    const found = known.get(name);
    if (found === 'looking') throw invalid('A fragment holds itself');
    if (found !== undefined) return found;
    const fragment = fragments.get(name);
    if (fragment === undefined) throw invalid('A fragment is not defined');
    known.set(name, 'looking');
    const size = sizeOf(fragment.selectionSet);
    known.set(name, size);
    return size;
  };
  const sizeOf = ({ selections }: SelectionSetNode): Size => {
    let depth = 0;
    let fields = 0;
    for (const selection of selections) {
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? ofFragment(selection.name.value)
          : selection.selectionSet === undefined
            ? { depth: 0, fields: 0 }
            : sizeOf(selection.selectionSet);
      const own = selection.kind === Kind.FIELD ? 1 : 0;
      depth = Math.max(depth, inner.depth + own);
      fields += inner.fields + own;
    }
    return { depth, fields: Math.min(fields, Number.MAX_SAFE_INTEGER) };
  };
  return sizeOf;
}

const invalid = (why: string): ForeknowError =>
  new ForeknowError('invalid_request', {
    detail: `The call is not sent on. ${why}.`,
    hint: 'Send {"query": "query { … }", "variables": { … }}.',
    field: 'query',
  });
