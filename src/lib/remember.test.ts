import { expect, test } from 'vitest';
import { remember } from './remember.ts';

function lab() {
  const clock = { now: 0, revision: 0 };
  const asked: string[] = [];
  let answer: (key: string) => Promise<string | null> = async (key) => `${key} ${asked.length}`;
  const ask = remember(
    (key: string) => {
      asked.push(key);
      return answer(key);
    },
    { keepMs: 1000, elapsed: () => clock.now, revision: () => clock.revision },
  );
  const answerWith = (next: typeof answer): void => {
    answer = next;
  };
  return { clock, asked, ask, answerWith };
}

test('an answer holds for its time and not longer, each key for itself', async () => {
  const { clock, asked, ask } = lab();
  await Promise.all([ask('a'), ask('a'), ask('b')]);
  clock.now = 999;
  expect(await ask('a')).toBe('a 1');
  expect(asked).toEqual(['a', 'b']);
  clock.now = 1000;
  expect(await ask('a')).toBe('a 3');
});

test('after a change everything is asked anew, also what was asked before it and answered after it', async () => {
  const { clock, asked, ask, answerWith } = lab();
  let finish = (_: string) => {};
  answerWith(
    () =>
      new Promise((resolve) => {
        finish = resolve;
      }),
  );
  const before = ask('a');
  clock.revision += 1;
  answerWith(async () => 'new');
  finish('old');
  expect(await before).toBe('old');
  expect(await ask('a')).toBe('new');
  expect(asked).toEqual(['a', 'a']);
});

test('failures and null are not kept', async () => {
  const { asked, ask, answerWith } = lab();
  answerWith(() => Promise.reject(new Error('away')));
  await expect(ask('a')).rejects.toThrow('away');
  answerWith(async () => null);
  expect(await ask('a')).toBeNull();
  answerWith(async () => 'there');
  expect(await ask('a')).toBe('there');
  expect(asked).toHaveLength(3);
});
