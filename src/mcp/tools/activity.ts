import { z } from 'zod';
import type { Part } from '../../directory/activity.ts';
import type { Directory } from '../../directory/directory.ts';
import { ForeknowError } from '../../errors/errors.ts';
import { may } from '../caller.ts';
import { changeOf, daysBefore, nextOffset, offsetOf, tenth, tool } from '../tool.ts';
import { groupNamed } from './groups.ts';

type RowOf<Name extends 'listTrainingCampaigns' | 'listSecurityTests'> = Awaited<
  ReturnType<Directory[Name]>
>['rows'][number];
type CampaignPart = RowOf<'listTrainingCampaigns'>;
type TestPart = RowOf<'listSecurityTests'>;

const number = z.number().optional();
const text = z.string().optional();

const words: Readonly<Record<string, string>> = {
  'Not Started': 'not_started',
  'In Progress': 'in_progress',
  Completed: 'completed',
  Passed: 'passed',
  'Past Due': 'past_due',
};

const counts = z.record(z.string(), z.number()).optional();
const campaign = {
  id: z.string(),
  name: text,
  status: text,
  start_date: text,
  end_date: text,
  enrolled: number,
  completion_percent: number,
  counts,
};
const test = {
  id: z.string(),
  name: text,
  status: text,
  started_at: text,
  phish_prone_percent: number,
  counts,
};

function campaignRow({ campaign, progress }: CampaignPart) {
  const enrolled = Object.values(progress).reduce((sum, count) => sum + count, 0);
  const done = (progress.Completed ?? 0) + (progress.Passed ?? 0);
  return {
    id: campaign.id,
    name: campaign.name,
    status: campaign.status,
    start_date: campaign.startDate,
    end_date: campaign.endDate,
    enrolled,
    completion_percent: enrolled === 0 ? null : tenth((100 * done) / enrolled),
    counts: Object.fromEntries(Object.entries(progress).map(([status, count]) => [words[status] ?? 'other', count])),
  };
}

const testRow = ({ key, test: { name, status, startedAt, phishPronePercent, template, counts } }: TestPart) => ({
  id: key,
  ...{ name, status, started_at: startedAt, template: template?.name },
  phish_prone_percent: tenth(phishPronePercent),
  counts: {
    ...{ delivered: counts.delivered, opened: counts.opened, clicked: counts.clicked, replied: counts.replied },
    ...{ attachment_opened: counts.attachmentOpened, macro_enabled: counts.macroEnabled },
    ...{ data_entered: counts.dataEntered, qr_code_scanned: counts.qrCodeScanned, reported: counts.reported },
    bounced: counts.bounced,
  },
});

export const trainingTool = tool({
  name: 'list_training',
  title: 'List training campaigns',
  description: 'Training campaigns, the last begun first, with how many enrollments are in which state.',
  scopes: ['training'],
  rows: ['campaigns', campaign],
  async read({ gateway, account, limit, cursor }) {
    const offset = offsetOf(cursor);
    const { rows, total, asOf } = await gateway.directory.listTrainingCampaigns(account.id, { offset, limit });
    const campaigns = rows.map(campaignRow);
    return { as_of: asOf, total, campaigns, next_cursor: nextOffset(offset, rows.length, total) };
  },
});

export const phishingTool = tool({
  name: 'list_phishing',
  title: 'List phishing tests',
  description:
    'Phishing tests, the last begun first, in figures: delivered, opened, clicked, reported and so on. Who fell for one: list_people with question failed_test and its id.',
  scopes: ['phishing.aggregate'],
  rows: ['tests', test],
  async read({ gateway, account, limit, cursor }) {
    const offset = offsetOf(cursor);
    const { rows, total, asOf } = await gateway.directory.listSecurityTests(account.id, { offset, limit });
    const tests = rows.map(testRow);
    return { as_of: asOf, total, tests, next_cursor: nextOffset(offset, rows.length, total) };
  },
});

const POINTS_SHOWN = 16;

export const riskTool = tool({
  name: 'risk_trend',
  title: 'Risk over time',
  description: 'Risk score of the account, a group or a person over time: change and evenly chosen points.',
  scopes: ['risk'],
  input: {
    of: z.enum(['account', 'group', 'person']).optional().describe('Default account'),
    id: z.string().max(200).optional().describe('Id or name of the group, id of the person'),
    days: z.int().min(1).max(3650).optional().describe('Default 90'),
  },
  also: {
    score: number,
    delta: number.describe('Newest less oldest point'),
    points: z.array(z.object({ date: z.string(), score: z.number() })).optional(),
  },
  async read(call) {
    const { gateway, caller, account, args, now } = call;
    const { of = 'account', id, days = 90 } = args;
    const subject = of === 'person' ? ('user' as const) : of;
    if (of !== 'account' && !may(caller, 'directory')) throw needsDirectory();
    if (of !== 'account' && id === undefined) throw missingId(of);
    const key = of === 'account' ? 'account' : of === 'group' ? (await groupNamed(call, id!)).id : id!;
    const from = daysBefore(now, days).slice(0, 10);
    const points = (await gateway.directory.riskHistory(account.id, subject, key)).filter(({ date }) => date >= from);
    const step = Math.max(1, (points.length - 1) / (POINTS_SHOWN - 1));
    const shown = [...new Set(Array.from({ length: POINTS_SHOWN }, (_, index) => Math.round(index * step)))];
    return {
      as_of: await gateway.directory.asOf(
        account.id,
        of === 'account' ? 'account' : of === 'group' ? 'groups' : 'users',
      ),
      total: points.length,
      score: points.at(-1)?.riskScore ?? null,
      delta: points.length < 2 ? null : tenth(points.at(-1)!.riskScore - points[0]!.riskScore),
      points: shown.flatMap((at) =>
        points[at] === undefined ? [] : { date: points[at].date, score: points[at].riskScore },
      ),
    };
  },
});

export const overviewTool = tool({
  name: 'account_overview',
  title: 'How an account stands',
  description:
    'Figures of KnowBe4 accounts: active people, groups, risk and its change in 90 days, how many are overdue, never trained, risky or failed a phishing test in 90 days.',
  scopes: ['directory'],
  also: {
    groups_total: number,
    risk_score: number,
    risk_change_90d: number,
    risky: number.describe('People above 60'),
    overdue: number,
    untrained: number,
    failed_90d: number,
  },
  async read({ gateway, caller, account, now }) {
    const { directory } = gateway;
    const connectionIds = [account.id];
    const isTold = {
      risk: may(caller, 'risk'),
      training: may(caller, 'training'),
      tests: may(caller, 'phishing.aggregate'),
    };
    // Only counted: nobody in it is told.
    const everyPart = new Set(['risk', 'training', 'phishing'] as const);
    const count = (filter: object) =>
      directory.countPeople({ connectionIds, query: { status: 'active', ...filter } }, everyPart);
    const [active, groups, risky, overdue, untrained, failed, history] = await Promise.all([
      count({}),
      directory.countGroups({ connectionIds, query: { x_status: 'active' } }),
      isTold.risk ? count({ risk_above: '60' }) : null,
      isTold.training ? count({ overdue: true }) : null,
      isTold.training ? count({ trained: false }) : null,
      isTold.tests ? count({ failed_since: daysBefore(now, 90) }) : null,
      isTold.risk ? directory.riskHistory(account.id, 'account', 'account') : [],
    ]);
    return {
      as_of: await directory.asOf(account.id, 'users'),
      total: active,
      ...{ groups_total: groups, risky, overdue, untrained, failed_90d: failed },
      risk_score: history.at(-1)?.riskScore ?? null,
      risk_change_90d: changeOf(history, now),
    };
  },
});

/** One campaign by id or name. Read by its address, not offered as a tool: the list has the same row. */
export const campaignView = tool({
  name: 'training_campaign',
  title: 'A training campaign',
  description: 'One training campaign with how many enrollments are in which state; by id or whole name.',
  scopes: ['training'],
  input: { campaign: z.string().max(200) },
  rows: ['campaigns', campaign],
  async read({ gateway, account, args }) {
    const list = (slice: Slice) => gateway.directory.listTrainingCampaigns(account.id, slice);
    const { row, asOf } = await find(list, ({ campaign: { id, name } }) => [id, name], args.campaign);
    return { as_of: asOf, total: 1, campaigns: [campaignRow(row)] };
  },
});

/** One test, the same way. */
export const testView = tool({
  name: 'phishing_test',
  title: 'A phishing test',
  description: 'One phishing test in figures: delivered, opened, clicked, reported and so on; by id or whole name.',
  scopes: ['phishing.aggregate'],
  input: { test: z.string().max(200) },
  rows: ['tests', test],
  async read({ gateway, account, args }) {
    const list = (slice: Slice) => gateway.directory.listSecurityTests(account.id, slice);
    const { row, asOf } = await find(list, ({ key, test: { name } }) => [key, name], args.test);
    return { as_of: asOf, total: 1, tests: [testRow(row)] };
  },
});

type Slice = { readonly offset: number; readonly limit: number };
const SLICE = 200;

/**
 * The row that has the id; else the last begun with the name. Accounts have some hundred of them.
 * @throws ForeknowError `not_found`
 */
async function find<Row>(
  list: (slice: Slice) => Promise<Part<Row>>,
  labelsOf: (row: Row) => readonly [id: string, name: string | null],
  wanted: string,
): Promise<{ readonly row: Row; readonly asOf: string | null }> {
  let byName: Row | undefined;
  for (let offset = 0; ; offset += SLICE) {
    const { rows, total, asOf } = await list({ offset, limit: SLICE });
    const row = rows.find((one) => labelsOf(one)[0] === wanted);
    byName ??= rows.find((one) => labelsOf(one)[1] === wanted);
    if (row !== undefined) return { row, asOf };
    if (offset + SLICE < total && rows.length > 0) continue;
    if (byName !== undefined) return { row: byName, asOf };
    throw new ForeknowError('not_found', {
      detail: `None is called ${JSON.stringify(wanted.slice(0, 80))}.`,
      hint: 'The lists have ids and names.',
    });
  }
}

const needsDirectory = (): ForeknowError =>
  new ForeknowError('scope_missing', { detail: 'Risk of groups and people needs the scope directory as well.' });

const missingId = (of: string): ForeknowError =>
  new ForeknowError('invalid_request', { detail: `id is missing: which ${of}?`, field: 'id' });
