import type { SyncEstimate } from '../../gateway/types.ts';
import type { RunRecord, StreamRun } from '../../sync/ports.ts';
import { clean } from './cell.ts';
import { table } from './table.ts';
import { count, counted, duration, moment } from './words.ts';

export function runText(run: RunRecord, width: number): string {
  const ms = run.endedAt === null ? null : Date.parse(run.endedAt) - Date.parse(run.startedAt);
  const summary = [
    `${run.level} sync ${run.status}`,
    counted(run.rows, 'row'),
    counted(run.changes, 'change'),
    counted(run.requests, 'request'),
    ...(ms === null ? [] : [duration(ms)]),
  ].join(', ');
  const streams = run.streams.filter(({ status }) => status !== 'skipped');
  return `${streams.length === 0 ? '' : `${streamTable(streams, width)}\n`}${summary}\n${errorLines(run)}`;
}

const streamTable = (streams: readonly StreamRun[], width: number): string =>
  table(
    streams,
    [
      { title: 'stream', value: ({ stream }) => stream, least: 18 },
      { title: 'status', value: ({ status }) => status },
      { title: 'rows', value: ({ rows }) => count(rows), align: 'right' },
      { title: 'bad', value: ({ badRows }) => (badRows === 0 ? null : count(badRows)), align: 'right' },
      { title: 'changes', value: ({ changes }) => count(changes), align: 'right' },
      { title: 'requests', value: ({ requests }) => count(requests), align: 'right' },
      { title: 'time', value: ({ durationMs }) => duration(durationMs), align: 'right' },
      { title: 'proof', value: ({ proof }) => (proof === null ? null : proof.complete ? 'complete' : proof.why) },
    ],
    width,
  );

function errorLines(run: RunRecord): string {
  const ofStreams = run.streams.flatMap(({ stream, error }) =>
    error === null ? [] : [{ where: `${stream}: `, ...error }],
  );
  const isTold = ofStreams.some(({ detail }) => detail === run.error?.detail);
  const errors = run.error === null || isTold ? ofStreams : [{ where: '', ...run.error }, ...ofStreams];
  return errors
    .map(({ where, detail, hint }) => clean(`  ! ${where}${detail}${hint === null ? '' : ` ${hint}`}`))
    .map((line) => `${line}\n`)
    .join('');
}

export function estimateText({ level, requests, durationMs, endsAt, byStream }: SyncEstimate, width: number): string {
  const streams = byStream.filter((stream) => stream.requests > 0);
  const rows = table(
    streams,
    [
      { title: 'stream', value: ({ stream }) => stream, least: 18 },
      { title: 'requests', value: (stream) => count(stream.requests), align: 'right' },
    ],
    width,
  );
  return `${streams.length === 0 ? '' : `${rows}\n`}a ${level} sync: about ${counted(requests, 'request')}, ${duration(durationMs)}, until ${moment(endsAt)}\n`;
}
