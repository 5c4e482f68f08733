import { Worker } from 'node:worker_threads';
import { ForeknowError } from '../../errors/errors.ts';
import type { Noted } from '../ops/noted.ts';
import type { CallOp } from '../ops/ops.ts';
import { fromFailureMessage } from './failure.ts';
import type { WriterAnswer, WriterRequest } from './writer.ts';

/** The writer as its callers see it: calls are done one after another, in the order in which they were made. */
export type WriterThread = {
  readonly call: CallOp;
  /** Waits for what was asked before, then ends the thread. */
  close(): Promise<void>;
};

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: ForeknowError) => void };

/** Beside this file, as source in the checkout and as JavaScript when built. */
const writerScript = new URL(import.meta.url.endsWith('.ts') ? './writer.ts' : './writer.js', import.meta.url);

/** A page's rows are garbage as soon as they are written: room for a few pages is enough. */
const resourceLimits = { maxYoungGenerationSizeMb: 16 };

/** @param script replaces the writer; for proving what callers see when it dies */
export function startWriter(path: string, script: URL = writerScript): WriterThread {
  const worker = new Worker(script, { workerData: { path }, name: 'foreknow-writer', resourceLimits });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let ended: ForeknowError | null = null;

  worker.on('message', (answer: WriterAnswer) => {
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('failure' in answer) call?.reject(fromFailureMessage(answer.failure));
    else call?.resolve(answer.value);
    // Once it is closed, its end is waited for.
    if (waiting.size === 0 && ended === null) worker.unref();
  });
  worker.on('error', (error) => end(writerDied(error)));
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      end(writerDied(undefined));
      resolve();
    });
  });
  worker.unref();

  function end(reason: ForeknowError): void {
    ended ??= reason;
    for (const call of waiting.values()) call.reject(ended);
    waiting.clear();
  }

  function send(op: WriterRequest['op'], args: unknown, note?: Noted): Promise<unknown> {
    if (ended !== null) return Promise.reject(ended);
    lastId += 1;
    // As one text: between threads a text costs a copy, objects and lists far more.
    const request: WriterRequest = { id: lastId, op, args: JSON.stringify(args), note };
    return new Promise((resolve, reject) => {
      waiting.set(request.id, { resolve, reject });
      worker.ref(); // an unanswered write keeps the process alive, an idle writer does not
      worker.postMessage(request);
    });
  }

  return {
    call: ((op, args, note) => send(op, args, note)) as CallOp,
    close: async () => {
      if (ended !== null) return;
      await send('close', null);
      end(new ForeknowError('store_failed', { detail: 'The store is closed.' }));
      worker.ref();
      await exited;
    },
  };
}

const writerDied = (cause: unknown): ForeknowError =>
  new ForeknowError('store_failed', {
    detail: 'The thread that writes to the store has ended.',
    hint: 'Restart the server; what was confirmed before is safe, the rest will be read again.',
    cause,
  });
