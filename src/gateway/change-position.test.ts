import { expect, test } from 'vitest';
import { checkPosition } from './change-position.ts';

const bounds = { head: 1_000_000_050, droppedTo: 5, gaps: [{ after: 20, until: 1_000_000_020 }] };
const codeAt = (after: number): string => {
  try {
    checkPosition(after, bounds);
    return 'goes on';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test('a position goes on where nothing that follows it is lost, and says so where something is', () => {
  // Before what is kept; 0 is its beginning, whatever that is.
  expect([0, 1, 4, 5, 6].map(codeAt)).toEqual(['goes on', 'cursor_expired', 'cursor_expired', 'goes on', 'goes on']);
  // What a reader of the store knows that was lost, and what was written since it was put back.
  expect([20, 21, 1_000_000_019].map(codeAt)).toEqual(['goes on', 'cursor_expired', 'cursor_expired']);
  expect([1_000_000_020, 1_000_000_050, 1_000_000_051].map(codeAt)).toEqual(['goes on', 'goes on', 'invalid_cursor']);
});
