import { expect, test } from 'vitest';
import { createClient } from './client.ts';

test('the steps of a plan are read to their end, part after part', async () => {
  const asked: string[] = [];
  const fetch = async (url: string | URL | Request) => {
    const { pathname, searchParams } = new URL(String(url));
    asked.push(`${pathname} ${searchParams}`);
    const from = Number(searchParams.get('after') ?? -1) + 1;
    const rows = [0, 1, 2, 3, 4].slice(from, from + 2);
    const result = rows.map((position) => ({ step: { id: `st_${position}`, position }, entry: null }));
    return Response.json({ result });
  };
  const client = createClient({ baseUrl: 'https://foreknow.example.com', token: 'fk_x', fetch });
  const steps = await client.plans.steps('pl_1', { limit: 2, action: 'archive' }).all();
  expect(steps.map(({ step }) => step.id)).toEqual(['st_0', 'st_1', 'st_2', 'st_3', 'st_4']);
  expect(asked).toEqual(
    ['', '&after=1', '&after=3', '&after=4'].map((after) => `/api/v1/plans/pl_1/steps limit=2&action=archive${after}`),
  );
});
