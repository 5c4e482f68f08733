import type { Api } from './api.ts';

type Run = {
  readonly id: string;
  readonly status: string;
  readonly started_at: string;
  readonly ended_at: string | null;
};

const LOOK_MS = 50;
const END_MS = 90_000;

const pause = () => new Promise((resolve) => setTimeout(resolve, LOOK_MS));

/** How long after `restarted` (ms) a run of the connection began; null when none did in time. */
export async function nextRunStart(api: Api, name: string, restarted: number, mostMs: number): Promise<number | null> {
  while (Date.now() < restarted + mostMs) {
    const answer = await api.call('GET', `/runs?connection_id=${name}&limit=5`);
    const runs = (answer?.body.result ?? []) as readonly Run[];
    const starts = runs
      .filter(({ status }) => status !== 'queued')
      .map(({ started_at }) => Date.parse(started_at))
      .filter((at) => at >= restarted);
    if (starts.length > 0) return Math.min(...starts) - restarted;
    await pause();
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
    } else {
      const answer = await api.call('GET', `/runs/${id}`);
      const run = answer?.status === 200 ? (answer.body as unknown as Run) : null;
      if (run !== null && run.ended_at !== null) return run;
    }
    await pause();
  }
  return null;
}
