import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listening, makeCertificates } from './slapd.ts';

/**
 * A real domain controller of Active Directory (Samba's) for tests, in a temporary folder and on the loopback. It takes the fixed ports 389, 636
 * and 3268, and wants root.
 */
export type Samba = {
  /** `ldaps://localhost` */
  readonly url: string;
  /** Of the CA that signed its certificate. PEM. */
  readonly ca: string;
  /** An ordinary account, which may read what everybody may. */
  readonly reader: { readonly dn: string; readonly password: string };
  /** Adds or changes entries, as LDIF. */
  load(ldif: string): void;
  stop(): Promise<void>;
};

export const domain = 'DC=acme,DC=test';
const ports = [389, 636, 3268];

/** Those of its ports that something else listens on: then it cannot be started. */
export async function takenPorts(): Promise<readonly number[]> {
  const taken = await Promise.all(
    ports.map(
      (port) =>
        new Promise<boolean>((resolve) => {
          const server = createServer()
            .once('error', () => resolve(true))
            .listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
        }),
    ),
  );
  return ports.filter((_, at) => taken[at]);
}

export async function startSamba(): Promise<Samba> {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-samba-'));
  const file = (name: string) => join(folder, name);
  // Upper and lower case, digits and a sign: a domain asks for three kinds of letters.
  const password = `Aa1-${randomBytes(12).toString('hex')}`;
  try {
    const ca = makeCertificates(folder);
    execFileSync('samba-tool', provision(file('dc'), password), { stdio: 'pipe' });
    mkdirSync(file('run'));
    writeFileSync(file('smb.conf'), configuration(folder));
    const args = ['--foreground', '--no-process-group', '--model=single', '-s', file('smb.conf'), '--debug-stdout'];
    const child = spawn('/usr/sbin/samba', args, { stdio: 'ignore' });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    // Ended by its id, and for certain: it does not always follow a polite request.
    const stop = async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    };
    // The tool compares the certificate with the name of the machine and not with localhost: it is not asked to.
    const load = (ldif: string) => {
      execFileSync(
        'ldapmodify',
        ['-a', '-x', '-H', 'ldaps://localhost', '-D', 'Administrator@acme.test', '-y', file('password')],
        { input: ldif, env: { ...process.env, LDAPTLS_REQCERT: 'never' }, stdio: ['pipe', 'pipe', 'pipe'] },
      );
    };
    try {
      writeFileSync(file('password'), password, { mode: 0o600 });
      await listening(child, 636);
      load(readerEntry(password));
    } catch (error) {
      await stop();
      throw error;
    }
    return { url: 'ldaps://localhost', ca, reader: { dn: 'foreknow@acme.test', password }, load, stop };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

const provision = (target: string, password: string): readonly string[] => [
  ...['domain', 'provision', '--realm=ACME.TEST', '--domain=ACME', '--server-role=dc', '--dns-backend=NONE'],
  ...['--host-name=dc1', '--host-ip=127.0.0.1', `--adminpass=${password}`, `--targetdir=${target}`],
  ...['--option=interfaces=lo', '--option=bind interfaces only=yes'],
];

/** What provisioning wrote, with the one service that is wanted, and with nothing outside of the folder. */
function configuration(folder: string): string {
  const [global = ''] = readFileSync(join(folder, 'dc/etc/smb.conf'), 'utf8').split('[homes]');
  const kept = global.split('\n').filter((line) => !/^\s*(?:server services|log file|panic action) =/.test(line));
  return [
    ...kept,
    'server services = ldap',
    `log file = ${folder}/run/log`,
    `pid directory = ${folder}/run`,
    `ncalrpc dir = ${folder}/run/ncalrpc`,
    `winbindd socket directory = ${folder}/run/winbindd`,
    `ntp signd socket directory = ${folder}/run/ntp`,
    'tls enabled = yes',
    `tls keyfile = ${folder}/server.key`,
    `tls certfile = ${folder}/server.pem`,
    `tls cafile = ${folder}/ca.pem`,
    '[sysvol]',
    `path = ${folder}/dc/state/sysvol`,
    'read only = No',
    '',
  ].join('\n');
}

/** Active Directory takes a password in quotes, as UTF-16 (MS-ADTS 3.1.1.3.1.5.1). */
const readerEntry = (password: string): string => `dn: CN=foreknow,CN=Users,${domain}
objectClass: user
sAMAccountName: foreknow
userPrincipalName: foreknow@acme.test
userAccountControl: 512
unicodePwd:: ${Buffer.from(`"${password}"`, 'utf16le').toString('base64')}
`;
