import { spawnSync } from 'node:child_process';

const APT_MS = 300_000;

/** Installs packages of Debian, where that may be done. Services of theirs are not started. @returns whether it was done */
export function aptInstall(packages: readonly string[]): boolean {
  if (process.getuid?.() !== 0) return false;
  // Run level 1 keeps packages from starting what they install.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const apt = (...args: readonly string[]) =>
    spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], { env, stdio: 'ignore', timeout: APT_MS })
      .status === 0;
  return apt('update') && apt('install', '-y', '--no-install-recommends', ...packages);
}
