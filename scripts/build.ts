/** `npm run build`: compiles `src` to `dist` for publishing, with the page on where the emulator guesses and the files of the connect page. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
rmSync(join(root, 'dist'), { recursive: true, force: true });
const done = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
const page = 'emulator/DIFFERENCES.md';
const files = 'http/connect/assets';
if (done.status === 0) {
  copyFileSync(join(root, 'src', page), join(root, 'dist', page));
  cpSync(join(root, 'src', files), join(root, 'dist', files), { recursive: true });
}
process.exit(done.status ?? 1);
