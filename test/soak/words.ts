import type { Act, Story } from './story.ts';

const span = (ms: number): string => {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
};

function actInWords(act: Act): string {
  switch (act.do) {
    case 'fault': {
      const { kind, endpoint, path, nth = 1, every, count, forMs, ...rest } = act.fault;
      const where = endpoint ?? path ?? 'any call';
      const often = forMs === undefined ? `${count ?? 1}×` : `for ${span(forMs)}`;
      const more = Object.entries(rest).map(([name, value]) => `, ${name} ${value}`);
      return `fault ${kind} on ${where}, from call ${nth}${every === undefined ? '' : ` every ${every}`}, ${often}${more.join('')}`;
    }
    case 'happen':
      return `${act.times}× ${act.what} (from ${(act.pick * 100).toFixed(0)} % of the list)`;
    case 'jump':
      return `our clock jumps ${span(act.ms)} ${act.ms < 0 ? 'back' : 'forward'}`;
    case 'spend':
      return `another program spends ${act.requests} requests`;
    case 'switch':
      return `the service changes: ${JSON.stringify(act.switches)}`;
    case 'disable-token':
      return `the token is disabled for ${span(act.forMs)}`;
    case 'interrupt':
      return `the run is cancelled after ${act.requests} requests`;
    case 'decide':
      return `somebody confirms what is rightly held and ${act.wrong === 'leave' ? 'leaves the rest' : 'dismisses the rest'}`;
    case 'sync':
      return `somebody asks for a sync (${act.level})`;
  }
}

/** The story as it is told after a failure; `steps` are those that were played. */
export function storyInWords(story: Story, steps: readonly number[]): string {
  const { people, enrollments, profile, switches, startAt, latencyMs, directoryEveryMinutes, activityEveryMinutes } =
    story;
  return [
    `${people} people, ${enrollments} enrollments, profile ${profile} ${JSON.stringify(switches)}, from ${startAt},`,
    `answers take ${latencyMs} ms, directory every ${directoryEveryMinutes} min, activity every ${activityEveryMinutes} min, ${span(story.lasts)} long${story.lastJump === 0 ? '' : `, then our clock jumps ${span(story.lastJump)} ${story.lastJump < 0 ? 'back' : 'forward'}`}:`,
    ...steps.map((place) => {
      const step = story.steps[place]!;
      return `  ${place}: +${span(step.at)} ${actInWords(step.act)}`;
    }),
  ].join('\n');
}
