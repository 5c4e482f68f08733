import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openKeyRing } from './key-ring.ts';
import type { SealedSecret } from './ports.ts';
import { createVault, sealedSecret } from './vault.ts';

const owner = { connectionId: 'con_a', kind: 'reporting' } as const;
const keyA = Buffer.alloc(32, 1).toString('base64url');
const keyB = Buffer.alloc(32, 2).toString('base64url');
const vaultOf = (text: string) => createVault(openKeyRing({ folder: '/nowhere', text, hasSecrets: true }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'foreknow-vault-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('an envelope', () => {
  test('opens to what was sealed, shows nothing of it, and never looks the same twice', () => {
    const vault = vaultOf(keyA);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (secret) => {
        const [first, second] = [vault.seal(owner, secret), vault.seal(owner, secret)];
        expect(vault.open(owner, first)).toBe(secret);
        expect(first).not.toBe(second);
        if (secret.length > 8) expect(first).not.toContain(secret);
      }),
    );
  });

  test('is sealed by the first key and opened by every key of the ring', () => {
    const byB = vaultOf(keyB).seal(owner, 'token-b');
    const both = vaultOf(`${keyA}\n${keyB}`);
    expect(both.open(owner, byB)).toBe('token-b');
    const sealed = both.seal(owner, 'token-a');
    expect(vaultOf(keyA).open(owner, sealed)).toBe('token-a');
    expect(() => vaultOf(keyB).open(owner, sealed)).toThrow(expect.objectContaining({ code: 'key_missing' }));
  });

  test('of one connection or kind does not open in the place of another', () => {
    const vault = vaultOf(keyA);
    const sealed = vault.seal(owner, 'token');
    const refusal = expect.objectContaining({ code: 'key_missing' });
    expect(() => vault.open({ ...owner, connectionId: 'con_b' }, sealed)).toThrow(refusal);
    expect(() => vault.open({ ...owner, kind: 'scim' }, sealed)).toThrow(refusal);
  });

  test('with any character changed does not open', () => {
    const vault = vaultOf(keyA);
    const sealed = vault.seal(owner, 'a-token-of-some-length');
    const replaced = (index: number) => (sealed[index] === 'A' ? 'Q' : 'A');
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = sealed.slice(0, index) + replaced(index) + sealed.slice(index + 1);
      let opened: string | null = null;
      try {
        opened = vault.open(owner, changed);
      } catch (error) {
        expect(error).toMatchObject({ code: 'key_missing' });
      }
      // The last character of a base64url part may carry bits that do not count.
      if (opened !== null)
        expect([opened, '.'.includes(sealed[index + 1] ?? '.')]).toEqual(['a-token-of-some-length', true]);
    }
  });
});

describe('the key ring', () => {
  test('is made on first start for its owner alone, and is the same afterwards', () => {
    const sealed = createVault(openKeyRing({ folder, text: null, hasSecrets: false })).seal(owner, 'token');
    const path = join(folder, 'vault.key');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const again = createVault(openKeyRing({ folder, text: null, hasSecrets: true }));
    expect(again.open(owner, sealed)).toBe('token');
  });

  test('of two processes that start at once is one and the same', async () => {
    const script = `
      import { openKeyRing } from ${JSON.stringify(new URL('./key-ring.ts', import.meta.url).href)};
      console.log(openKeyRing({ folder: ${JSON.stringify(folder)}, text: null, hasSecrets: false }).keys[0].id);`;
    const start = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    const ids = (await Promise.all([start(), start(), start()])).map(({ stdout }) => stdout);
    expect(new Set(ids).size).toBe(1);
    expect(readdirSync(folder)).toEqual(['vault.key']);
  });

  test('is not made anew over secrets that it could not open', () => {
    expect(() => openKeyRing({ folder, text: null, hasSecrets: true })).toThrow(
      expect.objectContaining({ code: 'key_missing', detail: expect.stringContaining('vault.key') }),
    );
  });

  test('with a line that is not a key is refused without showing the line', () => {
    const short = Buffer.alloc(31, 7).toString('base64url');
    for (const line of [short, `${keyA}x`, 'not a key at all, though long enough to be one']) {
      const error = (() => {
        try {
          return vaultOf(`${keyA}\n${line}`);
        } catch (thrown) {
          return thrown;
        }
      })();
      expect(error).toMatchObject({ code: 'config_invalid' });
      expect(String(error)).not.toContain(line);
    }
    expect(() => vaultOf('# only words\n\n')).toThrow(expect.objectContaining({ code: 'key_missing' }));
  });
});

describe('rotation', () => {
  const memoryStore = (secrets: SealedSecret[]) => ({
    listSecrets: async () => [...secrets],
    resealSecret: async (read: SealedSecret, sealed: string) => {
      const place = secrets.findIndex(({ connectionId }) => connectionId === read.connectionId);
      if (secrets[place]!.sealed !== read.sealed) return false;
      secrets[place] = { ...read, sealed };
      return true;
    },
  });

  test('puts a new key in front of the file and seals everything under it; old envelopes still open', async () => {
    const vault = createVault(openKeyRing({ folder, text: null, hasSecrets: false }));
    const before = readFileSync(join(folder, 'vault.key'), 'utf8');
    const secrets = ['con_a', 'con_b'].map((connectionId) =>
      sealedSecret(vault, { connectionId, kind: 'reporting' }, `token of ${connectionId}`, ''),
    );
    const old = secrets[0]!;
    expect(await vault.rotate(memoryStore(secrets))).toEqual({ resealed: 2, keys: 2 });
    const [newest, ...rest] = readFileSync(join(folder, 'vault.key'), 'utf8').split('\n');
    expect(rest.join('\n')).toBe(before);
    for (const secret of secrets) {
      expect(vaultOf(newest!).open(secret, secret.sealed)).toBe(`token of ${secret.connectionId}`);
    }
    expect(secrets[0]!.fingerprint).toBe(old.fingerprint);
    expect(vault.open(old, old.sealed)).toBe('token of con_a');
  });

  test('that was stopped in the middle is finished by the next one', async () => {
    const vault = createVault(openKeyRing({ folder, text: null, hasSecrets: false }));
    const secrets = ['con_a', 'con_b'].map((connectionId) =>
      sealedSecret(vault, { connectionId, kind: 'reporting' }, connectionId, ''),
    );
    const { resealSecret, listSecrets } = memoryStore(secrets);
    let saves = 0;
    const stopping = {
      listSecrets,
      resealSecret: async (read: SealedSecret, sealed: string) => {
        saves += 1;
        if (saves === 2) throw new Error('stopped');
        return resealSecret(read, sealed);
      },
    };
    await expect(vault.rotate(stopping)).rejects.toThrow('stopped');
    const restarted = createVault(openKeyRing({ folder, text: null, hasSecrets: true }));
    for (const secret of secrets) expect(restarted.open(secret, secret.sealed)).toBe(secret.connectionId);
    await restarted.rotate({ listSecrets, resealSecret });
    const newest = readFileSync(join(folder, 'vault.key'), 'utf8').split('\n')[0]!;
    for (const secret of secrets) expect(vaultOf(newest).open(secret, secret.sealed)).toBe(secret.connectionId);
  });

  test('of a ring that the operator keeps seals under the key that stands first', async () => {
    const secrets = [sealedSecret(vaultOf(keyA), owner, 'token', '')];
    expect(await vaultOf(`${keyB},${keyA}`).rotate(memoryStore(secrets))).toEqual({ resealed: 1, keys: 2 });
    expect(vaultOf(keyB).open(owner, secrets[0]!.sealed)).toBe('token');
  });
});

test('derived keys differ by purpose and are the same after a restart', () => {
  const path = join(folder, 'vault.key');
  writeFileSync(path, `${keyA}\n`);
  const derive = (purpose: string) =>
    createVault(openKeyRing({ folder, text: null, hasSecrets: true }))
      .derive(purpose)
      .toString('hex');
  expect(derive('cursors')).toBe(derive('cursors'));
  expect(derive('cursors')).not.toBe(derive('other'));
  expect(derive('cursors')).not.toContain(Buffer.alloc(32, 1).toString('hex'));
  expect(statSync(path).mode & 0o777).toBe(0o600);
});
