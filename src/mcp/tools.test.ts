import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { strictestPolicy } from '../model/field-policy.ts';
import { operatorCaller } from './caller.ts';
import { mcpPage } from './page.ts';
import { oneLine, present } from './present.ts';
import { prompts } from './prompts.ts';
import { tools } from './registry.ts';
import { resourceKinds } from './resource-kinds.ts';
import { runTool, usualLimits } from './run-tool.ts';
import { tool } from './tool.ts';

test.each(tools.map((tool) => [tool.name, tool] as const))('%s is defined as it was reviewed', async (name, tool) => {
  const { title, description, scopes, isLive = false, input, output } = tool;
  const definition = { name, title, description, scopes, isLive, ...schemasOf(input, output) };
  await expect(`${JSON.stringify(definition, null, 2)}\n`).toMatchFileSnapshot(`__toolsnaps__/${name}.snap`);
});

const schemasOf = (input: z.ZodObject, output: z.ZodObject) => ({
  input: z.toJSONSchema(input, { io: 'input' }),
  output: z.toJSONSchema(output),
});

test('resources and prompts are defined as they were reviewed', async () => {
  const kinds = resourceKinds.map(({ tool, like, ...kind }) => ({ ...kind, tool: tool.name, like: like.name }));
  await expect(`${JSON.stringify(kinds, null, 2)}\n`).toMatchFileSnapshot('__toolsnaps__/resources.snap');
  await expect(`${JSON.stringify(prompts, null, 2)}\n`).toMatchFileSnapshot('__toolsnaps__/prompts.snap');
});

test('every step of a prompt names a tool that there is', () => {
  const names = tools.map(({ name }) => name);
  for (const { steps } of prompts) for (const [tool] of steps) expect(names).toContain(tool);
});

test('the page of tools in docs is the one that the registry makes', () => {
  const written = readFileSync(new URL('../../docs/mcp.md', import.meta.url), 'utf8');
  expect(written, 'run: node scripts/mcp-docs.ts').toBe(mcpPage());
});

test('a text is one line without what hides or steers, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const line = oneLine(text);
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      expect([...line].length).toBeLessThanOrEqual(401);
      expect(oneLine(oneLine(text))).toBe(oneLine(line));
    }),
  );
  expect(oneLine('a\u001b[31m\r\n b\u{e0041}')).toBe('a[31m b');
});

test('what says nothing is left out, but not when it is as_of', () => {
  expect(present({ as_of: null, total: 0, more: null, people: [{ id: '1', name: null, groups: [] }] }, null)).toEqual({
    as_of: null,
    total: 0,
    people: [{ id: '1' }],
  });
});

test('under a field policy the frame of an answer stays, and the people in it are gone', () => {
  const person = { id: '7', name: 'Amara Okafor', email: 'amara@example.com', risk_score: 12 };
  const answer = {
    connection: 'acme',
    as_of: 'now',
    total: 3,
    people: [person],
    groups_total: 2,
    more: 'x',
    next_cursor: 'c',
  };
  expect(present(answer, strictestPolicy)).toEqual({
    ...{ connection: 'acme', as_of: 'now', total: 3, groups_total: 2, more: 'x', next_cursor: 'c' },
    people: [{ id: '7', risk_score: 12 }],
  });
});

test('nothing more is read for a call that was taken back', async () => {
  const read: string[] = [];
  const taken = new AbortController();
  const gateway = { connections: { list: async () => ['a', 'b', 'c'].map((id) => ({ id, name: id, tags: [] })) } };
  const look = tool({
    ...{ name: 'look', title: 'Look', description: 'Looks.', scopes: [] },
    async read({ account }) {
      read.push(account.name);
      if (account.name === 'b') taken.abort(new Error('gone'));
      return { as_of: null, total: 0 };
    },
  });
  const run = { caller: operatorCaller, limits: usualLimits, now: new Date(), signal: taken.signal };
  const call = runTool(look, { tag: '*' }, { gateway: gateway as never, ...run });
  await expect(call).rejects.toThrow('gone');
  expect(read).toEqual(['a', 'b']);
});
