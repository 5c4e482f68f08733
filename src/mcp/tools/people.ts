import { z } from 'zod';
import { ForeknowError } from '../../errors/errors.ts';
import type { Person, PersonDetail } from '../../model/person.ts';
import { refuseHidden } from '../caller.ts';
import { type Call, daysBefore, nextOffset, offsetOf, partsOf, type Told, tenth, tool } from '../tool.ts';

const number = z.number().optional();
const text = z.string().optional();

const summary = {
  id: z.string(),
  name: text,
  email: text,
  status: text,
  department: text,
  risk_score: number,
  overdue: number.describe('Enrollments past due'),
  failed: number.describe('Phishing tests failed'),
};

const summaryOf = ({ id, name, email, status, department, risk, training, phishing }: Person) => ({
  ...{ id, name, email, status, department },
  risk_score: tenth(risk?.score ?? null),
  overdue: training?.overdue || null,
  failed: phishing?.failed || null,
});

const questions = ['any', 'overdue', 'risky', 'failed_test', 'untrained', 'left_group'] as const;

type ListArgs = {
  readonly question?: (typeof questions)[number] | undefined;
  readonly search?: string | undefined;
  readonly department?: string | undefined;
  readonly group?: string | undefined;
  readonly status?: string | undefined;
  readonly min_risk?: number | undefined;
  readonly test?: string | undefined;
  readonly since?: string | undefined;
};

/** The question in the words of the directory’s filters. */
function queryOf({ args, now }: Call<ListArgs>): Readonly<Record<string, unknown>> {
  const { question = 'any', search, department, group, min_risk: minRisk = 60, test } = args;
  const since = args.since ?? daysBefore(now, 90);
  const asked = {
    any: {},
    overdue: { overdue: true },
    risky: { risk_above: String(minRisk), sort_by: { risk_score: 'desc' } },
    failed_test: test === undefined ? { failed_since: since } : { failed_test: test },
    untrained: { trained: false },
    left_group: {},
  }[question];
  // Whoever is asked about by a question is somebody to act on.
  const status = args.status ?? (question === 'any' ? undefined : 'active');
  const given = Object.entries({ search, department, group_id: group, status });
  return { ...asked, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) };
}

async function listPeople(call: Call<ListArgs>): Promise<Told> {
  const { gateway, caller, account, args, limit, cursor } = call;
  refuseHidden(caller.fieldPolicy, { search: args.search });
  if (args.question === 'left_group') return leavers(call);
  const input = { connectionIds: [account.id], query: queryOf(call) };
  const page = { ...input, query: { ...input.query, limit, ...(cursor === undefined ? {} : { next_cursor: cursor }) } };
  const [list, total] = await Promise.all([
    gateway.directory.listPeople(page, partsOf(caller)),
    gateway.directory.countPeople(input, partsOf(caller)),
  ]);
  return {
    as_of: list.x_freshness.as_of,
    total,
    people: list.result.map(summaryOf),
    next_cursor: list.next_cursor,
  };
}

/** Most events that are looked through. */
const MOST_LEFT = 2000;

type Left = {
  readonly user?: { readonly id?: string };
  readonly group?: { readonly id?: string; readonly name?: string };
};

/** Who left a group, the last first: the log has it, not the directory. */
async function leavers({ gateway, account, args, limit, cursor, now, caller }: Call<ListArgs>): Promise<Told> {
  const { events } = await gateway.events.page({
    ...{ connectionIds: [account.id], families: ['directory'], types: ['group.member_removed'], after: null },
    ...{ from: args.since ?? daysBefore(now, 90), order: 'desc', limit: MOST_LEFT },
  });
  const wanted = events
    .map(({ at, data }) => ({ at, ...(data as Left) }))
    .filter(({ group }) => args.group === undefined || group?.id === args.group || group?.name === args.group);
  const offset = offsetOf(cursor);
  const shown = wanted.slice(offset, offset + limit);
  const ids = [...new Set(shown.flatMap(({ user }) => user?.id ?? []))];
  const query = { id: { in: ids }, deleted: 'show', limit: 500 };
  const known =
    ids.length === 0
      ? []
      : (await gateway.directory.listPeople({ connectionIds: [account.id], query }, partsOf(caller))).result;
  return {
    as_of: await gateway.directory.asOf(account.id, 'groups'),
    total: wanted.length,
    people: shown.map(({ at, user, group }) => {
      const person = known.find(({ id }) => id === user?.id);
      return { ...(person === undefined ? { id: user?.id } : summaryOf(person)), group, at };
    }),
    next_cursor: nextOffset(offset, shown.length, wanted.length),
    ...(events.length === MOST_LEFT ? { more: `Only the last ${MOST_LEFT} departures were looked at.` } : {}),
  };
}

export const peopleTool = tool({
  name: 'list_people',
  title: 'List people by a question',
  description:
    'People of KnowBe4 accounts who match a question and filters, as short rows with the total. failed_test: who fell for a phishing test, one of them (test) or any since a time. left_group: who left a group, from the log.',
  scopes: ['directory'],
  narrow: 'department, group, status, search',
  input: {
    question: z.enum(questions).optional().describe('Default any. untrained: never completed a training'),
    search: z.string().max(200).optional().describe('Part of name, address or employee number'),
    department: z.string().max(200).optional(),
    group: z.string().max(200).optional().describe('Id of a group'),
    status: z.enum(['active', 'inactive', 'deleted']).optional().describe('inactive = archived'),
    min_risk: z.number().optional().describe('For risky; default 60'),
    test: z.string().max(100).optional().describe('For failed_test: id from list_phishing'),
    since: z.string().max(40).optional().describe('ISO time for failed_test and left_group; default 90 days ago'),
  },
  rows: ['people', summary],
  read: listPeople,
});

const CURRENT_SHOWN = 5;

/** What is worth knowing of one person, without what is empty. */
const detailOf = (person: PersonDetail) => ({
  ...summaryOf(person),
  job_title: person.job_title,
  location: person.location,
  manager: person.manager,
  groups: person.groups,
  roles: person.roles.map(({ id }) => id),
  joined_at: person.joined_at,
  last_sign_in_at: person.last_sign_in_at,
  archived_at: person.archived_at,
  deleted_at: person.deleted_at,
  risk: person.risk && {
    score: person.risk.score,
    trend_90d: person.risk.trend_90d,
    phish_prone_percent: person.risk.phish_prone_percent,
  },
  training: person.training && {
    ...person.training,
    current: person.training.current
      .slice(0, CURRENT_SHOWN)
      .map(({ module, status, enrolled_at: enrolledAt }) => ({ module, status, enrolled_at: enrolledAt })),
  },
  phishing: person.phishing && {
    ...person.phishing,
    last_tests: person.phishing.last_tests
      .filter(({ failed_at: failedAt }) => failedAt !== null)
      .slice(0, CURRENT_SHOWN)
      .map(({ test_id: testId, failed_at: failedAt, template }) => ({
        test_id: testId,
        failed_at: failedAt,
        template,
      })),
  },
});

export const personTool = tool({
  name: 'explain_person',
  title: 'Find a person and explain them',
  description:
    'One person by id, address or part of the name: who they are, groups, risk and its trend, open trainings, failed phishing tests. If several match, short rows to choose from.',
  scopes: ['directory'],
  input: { person: z.string().min(1).max(200).describe('Id, address or part of the name') },
  rows: [
    'people',
    {
      ...summary,
      job_title: text,
      groups: z.array(z.looseObject({ id: z.string(), name: text })).optional(),
      risk: z.looseObject({ score: number, trend_90d: number }).optional(),
      training: z.looseObject({ overdue: number, completed: number }).optional(),
      phishing: z.looseObject({ failed: number, reported: number }).optional(),
    },
  ],
  async read({ gateway, caller, account, args: { person }, limit, cursor }) {
    const { directory } = gateway;
    const connectionIds = [account.id];
    const parts = partsOf(caller);
    const asOf = await directory.asOf(account.id, 'users');
    const one = async (id: string): Promise<Told> => {
      const found = await directory.getPerson({ connectionIds }, id, parts);
      return { as_of: asOf, total: 1, people: [detailOf(found)] };
    };
    if (/^\d+$/.test(person)) return one(person);
    refuseHidden(caller.fieldPolicy, { search: person });
    const filter = person.includes('@') ? { email: person } : { search: person };
    const page = { ...filter, limit, ...(cursor === undefined ? {} : { next_cursor: cursor }) };
    const [list, total] = await Promise.all([
      directory.listPeople({ connectionIds, query: page }, parts),
      directory.countPeople({ connectionIds, query: filter }, parts),
    ]);
    if (total === 0) throw nobody(person);
    if (total === 1 && list.result[0] !== undefined) return one(list.result[0].id);
    return {
      ...{ as_of: asOf, total, people: list.result.map(summaryOf), next_cursor: list.next_cursor },
      more: 'Several people match: repeat with the id of one.',
    };
  },
});

const nobody = (person: string): ForeknowError =>
  new ForeknowError('not_found', {
    detail: `Nobody matches ${JSON.stringify(person.slice(0, 80))}.`,
    hint: 'Try a part of the last name, or list_people.',
  });
