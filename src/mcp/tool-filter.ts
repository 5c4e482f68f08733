import type { ToolFilter } from '../tokens/token.ts';
import type { Tool } from './tool.ts';

/** Whether a filter names a tool: by one of its methods, and by all that it is about. */
const isNamed = (tool: Tool, { methods, tags }: ToolFilter): boolean =>
  (methods === undefined || methodsOf(tool).some((method) => methods.includes(method))) &&
  (tags === undefined || tagsOf(tool).every((tag) => tags.includes(tag)));

/** Whoever is offered anything needs to know what there is: tools without a scope are always there. */
export const isOffered = (tool: Tool, filter: ToolFilter | undefined): boolean =>
  filter === undefined || tool.scopes.length === 0 || isNamed(tool, filter);

/** All of them read; those that answer with one thing are named for what they do with it. */
const methodsOf = ({ name }: Tool): readonly string[] => ['read', name.startsWith('list_') ? 'list' : 'get', name];

const tagsOf = ({ scopes }: Tool): readonly string[] => scopes.map((scope) => scope.split('.')[0]!);
