import { z } from 'zod';
import { type Prompt, prompts } from './prompts.ts';
import { tools } from './registry.ts';
import { type ResourceKind, resourceKinds } from './resource-kinds.ts';
import type { Tool } from './tool.ts';

const intro = `# Tools for agents (MCP)

An agent asks about people, groups, training, phishing and risk in short answers, and has plans of provisioning built, through the Model Context
Protocol. No tool writes to KnowBe4, approves or applies: people decide about plans, at a page or a terminal. This page is written by \`node scripts/mcp-docs.ts\`.

## Connecting

- **On the machine:** \`foreknow mcp --as KEY\` speaks over stdin and stdout with the scopes, connections and field policy of a key;
  without \`--as\` with all that is kept. It reads the store beside a running server, so it does not ask KnowBe4 itself.
- **Over HTTP:** \`POST /mcp\` with \`Authorization: Bearer\` and an API token or one of kind \`mcp\`. Clients that can send no header use
  \`/mcp/TOKEN\` or \`/mcp/TOKEN/mcp\`, with a token of kind \`mcp\` alone: it only reads and it ends.

\`\`\`sh
curl -X POST $GATEWAY/api/v1/tokens -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\
  -d '{"kind": "mcp", "name": "helpdesk agent", "scopes": ["directory", "training"], "field_policy": {"email": "mask"}}'
\`\`\`

Each request stands for itself: one POST, one JSON answer, no session and no stream (GET answers 405). The revision of July 2026 and
those with a handshake are understood. A call that names neither \`jsonrpc\` nor \`MCP-Protocol-Version\` is completed as some clients
need it; every other is held to the protocol. Pages of another origin get 403.

## Answers

- \`connections\` holds an answer for each account: \`connection\`, \`total\`, \`as_of\` (when it was last read whole, null before that), rows,
  \`next_cursor\` and, in \`more\`, how to get the rest. An account that fails has \`error\` and hides no other.
- With \`tag\` one call asks every account with it, \`*\` all. With neither it is the only account that the token reaches.
- An answer holds 20,000 bytes at most, which stays below 8,000 tokens, and 100 rows of an account: what does not fit comes with
  \`next_cursor\`. The operator may say otherwise: \`agents: { rows, bytes }\` in the configuration file.
- What is empty is left out. Texts from KnowBe4 stand in fields alone, in one line, without characters that hide or steer.
- The scopes of the token decide which tools there are, its field policy what the answers tell. Whoever cannot be named cannot be searched
  for by name.

## Tools
`;

const resourceIntro = `
## Resources

What has a stable address. The account is the host, by id or name; what has a name is percent-encoded. Contents are the JSON that the
tool answers, within the same scopes, field policy and limits. \`resources/list\` names the accounts; people and groups are found with
the tools, or by completion.

`;

const promptIntro = `
## Prompts

Jobs that come again and again, step by step, with what they are about as an embedded resource. The instructions are our own words;
what a caller names and what KnowBe4 says stands apart from them, as data.

`;

const completionWords = `
## Completion

Arguments of prompts and parts of addresses are completed from what was typed: names of accounts, people, groups, campaigns and tests,
25 at most. People are not completed under a field policy that hides their names, addresses or employee numbers.
`;

/** The page of tools in docs. */
export const mcpPage = (): string =>
  [
    intro,
    ...tools.map(section),
    resourceIntro,
    ...resourceKinds.map(resourceLine),
    promptIntro,
    ...prompts.map(promptLine),
    completionWords,
  ].join('');

const resourceLine = ({ uri, description, tool, like }: ResourceKind): string =>
  `- \`${uri}\`: ${description} ${needsOf(like.scopes)}${tool === like ? '' : ` Like \`${like.name}\`.`}\n`;

const promptLine = ({ name, description, scopes, about }: Prompt): string =>
  `- \`${name}\`: ${description} Arguments: \`connection\`${about === null ? '' : `, \`${about.subject}\` (${about.description})`}. ${needsOf(scopes, 'and')}\n`;

const needsOf = (scopes: readonly string[], word = 'or'): string =>
  scopes.length === 0 ? 'Any token.' : `Scope ${scopes.map((scope) => `\`${scope}\``).join(` ${word} `)}.`;

function section({ name, title, description, scopes, input, isLive }: Tool): string {
  const { properties = {} } = z.toJSONSchema(input);
  const needs = needsOf(scopes);
  const lines = Object.entries(properties).map(([key, value]) => {
    const { description: words, enum: among } = value as { description?: string; enum?: readonly string[] };
    const choice = among === undefined ? '' : among.map((one) => `\`${one}\``).join(', ');
    return `- \`${key}\`: ${[choice, words].filter(Boolean).join('; ') || 'text'}\n`;
  });
  const live = isLive === true ? ' Asks KnowBe4 itself, within the budget; over HTTP alone.' : '';
  return `\n### ${name}\n\n${title}. ${description} ${needs}${live}\n\n${lines.join('')}`;
}
