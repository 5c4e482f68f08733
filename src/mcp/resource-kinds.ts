import type { Caller } from './caller.ts';
import { toolsFor } from './registry.ts';
import type { Tool } from './tool.ts';
import { campaignView, overviewTool, phishingTool, testView, trainingTool } from './tools/activity.ts';
import { groupTool } from './tools/groups.ts';
import { personTool } from './tools/people.ts';

/** What an argument may name beside its connection. */
export type Subject = 'person' | 'group' | 'campaign' | 'test';

/** Something with a stable address, answered like the tool that tells of it. */
export type ResourceKind = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly uri: string;
  readonly tool: Tool;
  /** The tool whose being there opens it. */
  readonly like: Tool;
  /** What the last part of the address names, and the argument of the tool that it is; null: nothing, it is about the account. */
  readonly names: Subject | null;
};

/** The connection is the address’s host, by id or name. */
export const resourceKinds: readonly ResourceKind[] = [
  {
    name: 'account',
    title: 'How an account stands',
    description: 'Figures of a KnowBe4 account, as account_overview tells them.',
    uri: 'kb4://{connection}/account',
    tool: overviewTool,
    like: overviewTool,
    names: null,
  },
  {
    name: 'person',
    title: 'A person',
    description: 'As explain_person tells them; by id, address or name.',
    uri: 'kb4://{connection}/people/{person}',
    tool: personTool,
    like: personTool,
    names: 'person',
  },
  {
    name: 'group',
    title: 'A group',
    description: 'As explain_group tells it; by id or whole name.',
    uri: 'kb4://{connection}/groups/{group}',
    tool: groupTool,
    like: groupTool,
    names: 'group',
  },
  {
    name: 'training_campaign',
    title: 'A training campaign',
    description: 'With how many enrollments are in which state; by id or whole name.',
    uri: 'kb4://{connection}/training/{campaign}',
    tool: campaignView,
    like: trainingTool,
    names: 'campaign',
  },
  {
    name: 'phishing_test',
    title: 'A phishing test',
    description: 'In figures: delivered, opened, clicked, reported and so on; by id or whole name.',
    uri: 'kb4://{connection}/phishing/{test}',
    tool: testView,
    like: phishingTool,
    names: 'test',
  },
];

/** Those whose tools the caller has; the others are not there. */
export function resourcesFor(caller: Caller): readonly ResourceKind[] {
  const tools = toolsFor(caller, true);
  return resourceKinds.filter(({ like }) => tools.includes(like));
}

/** @param values without those that are not known yet */
export const addressOf = ({ uri }: ResourceKind, values: Readonly<Record<string, string>>): string =>
  uri.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
