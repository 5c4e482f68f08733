import type { SyncProgress } from '../../gateway/types.ts';
import { cut } from './cell.ts';
import type { Output } from './output.ts';
import { count, counted } from './words.ts';

const CELLS = 12;
/** Redraws a second, at most. */
const REDRAW_MS = 80;

export type ProgressView = {
  update(progress: SyncProgress): void;
  /** Clears what redraws itself; call it before anything else is printed. */
  end(): void;
};

/** How a sync goes: one line that redraws itself on a terminal, a line for each finished stream elsewhere. */
export function showProgress(output: Output, now: () => number): ProgressView {
  return output.progress.isLive ? liveLine(output, now) : plainLines(output);
}

function plainLines(output: Output): ProgressView {
  return {
    update: (progress) => {
      if (progress.streamDone) output.note(`${progress.stream}: ${counted(progress.rows, 'row')}`);
    },
    end: () => {},
  };
}

function liveLine(output: Output, now: () => number): ProgressView {
  const { write, width } = output.progress;
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    update: (progress) => {
      if (!progress.streamDone && now() - drawnAt < REDRAW_MS) return;
      drawnAt = now();
      write(`\r\x1b[2K${cut(progressLine(progress), width - 1)}`);
    },
    end: () => write('\r\x1b[2K'),
  };
}

/** `sync  users ███████░░░░░ 800 of 1,204   3 of about 111 requests` */
export function progressLine(progress: SyncProgress): string {
  const { stream, rows, expectedRows, requests, expectedRequests } = progress;
  const share = Math.min(1, requests / Math.max(1, expectedRequests));
  const filled = Math.round(share * CELLS);
  const bar = '█'.repeat(filled) + '░'.repeat(CELLS - filled);
  const of = expectedRows === null || expectedRows < rows ? '' : ` of ${count(expectedRows)}`;
  return `sync  ${bar}  ${stream} ${count(rows)}${of}   ${count(requests)} of about ${counted(Math.max(requests, expectedRequests), 'request')}`;
}
