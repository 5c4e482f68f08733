import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/index.ts';
import { haldenRules } from './halden-rules.ts';
import { type Company, type ExportRow, exportText, managerless, nextExport, settledExport } from './sample-export.ts';

const today = new Date('2026-11-21T10:00:00Z');
let emulator: Emulator;
let company: Company;
beforeAll(async () => {
  emulator = await startEmulator({ people: 250, provisioner: 'none' });
  company = emulator.truth();
});
afterAll(() => emulator.close());

const byId = (rows: readonly ExportRow[]) => new Map(rows.map((row) => [row.person_id, row]));

test('the settled export has everybody who is active, once, as they are', () => {
  const rows = settledExport(company);
  const active = company.users.filter(({ status }) => status === 'active');
  expect(rows.map(({ email }) => email)).toEqual(active.map(({ email }) => email));
  expect(byId(rows).size).toBe(rows.length);
  expect(rows.every(({ status }) => status === 'employed')).toBe(true);
});

test('the next night 12 begin, 19 change, one is back, 4 leave and one has the address of somebody else', () => {
  const before = byId(settledExport(company));
  const after = nextExport(company, today);
  expect(byId(after).size).toBe(after.length);
  expect([...before.keys()].filter((id) => !byId(after).has(id))).toEqual([]);
  const added = after.filter(({ person_id: id }) => !before.has(id));
  const back = added.filter(({ email }) => company.users.some((user) => user.email === email));
  expect([added.length, back.length]).toEqual([13, 1]);
  expect(company.users.find(({ email }) => email === back[0]!.email)).toMatchObject({ status: 'archived' });

  const changed = after.filter((row) => {
    const old = before.get(row.person_id);
    return old !== undefined && exportText([old]) !== exportText([row]);
  });
  const left = changed.filter(({ status }) => status === 'terminated');
  const addresses = Map.groupBy(after, ({ email }) => email);
  const doubled = changed.filter(({ email }) => addresses.get(email)!.length > 1);
  expect([changed.length, left.length, doubled.length]).toEqual([19 + 4 + 1, 4, 1]);
});

test('newcomers begin today or within the two days after it, and leavers have left before yesterday', () => {
  const rows = nextExport(company, today);
  const begins = rows.filter(({ person_id: id }) => id.startsWith('HR-N')).map(({ hired_on: day }) => day);
  expect(new Set(begins)).toEqual(new Set(['2026-11-21', '2026-11-22', '2026-11-23']));
  for (const { terminated_on: day } of rows.filter(({ status }) => status === 'terminated')) {
    expect(day <= '2026-11-19').toBe(true);
  }
});

test('neither admins nor managers nor who is protected change', () => {
  const before = byId(settledExport(company));
  const board = company.groups.find(({ name }) => name === 'Board & assistants')!.id;
  const aside = company.users.filter(
    ({ email, groups }) =>
      groups.includes(board) ||
      company.account.admins.some((admin) => admin.email === email) ||
      company.users.some(({ manager_email: manager }) => manager === email),
  );
  expect(aside.length).toBeGreaterThan(10);
  const after = byId(nextExport(company, today));
  for (const { id, status } of aside) {
    if (status === 'active') expect(after.get(`HR-${id}`)).toEqual(before.get(`HR-${id}`));
  }
});

test('a company of any size has an export, and a small one changes less', async () => {
  for (const people of [1, 3, 60]) {
    const small = await startEmulator({ people, provisioner: 'none' });
    const rows = nextExport(small.truth(), today);
    const settled = settledExport(small.truth()).length;
    await small.close();
    expect(byId(rows).size).toBe(rows.length);
    expect(rows.length).toBeLessThanOrEqual(settled + 4);
  }
});

test('the file quotes what has to be quoted and says how many rows there are', () => {
  const [row] = settledExport(company);
  const lines = exportText([{ ...row!, job_title: 'Cook, "chef"' }]).split('\n');
  expect(lines[0]).toMatch(/^person_id,employee_number,/);
  expect(lines[1]).toContain('"Cook, ""chef"""');
  expect(lines.slice(2)).toEqual(['#END rows=1', '']);
});

test('whose manager has no active account is found', () => {
  const found = new Set(managerless(company));
  expect(found.size).toBeGreaterThan(0);
  for (const { id, status, manager_email: manager } of company.users) {
    const has = company.users.some((user) => user.email === manager && user.status === 'active');
    expect(found.has(id)).toBe(status === 'active' && manager !== null && !has);
  }
});

test('the rules of the demo are those of the example', () => {
  expect(haldenRules).toBe(readFileSync('examples/rules/halden.yaml', 'utf8'));
});
