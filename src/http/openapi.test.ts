import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { errorCatalog } from '../errors/catalog.ts';
import { openDoor } from './contract/door.ts';
import { fakeGateway } from './contract/fake-gateway.ts';
import { errorsPage } from './error-docs.ts';

type Operation = {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  security?: unknown[];
  parameters?: { name: string; in: string; description?: string; schema?: object }[];
  responses: Record<string, { description?: string; content?: Record<string, { schema?: object }> }>;
};

let door: Awaited<ReturnType<typeof openDoor>>;
let operations: { path: string; method: string; operation: Operation }[];
beforeAll(async () => {
  door = await openDoor({ gateway: fakeGateway({}).gateway });
  operations = Object.entries(door.document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation: operation as Operation })),
  );
});
afterAll(() => door.close());

test('the document is valid OpenAPI 3.1', async () => {
  const result = await new Validator().validate(structuredClone(door.document) as never);
  expect(result.errors ?? []).toEqual([]);
  expect(result.valid).toBe(true);
  expect((door.document as unknown as { openapi: string }).openapi).toMatch(/^3\.1/);
});

test('every operation has a name, a summary, one known tag and documented answers', () => {
  const known = (door.document as unknown as { tags: { name: string }[] }).tags.map(({ name }) => name);
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { path, method, operation } of operations) {
    const where = `${method} ${path}`;
    expect(operation.operationId, where).toMatch(/^[a-z][A-Za-z]+$/);
    expect(operation.summary, where).toMatch(/^[A-Z].{8,}[^.]$/);
    expect(operation.tags, where).toHaveLength(1);
    expect(known, where).toContain(operation.tags![0]);
    for (const [status, response] of Object.entries(operation.responses)) {
      expect(response.description, `${where} ${status}`).not.toMatch(/^(Default Response)?$/);
      const hasBody = Object.values(response.content ?? {})[0]?.schema !== undefined;
      expect(hasBody, `${where} ${status}`).toBe(status !== '204');
    }
    expect(operation.responses, where).toHaveProperty('500');
  }
});

test('every operation but those of operation is protected, and says what a refusal looks like', () => {
  for (const { path, operation } of operations) {
    if (['Operation', 'Intake', 'SCIM'].includes(operation.tags![0]!)) continue;
    expect(operation.security, path).toEqual([{ bearer: [] }]);
    for (const status of ['401', '403', '429']) expect(operation.responses, path).toHaveProperty(status);
  }
});

test('who may call what', () => {
  const scopes = operations.map(({ operation }): [string, string] => {
    const [, scope = 'any valid token'] = /Needs the scope `([\w.]+)`\.$/.exec(operation.description ?? '') ?? [];
    const isOurs = JSON.stringify(operation.security ?? []) === '[{"bearer":[]}]';
    const own = operation.tags![0] === 'SCIM' ? 'token of the source' : 'secret of the intake';
    return [operation.operationId!, isOurs ? scope : operation.security ? own : 'everybody'];
  });
  const byScope = Object.groupBy(scopes, ([, scope]) => scope);
  const table = Object.entries(byScope).map(
    ([scope, ids]) =>
      `${scope}: ${ids!
        .map(([id]) => id)
        .sort()
        .join(', ')}`,
  );
  expect(table.sort()).toMatchInlineSnapshot(`
    [
      "admin: createSourceToken, getEnvironmentToken, listEnvironmentTokens, listTokens, revokeToken, rotateToken, rotateVault",
      "any valid token: batchRequest, createIntegratedAccountToken, createToken, getAccountCapabilities, getEnvironment, getEnvironmentIntegration, getEvent, getIntegration, getIntegrationCapabilities, getIntegrationMeta, getModelMeta, getOwnIntegratedAccount, getUnifiedMeta, listEnvironmentIntegrations, listEnvironments, listEventTypes, listEvents, listIntegrationTools, listIntegrations, sendMessage, sendMessageByToken, sendMessageByTokenAddress, updateOwnIntegratedAccount",
      "audit: listAudit, listLog",
      "connections: bulkDeleteIntegratedAccounts, checkConnection, connect, createInvitation, createLinkToken, createMcpToken, createSyncJobCronTrigger, deleteIntegratedAccount, deleteMcpToken, deleteSyncJobCronTrigger, disableIntake, erasePerson, eraseSourcePerson, forgetSource, getConnection, getConnectionStatus, getIntake, getIntegratedAccount, getInvitation, getMcpToken, importIntegratedAccount, listAlerts, listConnections, listIntegratedAccounts, listInvitations, listMcpTokens, pauseConnection, putKey, readmitPerson, readmitSourcePerson, refreshCredentials, removeConnection, removeKey, renewIntake, replaceToken, resendInvitation, resumeConnection, revokeInvitation, scheduleSyncJobCronTrigger, updateConnection, updateCredentials, updateIntegratedAccount, updateMcpToken, updateSyncJobCronTrigger",
      "directory: getActivity, getGroup, getLicense, getMe, getOrganization, getPerson, getRole, getRoleAssignment, getUser, getWorkosDirectory, getWorkosGroup, getWorkosUser, listActivities, listChanges, listGroups, listLicenses, listOrganizations, listPeople, listRoleAssignments, listRoles, listUsers, listWorkosDirectories, listWorkosEvents, listWorkosGroups, listWorkosUsers, reportingAccount, reportingGroup, reportingGroupMembers, reportingGroups, reportingUser, reportingUsers",
      "everybody: getHealth, getReadiness",
      "metrics: getMetrics",
      "phishing.aggregate: reportingCampaignTests, reportingPhishingCampaign, reportingPhishingCampaigns, reportingSecurityTest, reportingSecurityTests",
      "phishing.identified: reportingRecipient, reportingRecipients",
      "provisioning: acceptSourceRead, applyPlan, approvePlan, attestProvisioning, buildPlan, comparePlans, configureProvisioning, confirmAdoption, decideWorkItem, diffPlans, explainPerson, getAdoptionReport, getDrift, getPlan, getProvisioning, listPlanItems, listPlanSteps, listPlans, listWorkItems, pauseProvisioning, rejectPlan, resumeProvisioning, stopProvisioning, undoPlan",
      "proxy: customDelete, customPatch, customPost, customPut, customRead, listAccountTools, proxyCreate, proxyGraphql, proxyRead, proxyRemove, proxyReplace, proxyUpdate",
      "risk: getRiskHistory, reportingAccountRisk, reportingGroupRisk, reportingUserRisk",
      "secret of the intake: receiveWebhook",
      "sync: confirmHold, createSyncJobRun, dismissHold, estimateSync, getRun, getSource, getSourceRead, getSyncJob, getSyncJobCronTrigger, getSyncJobRun, listHolds, listRuns, listSourceReads, listSources, listSyncJobCronTriggers, listSyncJobRunStates, listSyncJobRuns, listSyncJobs, readSource, stopSyncJobRun, syncConnection, uploadToSource",
      "token of the source: scimCreateGroup, scimCreateUser, scimDeleteGroup, scimDeleteUser, scimGetGroup, scimGetResourceType, scimGetSchema, scimGetUser, scimListGroup, scimListResourceTypes, scimListSchemas, scimListUser, scimMe, scimPatchGroup, scimPatchUser, scimReplaceGroup, scimReplaceUser, scimSearchGroup, scimSearchUser, scimServiceProviderConfig",
      "training: getCourse, getCourseEnrollment, getCourseItem, getLmsUser, listCourseEnrollments, listCourseItems, listCourses, listLmsUsers, reportingEnrollment, reportingEnrollments, reportingPolicies, reportingPolicy, reportingStorePurchase, reportingStorePurchases, reportingTrainingCampaign, reportingTrainingCampaigns",
      "webhooks: createTrutoWebhook, createWebhook, deleteTrutoWebhook, deleteWebhook, enableWebhook, getTrutoWebhook, getWebhook, listTrutoWebhooks, listWebhookAttempts, listWebhookDeliveries, listWebhooks, replayWebhook, rotateWebhookSecret, testTrutoWebhook, testWebhook, updateTrutoWebhook, updateWebhook",
      "write: addGroupUser, archiveUser, createGroup, createUser, deleteGroup, deleteRoleAssignment, removeGroupUser, updateGroup, updateGroupByBody, updateUser, updateUserByBody",
    ]
  `);
});

test('the intake of webhooks is protected by a secret of its own', () => {
  const [intake, ...others] = operations.filter(({ operation }) => operation.tags![0] === 'Intake');
  expect(others).toEqual([]);
  expect(intake!.operation.security).toEqual([{ intakeBearer: [] }, { intakeBasic: [] }, { intakeKey: [] }]);
  for (const status of ['401', '413', '429']) expect(intake!.operation.responses).toHaveProperty(status);
});

test('what providers push is protected by the token of the source, and spoken of in SCIM’s own type', () => {
  const pushed = operations.filter(({ operation }) => operation.tags![0] === 'SCIM');
  expect(pushed.length).toBe(20);
  for (const { path, method, operation } of pushed) {
    expect(operation.security, path).toEqual([{ scimBearer: [] }]);
    for (const status of ['401', '429']) expect(operation.responses, path).toHaveProperty(status);
    const types = Object.values(operation.responses).flatMap(({ content = {} }) => Object.keys(content));
    expect(new Set(types), `${method} ${path}`).toEqual(new Set(['application/scim+json']));
  }
});

test('every parameter in a path is declared, every one in a query is described', () => {
  for (const { path, method, operation } of operations) {
    const declared = (operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => name);
    expect(declared.sort(), path).toEqual([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort());
    for (const one of operation.parameters ?? []) {
      expect(one.schema, `${method} ${path} ${one.name}`).toBeDefined();
      if (one.in === 'query') expect(one.description, `${method} ${path} ${one.name}`).toBeTruthy();
    }
  }
});

test('no schema of the document is left unused', () => {
  const text = JSON.stringify(door.document);
  for (const name of Object.keys(door.document.components.schemas)) {
    expect(text).toContain(`"#/components/schemas/${name}"`);
  }
});

test('every address in docs/api.md exists with its method, its parameters too', () => {
  const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const commands = page
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.startsWith('curl '));
  expect(commands.length).toBeGreaterThan(15);
  for (const command of commands) {
    const [, path, query = ''] = /\$api(\/[^\s"?]+)(?:\?([^\s"]*))?/.exec(command)!;
    const method = /-X (\w+)/.exec(command)?.[1] ?? (command.includes(' -d ') ? 'POST' : 'GET');
    const found = operations.find(
      (one) =>
        one.method.toUpperCase() === method && new RegExp(`^${one.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path!),
    );
    expect(found, command).toBeDefined();
    const names = query
      .split('&')
      .filter(Boolean)
      .map((part) => part.split(/[=[\\]/)[0]);
    const known = (found!.operation.parameters ?? []).map(({ name }) => name);
    for (const name of names) expect(known, command).toContain(name);
  }
});

test('the page of errors describes every code, and the file in docs is that page', async () => {
  const page = errorsPage();
  for (const code of Object.keys(errorCatalog)) expect(page).toContain(`\n## ${code}\n`);
  const file = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  expect(file === page, 'docs/errors.md is stale: run node scripts/error-docs.ts').toBe(true);
  const served = await door.call('/docs/errors.md');
  expect(served.text).toBe(page);
});
