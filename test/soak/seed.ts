import type { Profile } from '../../src/emulator/index.ts';
import type { Store } from '../../src/store/store.ts';
import type { Finding } from './checks.ts';
import { type Figures, type Played, playStory } from './play.ts';
import { type Story, storyOf } from './story.ts';
import { storyInWords } from './words.ts';

export type SeedResult = {
  readonly seed: number;
  readonly findings: readonly Finding[];
  readonly figures: Figures;
  /** What failed, told; null when nothing did. */
  readonly told: string | null;
};

let connections = 0;

/** Plays one seed; a failure is cut down to the steps it needs and told with the command that plays it again. */
export async function playSeed(
  seed: number,
  store: Store,
  {
    profile,
    steps = null,
    shrinks = true,
  }: {
    readonly profile?: Profile | undefined;
    readonly steps?: readonly number[] | null;
    readonly shrinks?: boolean;
  } = {},
): Promise<SeedResult> {
  const story = storyOf(seed, profile);
  const play = (only: readonly number[] | null) => {
    connections += 1;
    return playStory(story, only, store, `con_${seed}_${connections}`);
  };
  const played = await play(steps);
  const { findings, figures } = played;
  if (findings.length === 0) return { seed, findings, figures, told: null };
  const all = steps ?? story.steps.map((_, place) => place);
  const least = shrinks ? await shrink(all, played, play) : { steps: all, played };
  return { seed, findings, figures, told: tell(story, profile, least) };
}

type Told = { readonly steps: readonly number[]; readonly played: Played };

/** Longest time spent on making a failure smaller, ms. */
const SHRINK_MS = 60_000;

/** Leaves out what the failure does not need: halves first, then step by step. */
async function shrink(
  steps: readonly number[],
  played: Played,
  play: (only: readonly number[]) => Promise<Played>,
): Promise<Told> {
  let best: Told = { steps, played };
  const until = performance.now() + SHRINK_MS;
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.steps.length && performance.now() < until; ) {
      const fewer = [...best.steps.slice(0, from), ...best.steps.slice(from + size)];
      const tried = await play(fewer);
      if (tried.findings.length > 0) best = { steps: fewer, played: tried };
      else from += size;
    }
  }
  return best;
}

function tell(story: Story, profile: Profile | undefined, { steps, played }: Told): string {
  const command = `npm run soak -- --seed ${story.seed} --steps ${steps.join(',') || 'none'}${profile === undefined ? '' : ` --profile ${profile}`}`;
  return [
    `seed ${story.seed}: ${played.findings.join('\n  ')}`,
    storyInWords(story, steps),
    ...played.log.slice(-14).map((line) => `  ${line}`),
    `again: ${command}`,
  ].join('\n');
}
