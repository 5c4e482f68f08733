import { spawn, spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

/** Whether util-linux' `script` and a shell are here: together they are a terminal that somebody sits at. */
export const hasTerminal = spawnSync('script', ['-qec', 'bash -c true', '/dev/null']).status === 0;

const PROMPT = /\[\[(\d+)\]\] $/;

/** What a command printed, on both ways, and how it ended. */
export type Printed = { readonly code: number; readonly text: string };

/** A shell on a terminal in `folder`. What is asked there is answered from `answers`: the words that a question holds, and what is typed. */
export async function terminal(
  folder: string,
  env: NodeJS.ProcessEnv,
  answers: readonly { readonly asked: string; readonly typed: string }[],
) {
  const shell = spawn('script', ['-qec', 'bash --noprofile --norc --noediting', '/dev/null'], { cwd: folder, env });
  let seen = '';
  let look = () => {};
  const take = (text: Buffer) => {
    seen += text.toString();
    look();
  };
  shell.stdout.on('data', take);
  shell.stderr.on('data', take);
  const ended = new Promise<void>((resolve) => shell.once('close', () => resolve()));

  /** Types a command and waits for the next prompt. */
  const run = (command: string): Promise<Printed> =>
    new Promise((resolve, reject) => {
      seen = '';
      // A question is drawn again once it is answered.
      const given = new Set<string>();
      const late = setTimeout(() => reject(new Error(`${command}: no prompt came after\n${seen}`)), 30_000);
      look = () => {
        const text = stripVTControlCharacters(seen).replaceAll('\r', '');
        const prompt = PROMPT.exec(text);
        if (prompt !== null) {
          clearTimeout(late);
          look = () => {};
          resolve({ code: Number(prompt[1]), text: text.slice(0, prompt.index) });
          return;
        }
        const answer = answers.find(({ asked }) => !given.has(asked) && text.includes(asked));
        if (answer === undefined) return;
        given.add(answer.asked);
        shell.stdin.write(answer.typed);
      };
      shell.stdin.write(`${command}\n`);
    });

  await run("stty -echo cols 200 rows 50; set +m; trap 'kill $(jobs -p); exit' HUP; PS1='[[$?]] '");
  return {
    run,
    /** Ends what runs in the foreground and behind, and the shell. */
    async close() {
      shell.kill('SIGTERM');
      await ended;
    },
  };
}
