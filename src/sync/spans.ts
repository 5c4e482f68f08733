import { failSpan, withSpan } from '../trace/span.ts';
import type { RunRecord } from './ports.ts';
import type { StreamResult } from './run-stream.ts';

/** A span for a run: what was asked, what it cost, how it ended. */
export const runSpan = (connectionId: string, work: () => Promise<RunRecord>): Promise<RunRecord> =>
  withSpan('sync', { attributes: { 'foreknow.connection.id': connectionId } }, async (span) => {
    const run = await work();
    span.setAttributes({
      'foreknow.run.id': run.id,
      'foreknow.run.level': run.level,
      'foreknow.run.trigger': run.trigger,
      'foreknow.run.status': run.status,
      'foreknow.run.requests': run.requests,
      'foreknow.run.rows': run.rows,
      'foreknow.run.changes': run.changes,
    });
    if (run.error !== null) failSpan(span, run.error);
    return run;
  });

/** A span for one stream of a run. */
export const streamSpan = (stream: string, work: () => Promise<StreamResult>): Promise<StreamResult> =>
  withSpan(`sync ${stream}`, { attributes: { 'foreknow.stream': stream } }, async (span) => {
    const result = await work();
    const { status, requests, rows, changes } = result.run;
    span.setAttributes({
      'foreknow.stream.status': status,
      'foreknow.stream.requests': requests,
      'foreknow.stream.rows': rows,
      'foreknow.stream.changes': changes,
    });
    if (result.error !== null) failSpan(span, result.error);
    return result;
  });
