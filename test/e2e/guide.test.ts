import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { freePort } from '../support/servers.ts';
import { hasTerminal, terminal } from '../support/terminal.ts';

/*
 * docs/csv-to-knowbe4.md as a newcomer works through it, on a terminal: every file is written as it stands there, every command is
 * typed, and what the guide shows is what comes. Names that are given anew each time (pl_…, app_…) are learned where they are shown first.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
const guide = readFileSync(join(root, 'docs/csv-to-knowbe4.md'), 'utf8');

type Command = { readonly line: string; readonly code: number; readonly shows: readonly string[] };
type Part = { readonly file: string; readonly text: string } | { readonly commands: readonly Command[] };

/** A block behind a line of a file’s name alone is that file; a block `console` is typed. */
function partsOf(text: string): Part[] {
  const blocks = text.matchAll(/(?:^`([\w./-]+)`:?\n\n)?^```(\w+)\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, file, language, body]) => {
    if (file !== undefined) return { file, text: body! };
    expect(language, `a block that is neither a file nor typed:\n${body}`).toBe('console');
    return { commands: commandsOf(body!) };
  });
}

function commandsOf(body: string): Command[] {
  return body
    .split(/^\$ /m)
    .slice(1)
    .map((typed) => {
      const [line, ...shown] = typed.split('\n');
      const code = Number(/# ends with (\d+)/.exec(line!)?.[1] ?? 0);
      return { line: line!, code, shows: shown.map((one) => one.trim()).filter((one) => one !== '' && one !== '…') };
    });
}

const NAME = /\b(?:pl|app)_\w+/g;
const escaped = (text: string) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');

/** The text with the names of the guide as those of this run, as far as they are known. */
const asHere = (names: ReadonlyMap<string, string>, text: string) =>
  text.replaceAll(NAME, (name) => names.get(name) ?? name);

/** Looks for a line that the guide shows, and learns the names in it. */
function expectShown(names: Map<string, string>, printed: string, line: string): void {
  const wanted = [...line.matchAll(NAME)].map(([name]) => name);
  const pattern = escaped(line)
    .replaceAll(NAME, (name) => (names.has(name) ? escaped(names.get(name)!) : `(${name.split('_')[0]}_\\w+)`))
    .replaceAll(/ +/g, ' +')
    .replaceAll('…', '.*');
  const found = new RegExp(pattern).exec(printed);
  expect(found, `the guide shows\n  ${line}\nand what came is\n${printed}`).not.toBeNull();
  for (const [index, name] of wanted.filter((one) => !names.has(one)).entries()) names.set(name, found![index + 1]!);
}

describe.skipIf(!hasTerminal)('the guide', () => {
  test('does what it says', { timeout: 240_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'foreknow-guide-'));
    const bin = join(folder, 'bin');
    const ports = new Map([
      ['4080', String(await freePort())],
      ['4081', String(await freePort())],
    ]);
    const here = (text: string) => text.replaceAll(/\b408[01]\b/g, (port) => ports.get(port)!);
    mkdirSync(bin);
    symlinkSync(process.execPath, join(bin, 'node'));
    const entry = join(root, 'src/main/bin.ts');
    writeFileSync(join(bin, 'foreknow'), `#!/bin/sh\nexec node '${entry}' "$@"\n`, { mode: 0o755 });
    const secret = 'seven quiet ferries';
    const desk = await terminal(
      folder,
      { PATH: `${bin}:${process.env.PATH}`, HOME: folder, TMPDIR: folder, TERM: 'xterm', LANG: 'C.UTF-8' },
      [
        { asked: 'New secret of priya', typed: `${secret}\r` },
        { asked: 'The same again', typed: `${secret}\r` },
        { asked: 'Approve all', typed: 'y' },
        { asked: 'Secret of priya', typed: `${secret}\r` },
      ],
    );
    const names = new Map<string, string>();
    let told = '';
    try {
      for (const part of partsOf(guide)) {
        if ('file' in part) {
          mkdirSync(dirname(join(folder, part.file)), { recursive: true });
          writeFileSync(join(folder, part.file), here(part.text));
          continue;
        }
        for (const { line, code, shows } of part.commands) {
          const printed = await desk.run(here(asHere(names, line)));
          told += `$ ${line}\n${printed.text}\n`;
          expect(printed.code, `${line}\n${printed.text}`).toBe(code);
          for (const one of shows) expectShown(names, printed.text, here(one));
        }
      }
      expect(told).not.toContain(secret);
    } finally {
      if (process.env.GUIDE_LOG) writeFileSync(process.env.GUIDE_LOG, told);
      await desk.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
