import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { endShared } from './postgres-server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the server of the whole test run is started when the first test asks for it. */
    postgresFolder: string;
    /** The test runner: the server ends with it. */
    runnerPid: number;
  }
}

/** Run once by vitest, before the first test file and after the last one. */
export default function setup(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-postgres-shared-'));
  project.provide('postgresFolder', folder);
  project.provide('runnerPid', process.pid);
  return async () => {
    await endShared(folder);
    rmSync(folder, { recursive: true, force: true });
  };
}
