import { expect, test } from 'vitest';
import { type Waiting, waitUntilShown } from './wait-shown.ts';

const START = Date.parse('2026-11-21T09:00:00.000Z');
const MINUTE = 60_000;
const about = { readsALook: 4, visibleBy: '2026-11-21T09:20:00.000Z' };

/** A clock that sleeping moves; KnowBe4 shows everything from `visibleAt` on, to whoever looks after that. */
function world(visibleAt: number, failing: (time: number) => string | null = () => null) {
  let time = START;
  let isSeen = false;
  const looks: number[] = [];
  const lines: { readonly line: string; readonly isNews: boolean }[] = [];
  const ending = new AbortController();
  const waiting: Waiting<boolean> = {
    ...{ now: () => time, signal: ending.signal },
    async sleep(ms) {
      time += ms;
    },
    async look() {
      looks.push((time - START) / MINUTE);
      isSeen = failing(time) === null && time >= visibleAt;
      return failing(time);
    },
    standing: async () => isSeen,
    isSettled: (standing) => standing,
    wordsOf: () => '2 accepted',
    show: (line, isNews) => lines.push({ line, isNews }),
  };
  return { waiting, looks, lines, ending };
}
const news = (lines: readonly { readonly line: string; readonly isNews: boolean }[]) =>
  lines.flatMap(({ line, isNews }) => (isNews ? [line] : []));

test('looks soon, then now and then, says when the next look is, and ends with the look that shows it', async () => {
  const { waiting, looks, lines } = world(START + 7 * MINUTE);
  expect(await waitUntilShown(waiting, about)).toBe(true);
  expect(looks).toEqual([2, 5, 8]);
  expect(news(lines)).toEqual(
    ['09:02', '09:05', '09:08'].map(
      (next) => `2 accepted, next look at ${next} UTC; KnowBe4 usually shows it by 09:20 UTC`,
    ),
  );
});

test('a big account is looked at more seldom', async () => {
  const { waiting, looks } = world(START + 31 * MINUTE);
  await waitUntilShown(waiting, { ...about, readsALook: 200, visibleBy: null });
  expect(looks).toEqual([2, 17, 32]);
});

test('a look that fails is told, and the next one is made all the same', async () => {
  const isDown = (time: number) => (time < START + 4 * MINUTE ? 'KnowBe4 does not answer.' : null);
  const { waiting, lines } = world(START, isDown);
  await waitUntilShown(waiting, about);
  expect(news(lines)[1]).toContain('2 accepted (the last look failed: KnowBe4 does not answer.), next look at 09:05');
});

test('whoever stops waiting is told how it stands', async () => {
  const { waiting, looks, ending } = world(START + 60 * MINUTE);
  const sleep = async (ms: number, signal: AbortSignal) => {
    await waiting.sleep(ms, signal);
    if (looks.length === 2) ending.abort();
  };
  expect(await waitUntilShown({ ...waiting, sleep }, about)).toBe(false);
  expect(looks).toHaveLength(2);
});
