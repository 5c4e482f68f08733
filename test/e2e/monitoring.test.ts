import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { errorCatalog } from '../../src/errors/catalog.ts';
import { type Server, startServer } from '../../src/main/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'foreknow-monitoring-'));

let emulator: Emulator;
let server: Server;
let receiver: HttpServer;
/** What a real gateway tells after a first sync, a second one, calls of the API, a refusal and a 429. */
let samples: Map<string, Map<string, Set<string>>>;

beforeAll(async () => {
  emulator = await startEmulator({ people: 30, enrollments: 60, limits: false });
  receiver = createServer((_, response) => void response.writeHead(204).end());
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const webhooks = { allowHosts: ['127.0.0.0/8'] };
  server = await startServer({ folder, port: 0, allowBaseUrls: true, scheduler: false, webhooks });
  const { gateway } = server;
  await gateway.connections.connect({
    name: 'acme',
    region: emulator.region,
    reportingToken: emulator.reportingToken,
    reportingUrl: emulator.url,
    settings: { limits: { perSecond: null, perMinute: 10_000 } },
  });
  await gateway.sync.run('acme', { level: 'full' });
  const { port } = receiver.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/`;
  await gateway.webhooks.create(
    { url, types: ['user.*'] },
    { fieldPolicy: null, connectionIds: null, families: ['directory'] },
  );
  emulator.advance(10 * 24 * 3_600_000);
  emulator.addFault({ kind: 'rate-limited', retryAfterS: 1 });
  await gateway.sync.run('acme', { level: 'full' });
  const { secret } = await gateway.tokens.create({ name: 'scraper', scopes: ['metrics'] });
  const call = (path: string, token: string) =>
    fetch(server.url + path, { headers: { authorization: `Bearer ${token}` } });
  await call('/api/v1/connections', 'fk_wrong');
  const delivered = /^foreknow_deliveries_total\{outcome="delivered"\} [1-9]/m;
  await vi.waitFor(async () => expect(await (await call('/metrics', secret)).text()).toMatch(delivered), 20_000);
  samples = samplesOf(await (await call('/metrics', secret)).text());
});

afterAll(async () => {
  await server.close();
  await emulator.close();
  await new Promise((resolve) => receiver.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** Name of a sample → its labels → their values. */
function samplesOf(text: string): Map<string, Map<string, Set<string>>> {
  const found = new Map<string, Map<string, Set<string>>>();
  for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
    const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    const known = found.get(name) ?? new Map<string, Set<string>>();
    found.set(name, known);
    for (const [, label, value] of labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
      known.set(label!, (known.get(label!) ?? new Set()).add(value!));
    }
  }
  return found;
}

/** Labels that Prometheus itself gives to what it scrapes. */
const given = ['job', 'instance'];

/** Values that a sync without trouble does not show. */
const possible: Readonly<Record<string, readonly string[]>> = {
  state: ['active', 'needs_reauth', 'validation_error', 'connecting', 'paused'],
  status: ['done', 'partial', 'failed', 'parked', 'interrupted'],
  code: Object.keys(errorCatalog),
};

/** What a query asks for that the gateway does not tell. */
function problemsOf(expr: string): string[] {
  const problems: string[] = [];
  const labels = new Set(given);
  for (const [, name, matchers] of expr.matchAll(/\b((?:foreknow|nodejs|process)_\w+)\b(?:\{([^}]*)\})?/g)) {
    const sample = samples.get(name!);
    if (sample === undefined) {
      problems.push(`${name} is not told`);
      continue;
    }
    for (const label of sample.keys()) labels.add(label);
    for (const [, label, operator, text] of (matchers ?? '').matchAll(/(\w+)\s*(=~|=)\s*"([^"]*)"/g)) {
      if (given.includes(label!)) continue;
      const values = sample.get(label!);
      if (values === undefined) problems.push(`${name} has no label ${label}`);
      const wanted = operator === '=' ? [text!] : text!.split('|');
      for (const value of wanted.filter((one) => !one.startsWith('$'))) {
        if (!values?.has(value) && !possible[label!]?.includes(value))
          problems.push(`${name} has no ${label}="${value}"`);
      }
    }
  }
  for (const label of groupedBy(expr)) if (!labels.has(label)) problems.push(`nothing in it has a label ${label}`);
  return problems;
}

const groupedBy = (expr: string): string[] =>
  [...expr.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, names]) => names!.split(',').map((name) => name.trim()));

/** Labels that are left when the query is through. */
function labelsAfter(expr: string): string[] {
  const first = /\bby\s*\(([^)]*)\)/.exec(expr);
  if (first !== null) return first[1]!.split(',').map((name) => name.trim());
  if (/^(sum|min|max|avg|count)\(/.test(expr)) return [];
  const [name = ''] = /\b(?:foreknow|nodejs|process)_\w+/.exec(expr) ?? [];
  return [...given, ...(samples.get(name)?.keys() ?? [])];
}

type Panel = { title: string; type: string; targets?: { expr: string; legendFormat: string }[] };
type Dashboard = { panels: Panel[]; templating: { list: { name: string; type: string; definition?: string }[] } };
type Rules = { groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[] };

const dashboard = JSON.parse(read('deploy/grafana/foreknow.json')) as Dashboard;
const rules = (parse(read('deploy/prometheus/foreknow.rules.yaml')) as Rules).groups.flatMap((group) => group.rules);

test('every query of the dashboard asks for figures and labels that a gateway tells', () => {
  const targets = dashboard.panels.flatMap(({ title, targets: all = [] }) =>
    all.map((target) => ({ title, ...target })),
  );
  expect(targets.length).toBeGreaterThan(25);
  for (const { title, expr, legendFormat } of targets) {
    expect(problemsOf(expr), `${title}: ${expr}`).toEqual([]);
    for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(labelsAfter(expr), expr).toContain(label);
  }
});

test('every variable of the dashboard has values, and every one that a query names is there', () => {
  const { list } = dashboard.templating;
  for (const { definition } of list.filter(({ type }) => type === 'query')) {
    const [, name, label] = /^label_values\((\w+), (\w+)\)$/.exec(definition!)!;
    expect([...given, ...samples.get(name!)!.keys()]).toContain(label);
  }
  const names = [...list.map(({ name }) => name), '__rate_interval'];
  for (const [, name] of JSON.stringify(dashboard.panels).matchAll(/\$\{?(\w+)\}?/g)) expect(names).toContain(name);
});

test('every alert rule asks for figures and labels that a gateway tells', () => {
  for (const { alert, expr, annotations } of rules) {
    expect(problemsOf(expr), alert).toEqual([]);
    for (const [, label] of Object.values(annotations)
      .join(' ')
      .matchAll(/\$labels\.(\w+)/g)) {
      expect(labelsAfter(expr), alert).toContain(label);
    }
  }
});

test('every figure of ours is on the dashboard or in a rule, and in the documents', () => {
  const used = JSON.stringify(dashboard) + JSON.stringify(rules);
  const page = read('docs/operating.md');
  const names = [...samples.keys()]
    .map((name) => name.replace(/_(bucket|sum|count)$/, ''))
    .filter((name) => name.startsWith('foreknow_'));
  expect(names.length).toBeGreaterThan(20);
  for (const name of new Set(names)) {
    expect(used).toContain(name);
    expect(page).toContain(`\`${name}\``);
  }
});
