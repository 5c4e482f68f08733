/**
 * Ten questions that an administrator asks: what our tools answer an agent, against the pages of KnowBe4’s Reporting API that hold
 * the same answer, as they come. Pages are full ones (500 rows), compact JSON, and only those that are needed; tokens are those of
 * the o200k encoding.
 */
import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { type Emulator, startEmulator } from '../src/emulator/index.ts';
import { openGateway } from '../src/gateway/gateway.ts';
import { operatorCaller } from '../src/mcp/caller.ts';
import { createMcpServer } from '../src/mcp/server.ts';
import { fresh, median, round } from './parts.ts';

type Question = {
  readonly question: string;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Lists of KnowBe4 that are read to their end, and single records. */
  readonly pages: readonly string[];
};

function questionsOf({ users, groups, security_tests: tests }: ReturnType<Emulator['truth']>): readonly Question[] {
  const person = users.find(({ status }) => status === 'active')!;
  const group = groups.find(({ status }) => status === 'active')!;
  const [now, begun] = [Date.now(), tests.filter(({ delivered_count: delivered }) => delivered > 0)];
  const last = begun.toSorted((a, b) => String(b.started_at).localeCompare(String(a.started_at)));
  const ofQuarter = last.filter(({ started_at: at }) => at !== null && Date.parse(at) > now - 90 * 86_400_000);
  const recipientsOf = (of: readonly (typeof tests)[number][]) =>
    of.map(({ pst_id: id }) => `/phishing/security_tests/${id}/recipients`);
  const [everybody, enrollments, testList] = ['/users', '/training/enrollments', '/phishing/security_tests'];
  return [
    {
      question: 'How does the account stand?',
      ...{ tool: 'account_overview', args: {} },
      pages: ['/account', everybody, '/groups', enrollments, testList],
    },
    {
      question: 'Who is overdue with a training?',
      ...{ tool: 'list_people', args: { question: 'overdue' } },
      pages: [enrollments],
    },
    {
      question: 'Who are the ten riskiest people?',
      ...{ tool: 'list_people', args: { question: 'risky', min_risk: 0, limit: 10 } },
      pages: [everybody],
    },
    {
      question: 'Who fell for the last phishing test?',
      ...{ tool: 'list_people', args: { question: 'failed_test', test: String(last[0]!.pst_id) } },
      pages: recipientsOf(last.slice(0, 1)),
    },
    {
      question: 'Who fell for any phishing test in the last 90 days?',
      ...{ tool: 'list_people', args: { question: 'failed_test' } },
      pages: [testList, ...recipientsOf(ofQuarter)],
    },
    {
      question: `How does ${person.first_name} ${person.last_name} do?`,
      ...{ tool: 'explain_person', args: { person: person.email } },
      pages: [everybody, `${enrollments}?user_id=${person.id}`, ...recipientsOf(last.slice(0, 5))],
    },
    {
      question: `How does the group ${group.name} do?`,
      ...{ tool: 'explain_group', args: { group: String(group.id) } },
      pages: [`/groups/${group.id}`, `/groups/${group.id}/members`, enrollments],
    },
    {
      question: 'How far are the last five trainings?',
      ...{ tool: 'list_training', args: { limit: 5 } },
      pages: ['/training/campaigns', enrollments],
    },
    {
      question: 'How did the last five phishing tests go?',
      ...{ tool: 'list_phishing', args: { limit: 5 } },
      pages: [testList],
    },
    {
      question: `Who is called ${person.last_name}?`,
      ...{ tool: 'list_people', args: { search: person.last_name } },
      pages: [everybody],
    },
  ];
}

/** @param people in the account; enrollments and recipients follow from them */
export async function agentAgainstPages(people: number) {
  const emulator = await startEmulator({ people, limits: false, seed: 7 });
  const gateway = await openGateway({ folder: fresh('agent'), allowHosts: ['127.0.0.1'] });
  try {
    const { region, reportingToken, url: reportingUrl } = emulator;
    const settings = { limits: { perSecond: null, perMinute: null, perDay: null } };
    await gateway.connections.connect({ name: 'bench', region, reportingToken, reportingUrl, settings });
    await gateway.sync.run('bench', { level: 'full' });
    const client = await agentOf(gateway);
    const answers = [];
    for (const { question, tool, args, pages } of questionsOf(emulator.truth())) {
      const { content, isError } = await client.callTool({ name: tool, arguments: args });
      const ours = (content as { text: string }[])[0]!.text;
      if (isError) throw new Error(`${tool}: ${ours}`);
      const raw = { text: '', requests: 0 };
      for (const path of pages) {
        const read = await readAll(emulator, path);
        raw.text += read.text;
        raw.requests += read.requests;
      }
      answers.push({
        question,
        ours: { bytes: Buffer.byteLength(ours), tokens: encode(ours).length },
        raw: { bytes: Buffer.byteLength(raw.text), tokens: encode(raw.text).length, requests: raw.requests },
        times_smaller: round(Buffer.byteLength(raw.text) / Buffer.byteLength(ours)),
      });
    }
    await client.close();
    return { people, answers, ...totalsOf(answers) };
  } finally {
    await gateway.close();
    await emulator.close();
  }
}

type Size = { readonly bytes: number; readonly tokens: number };

function totalsOf(answers: readonly { readonly ours: Size; readonly raw: Size; readonly times_smaller: number }[]) {
  const total = (pick: (answer: (typeof answers)[number]) => number) =>
    answers.reduce((sum, answer) => sum + pick(answer), 0);
  const times = answers.map(({ times_smaller: one }) => one);
  return {
    total_times_smaller: round(total(({ raw }) => raw.bytes) / total(({ ours }) => ours.bytes)),
    total_times_fewer_tokens: round(total(({ raw }) => raw.tokens) / total(({ ours }) => ours.tokens)),
    median_times_smaller: median(times),
    least_times_smaller: Math.min(...times),
    at_least_20: times.filter((one) => one >= 20).length,
  };
}

async function agentOf(gateway: Awaited<ReturnType<typeof openGateway>>): Promise<Client> {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await createMcpServer({ gateway, version: 'bench' }, operatorCaller, async () => operatorCaller).connect(ours);
  const client = new Client({ name: 'bench', version: '1' });
  await client.connect(theirs);
  return client;
}

/** A list to its end, or one record. */
async function readAll({ url, reportingToken }: Emulator, path: string): Promise<{ text: string; requests: number }> {
  const headers = { authorization: `Bearer ${reportingToken}` };
  let text = '';
  for (let page = 1; ; page += 1) {
    const address = `${url}/v1${path}${path.includes('?') ? '&' : '?'}per_page=500&page=${page}`;
    const answer = await fetch(address, { headers });
    const body = await answer.text();
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    const rows = JSON.parse(body) as unknown;
    text += body;
    if (!Array.isArray(rows) || rows.length < 500) return { text, requests: page };
  }
}
