import { type Caller, may } from './caller.ts';
import type { Tool } from './tool.ts';
import { isOffered } from './tool-filter.ts';
import { overviewTool, phishingTool, riskTool, trainingTool } from './tools/activity.ts';
import { changesTool, connectionsTool, readTool } from './tools/connections.ts';
import { groupsTool, groupTool } from './tools/groups.ts';
import { peopleTool, personTool } from './tools/people.ts';
import { planBuildTool, planRequestApprovalTool, planShowTool, planStatusTool } from './tools/plans.ts';

/** Every tool, in the order of the list. None of them changes anything at KnowBe4. */
export const tools: readonly Tool[] = [
  connectionsTool,
  overviewTool,
  peopleTool,
  personTool,
  groupsTool,
  groupTool,
  trainingTool,
  phishingTool,
  riskTool,
  changesTool,
  readTool,
  planBuildTool,
  planShowTool,
  planRequestApprovalTool,
  planStatusTool,
];

/** Those that the caller’s scopes open and its token is for; the others are not there. */
export const toolsFor = (caller: Caller, withLive: boolean): readonly Tool[] =>
  tools.filter(
    (tool) =>
      (withLive || tool.isLive !== true) &&
      (tool.scopes.length === 0 || tool.scopes.some((scope) => may(caller, scope))) &&
      isOffered(tool, caller.settings?.tools),
  );
