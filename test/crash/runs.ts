import type { Api } from './api.ts';

type Run = {
  readonly id: string;
  readonly status: string;
  readonly started_at: string;
  readonly ended_at: string | null;
};

const LOOK_MS = 100;
/** Until a run that is under way is looked at again; syncs may be asked for five times a second. */
const ASK_MS = 500;
const END_MS = 90_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * How long after `restarted` (ms) a sync of the connection began, went on or ended well; null when none did in time. One that
 * another process has kept doing all the while counts as soon as it is seen to move.
 */
export async function syncGoesOn(api: Api, name: string, restarted: number, mostMs: number): Promise<number | null> {
  let seen: string | null = null;
  while (Date.now() < restarted + mostMs) {
    const runs = (await api.call('GET', `/runs?connection_id=${name}&limit=5`))?.body.result as
      | readonly Run[]
      | undefined;
    const isNew = (runs ?? []).some(
      ({ status, started_at, ended_at }) =>
        status !== 'queued' &&
        (Date.parse(started_at) >= restarted || (status !== 'interrupted' && Date.parse(ended_at ?? '') >= restarted)),
    );
    const progress = JSON.stringify((await api.call('GET', `/connections/${name}/status`))?.body.running ?? null);
    if (isNew || (progress !== 'null' && seen !== null && seen !== progress)) return Date.now() - restarted;
    if (progress !== 'null') seen = progress;
    await pause(LOOK_MS);
  }
  return null;
}

/** Asks for a sync until one is taken, and waits for its end; null when that takes too long. */
export async function endedRun(api: Api, name: string, level: 'full'): Promise<Run | null> {
  const until = Date.now() + END_MS;
  let id: string | null = null;
  while (Date.now() < until) {
    if (id === null) {
      const asked = await api.call('POST', `/connections/${name}/sync`, { level });
      id = asked?.status === 202 ? String(asked.body.run_id) : null;
      await pause(ASK_MS);
    } else {
      const answer = await api.call('GET', `/runs/${id}`);
      const run = answer?.status === 200 ? (answer.body as unknown as Run) : null;
      if (run !== null && run.ended_at !== null) return run;
    }
    await pause(LOOK_MS);
  }
  return null;
}
