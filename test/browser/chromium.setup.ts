import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { aptInstall } from '../support/apt.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where Chromium is; null where tests in a browser cannot run. */
    chromium: string | null;
  }
}

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Run once by vitest, before the first test file: finds a Chromium for the tests that drive one. Where there is none, and
 * this is a Debian whose packages may be installed, it is installed; where that fails one line says what is left out.
 */
export default function setup(project: TestProject): void {
  const path = find() ?? (aptInstall(['chromium']) ? find() : null);
  if (path === null) {
    console.log(
      'Tests in a browser are left out: there is no Chromium here, and it cannot be installed (apt, as root).',
    );
  }
  project.provide('chromium', path);
}

const find = (): string | null =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path)) ?? null;
