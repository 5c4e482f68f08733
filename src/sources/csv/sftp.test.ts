import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { isForeknowError } from '../../errors/errors.ts';
import { csvSource } from './csv-source.ts';
import type { CsvOptions } from './options.ts';
import { overSftp, type SftpOptions } from './sftp.ts';

const SSHD = '/usr/sbin/sshd';
const hasServer = inject('sshd');

let home: string;
let drop: string;
let server: ChildProcess | null = null;
let port = 0;

const at = (name: string): string => join(home, name);
const key = (name: string): string => readFileSync(at(name), 'utf8');
const publicKey = (name: string): string => key(`${name}.pub`).trim();
const fingerprint = (name: string): string =>
  `SHA256:${createHash('sha256')
    .update(Buffer.from(publicKey(name).split(' ')[1]!, 'base64'))
    .digest('base64')
    .replace(/=+$/, '')}`;

const freePort = async (): Promise<number> => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const found = (taken.address() as { port: number }).port;
  await new Promise((resolve) => taken.close(resolve));
  return found;
};

/** A server for this user alone, with keys of its own, whose people may do nothing but SFTP. */
async function startServer(): Promise<void> {
  home = mkdtempSync(join(tmpdir(), 'foreknow-sftp-'));
  drop = at('out');
  mkdirSync(drop);
  const make = (name: string, kind: string, words = '') =>
    execFileSync('ssh-keygen', ['-q', '-t', kind, '-N', words, '-C', 'made for a test', '-f', at(name)]);
  make('host', 'ed25519');
  make('host_rsa', 'rsa');
  make('user', 'ed25519');
  make('sealed', 'ed25519', 'opens it');
  make('stranger', 'ed25519');
  writeFileSync(at('authorized'), `${publicKey('user')}\n${publicKey('sealed')}\n`, { mode: 0o600 });
  port = await freePort();
  const lines = [
    ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${at('host')}`, `HostKey ${at('host_rsa')}`],
    ...['PidFile none', 'UsePAM no', 'StrictModes no', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
    ...[`AuthorizedKeysFile ${at('authorized')}`, 'Subsystem sftp internal-sftp', 'ForceCommand internal-sftp'],
    ...['PermitRootLogin prohibit-password', 'LogLevel ERROR'],
  ];
  writeFileSync(at('sshd_config'), `${lines.join('\n')}\n`);
  // As root it wants a folder to drop its rights in.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  server = spawn(SSHD, ['-D', '-e', '-f', at('sshd_config')], { stdio: 'ignore' });
  for (let tries = 0; tries < 100; tries += 1) {
    const isUp = await fetch(`http://127.0.0.1:${port}`).then(
      () => true,
      (error: unknown) => !JSON.stringify((error as Error).cause ?? {}).includes('ECONNREFUSED'),
    );
    if (isUp) return;
    await sleep(50);
  }
  throw new Error('sshd does not answer');
}

const put = (name: string, content: string, minute = 0): void => {
  writeFileSync(join(drop, name), content);
  const time = new Date(1_780_000_000_000 + minute * 60_000);
  utimesSync(join(drop, name), time, time);
};

const signal = new AbortController().signal;
const sftp = (changes: Partial<SftpOptions> = {}, pattern = 'people_*.csv'): SftpOptions => ({
  ...{ address: `sftp://${userInfo().username}@127.0.0.1:${port}${drop}/${pattern}`, hostKeys: [fingerprint('host')] },
  ...{ key: key('user'), beside: [], spoolFolder: at('spool') },
  ...changes,
});

async function read(options: SftpOptions, csv: Partial<CsvOptions> = {}) {
  const source = csvSource({ name: 'hr', id: 'id', ...csv }, overSftp(options));
  const { people, done } = await source.read({ keep: new Set(['name']), signal });
  const ids: string[] = [];
  for await (const { sourceId } of people) ids.push(sourceId);
  return { ids, ...(await done()) };
}

const refusal = async (options: SftpOptions): Promise<string> => {
  try {
    await read(options);
  } catch (error) {
    if (!isForeknowError(error)) throw error;
    return `${error.code}: ${error.detail}`;
  }
  throw new Error('nothing was refused');
};

describe.runIf(hasServer)('SFTP with OpenSSH', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    await startServer();
    put('people_1.csv', 'id,name\n1,Ada\n', 1);
    put('people_2.csv', 'id,name\n1,Ada\n2,Ben\n', 2);
    put('people_2.csv.rows', '2\n', 3);
    put('other.csv', 'id\n9\n', 4);
    symlinkSync(at('user'), join(drop, 'people_3.csv'));
  }, 60_000);
  afterAll(() => {
    server?.kill('SIGTERM');
    rmSync(home, { recursive: true, force: true });
  });

  test('the newest file of the pattern is fetched; links are not followed; nothing of it stays', async () => {
    expect(await read(sftp())).toMatchObject({ ids: ['1', '2'], state: 'unproven' });
    expect(readdirSync(at('spool'))).toEqual([]);
  });

  test('what stands beside the file proves it', async () => {
    const csv = { completeWhen: { rowsFile: '{file}.rows' } };
    expect(await read(sftp({ beside: ['{file}.rows'] }, 'people_*'), csv)).toMatchObject({ state: 'complete' });
    expect(await read(sftp({ beside: ['{file}.none'] }), { completeWhen: { rowsFile: '{file}.none' } })).toMatchObject({
      ...{ state: 'incomplete', words: 'The file people_2.csv.none is not there (yet).' },
    });
  });

  test('the host key may be pinned as a public key, of another kind too', async () => {
    expect((await read(sftp({ hostKeys: [publicKey('host')] }))).ids).toHaveLength(2);
    expect((await read(sftp({ hostKeys: [`[127.0.0.1]:${port} ${publicKey('host_rsa')}`] }))).ids).toHaveLength(2);
  });

  test('a server with another key is told nothing, and its key is named', async () => {
    expect(await refusal(sftp({ hostKeys: [fingerprint('stranger')] }))).toBe(
      `source_unreachable: 127.0.0.1:${port} shows another host key than the one that is pinned: ${fingerprint('host')}.`,
    );
  });

  test('who is not let in, and what is not there, is said', async () => {
    expect(await refusal(sftp({ key: key('stranger') }))).toMatch(/^source_unauthorized: .* does not take the user/);
    expect(await refusal(sftp({ key: key('sealed') }))).toBe('source_unauthorized: The private key cannot be read.');
    expect((await read(sftp({ key: key('sealed'), passphrase: 'opens it' }))).ids).toHaveLength(2);
    expect(await refusal(sftp({}, 'none_*.csv'))).toMatch(/^not_found: No file none_\*\.csv is in /);
    expect(await refusal(sftp({}, 'none/x.csv'))).toMatch(
      /^source_rejected: .* does not give the folder or the file\.$/,
    );
    const nowhere = await freePort();
    expect(await refusal(sftp({ address: `sftp://me@127.0.0.1:${nowhere}/x.csv` }))).toMatch(
      /^source_unreachable: .*ECONNREFUSED/,
    );
  });

  test('no secret is in what is told', async () => {
    const errors = await Promise.all([
      refusal(sftp({ key: key('stranger') })),
      refusal(sftp({ key: key('sealed'), passphrase: 'hunter2-canary' })),
    ]);
    expect(errors.join('\n')).not.toMatch(/canary|PRIVATE|BEGIN/);
  });

  test('a read that is told to end ends, and leaves nothing', async () => {
    const cancel = new AbortController();
    cancel.abort(new Error('stopping'));
    const source = csvSource({ name: 'hr', id: 'id' }, overSftp(sftp()));
    await expect(source.read({ keep: new Set(), signal: cancel.signal })).rejects.toThrow('stopping');
    expect(readdirSync(at('spool'))).toEqual([]);
  });
});
