/**
 * `npm run bench`: ratios measured in one run, printed as JSON. Every part is a process of its own, so that peak memory is
 * that of the part. `--small` uses a tenth of the sizes (a check that the bench itself works, not a figure);
 * `--only sync,postgres` runs some of it: sync, client, api, large, postgres, workers,
 * events, proxy, agent, scim, sources, scim-in, rules, planning.
 */
import { cpus } from 'node:os';
import { agentAgainstPages } from './agent.ts';
import { apiAgainstConstant } from './api.ts';
import { eventsAgainstBare } from './events.ts';
import { joinOfTwo, ldapAgainstLdapsearch } from './ldap.ts';
import { cleanUp, measure, round, say, scale } from './parts.ts';
import { postgresAgainstSqlite, withPostgres, workersAgainstOne } from './postgres.ts';
import { proxyAgainstDirect } from './proxy.ts';
import { roadAgainstBare } from './scim.ts';
import { pushedIn, scimCore } from './scim-in.ts';
import { clientAgainstBare, syncAgainstBare } from './sync.ts';

const parts = [
  'sync',
  'client',
  'api',
  'large',
  'postgres',
  'workers',
  'events',
  'proxy',
  'agent',
  'scim',
  'scim-in',
  'sources',
  'rules',
  'planning',
] as const;
type Part = (typeof parts)[number];

const goals = {
  first_ratio: 'at most 2.0; 1.1 with 20 ms',
  again_ratio: 'at most 1.2; 1.05 with 20 ms',
  client: 'ratio at most 1.1, at most 150 MB, flat at three times the rows',
  list_users: 'ratio at least 0.4',
  memory: 'under 300 MB, growth under 0.15',
  workers: 'ratio at least 1.8',
  deliveries: 'ratio at least 0.5',
  agent: 'answers of tools 20 times smaller than the pages that hold them',
  scim: '2 requests a person',
  scim_core: '20,000 filters under 150 ms, 1,000 members of 20,000 under 50 ms',
  scim_in: 'a page of 100 under 10 ms, at least 25 changes a second',
  rules: '50,000 people and 40 rules under 2 s of processor time',
  planning: 'rules and plan of 50,000 people and 40 rules under 3 s and 500 MB',
  proxy: 'added median under 1.5 ms, ratio at least 0.6, verbatim and wrapped',
};

const only = process.argv.includes('--only')
  ? new Set(process.argv[process.argv.indexOf('--only') + 1]!.split(','))
  : null;
const unknown = [...(only ?? [])].find((name) => !(parts as readonly string[]).includes(name));
if (unknown !== undefined) throw new Error(`there is no part ${unknown}; there are ${parts.join(', ')}`);
const isWanted = (part: Part): boolean => only === null || only.has(part);

const people = 20_000 * scale;
const figures: Record<string, unknown> = {};

async function syncs(): Promise<void> {
  say('first and unchanged sync, no delay');
  const direct = await syncAgainstBare(people, people * 10, 0, 3);
  figures.sync = direct.figures;
  if (isWanted('sync')) {
    say('first and unchanged sync, 20 ms a page');
    figures.sync_20ms = (await syncAgainstBare(people, people * 10, 20, 3)).figures;
  }
  if (isWanted('api')) {
    say('list of users over HTTP');
    figures.list_users = await apiAgainstConstant(direct.data);
  }
  if (isWanted('large')) {
    say('memory at five times the size');
    const large = await syncAgainstBare(people * 5, people * 50, 0, 1);
    figures.sync_large = large.figures;
    figures.memory_growth = round(large.figures.first_peak_mb / direct.figures.first_peak_mb - 1);
  }
}

async function onPostgres(): Promise<void> {
  await withPostgres(async (server) => {
    if (isWanted('postgres')) {
      say('first and unchanged sync, Postgres and SQLite');
      figures.postgres = await postgresAgainstSqlite(server, people, 3);
    }
    if (isWanted('workers')) {
      say('two worker processes and one');
      const load = { accounts: Math.max(8, 20 * scale), people: 2000 * scale, latencyMs: 150 };
      figures.workers = await workersAgainstOne(server, load, 1);
    }
  });
}

try {
  if (isWanted('sync') || isWanted('api') || isWanted('large')) await syncs();
  if (isWanted('client')) {
    say('client alone');
    figures.client = await clientAgainstBare(100_000 * scale, 3);
  }
  if (isWanted('postgres') || isWanted('workers')) await onPostgres();
  if (isWanted('events')) {
    say('webhook deliveries and events pulled');
    Object.assign(figures, await eventsAgainstBare(2000 * scale, 4));
  }
  if (isWanted('proxy')) {
    say('the proxy and a direct call');
    figures.proxy = await proxyAgainstDirect();
  }
  if (isWanted('agent')) {
    say('what agents are answered, and the pages that hold it');
    figures.agent = await agentAgainstPages(2000 * scale);
  }
  if (isWanted('scim')) {
    say('people made over SCIM');
    figures.scim = await roadAgainstBare(5000 * scale, 0, 3);
    figures.scim_20ms = await roadAgainstBare(5000 * scale, 20, 1);
  }
  if (isWanted('scim-in')) {
    say('people pushed by SCIM');
    figures.scim_core = await scimCore();
    figures.scim_in = await pushedIn(100_000 * scale, 1000 * scale);
  }
  if (isWanted('rules')) {
    say('rules over people');
    figures.rules = await measure('rules-process.ts', [50_000 * scale, 40]);
  }
  if (isWanted('planning')) {
    say('a plan and an adoption report');
    figures.planning = await measure('planning-process.ts', [50_000 * scale, 40]);
  }
  if (isWanted('sources')) {
    say('a directory against ldapsearch, and two sources made one');
    figures.ldap = await ldapAgainstLdapsearch(50_000 * scale, 3);
    figures.join = await joinOfTwo(50_000 * scale, 3);
    say('a file of people');
    figures.csv_rows = await measure('csv-process.ts', [500_000 * scale, 'rows']);
    figures.csv = await measure('csv-process.ts', [500_000 * scale, 'store']);
  }
  const machine = { node: process.version, cores: cpus().length, scale };
  console.log(JSON.stringify({ machine, ...figures, goals }, null, 2));
} finally {
  cleanUp();
}
