import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '../../../lib/sleep.ts';

/** A real OpenLDAP for tests: in a temporary folder, on free ports of the loopback, with a CA of its own. */
export type Slapd = {
  /** `ldap://127.0.0.1:…`, which begins TLS when asked. */
  readonly plain: string;
  /** `ldaps://localhost:…` */
  readonly secure: string;
  /** Of the CA that signed its certificate. PEM. */
  readonly ca: string;
  readonly pid: number;
  /** Ends at once, as in an accident. */
  kill(): Promise<void>;
  stop(): Promise<void>;
};

export const suffix = 'dc=acme,dc=test';
/** May read everything. */
export const reader = { dn: `cn=foreknow,${suffix}`, password: 'a password of the tests' };
/** Is given 100 entries at most, in pages too. */
export const limited = { dn: `cn=limited,${suffix}`, password: 'a password of the tests' };

/** @param ldif entries below `dc=acme,dc=test`, which is there already, with both accounts */
export async function startSlapd(ldif: string): Promise<Slapd> {
  const folder = mkdtempSync(join(tmpdir(), 'foreknow-slapd-'));
  const file = (name: string) => join(folder, name);
  try {
    const ca = makeCertificates(folder);
    mkdirSync(file('data'));
    writeFileSync(file('slapd.conf'), configuration(folder));
    writeFileSync(file('people.ldif'), `${base()}\n${ldif}`);
    execFileSync('/usr/sbin/slapadd', ['-q', '-f', file('slapd.conf'), '-l', file('people.ldif')], { stdio: 'pipe' });
    const [plainPort, securePort] = await Promise.all([freePort(), freePort()]);
    const child = spawn(
      '/usr/sbin/slapd',
      ['-d', '0', '-f', file('slapd.conf'), '-h', `ldap://127.0.0.1:${plainPort} ldaps://127.0.0.1:${securePort}`],
      { stdio: 'ignore' },
    );
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    await listening(child, plainPort);
    const end = async (signal: NodeJS.Signals) => {
      child.kill(signal);
      await ended;
      rmSync(folder, { recursive: true, force: true });
    };
    return {
      plain: `ldap://127.0.0.1:${plainPort}`,
      secure: `ldaps://localhost:${securePort}`,
      ca,
      pid: child.pid!,
      kill: () => end('SIGKILL'),
      stop: () => end('SIGTERM'),
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const READY_MS = 20_000;

/** Until a port of the loopback takes connections. */
export async function listening(child: ChildProcess, port: number, withinMs = READY_MS): Promise<void> {
  const until = Date.now() + withinMs;
  while (child.exitCode === null && Date.now() < until) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port }, () => {
        socket.destroy();
        resolve(true);
      }).once('error', () => resolve(false));
    });
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error(`the directory does not listen on port ${port} (ended with ${child.exitCode})`);
}

/** A CA, and a certificate of it for `localhost`. @returns the CA in PEM */
export function makeCertificates(folder: string): string {
  const file = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...key, '-subj', '/CN=CA of the tests', '-keyout', file('ca.key'), '-out', file('ca.pem'));
  const leaf = ['-addext', 'subjectAltName=DNS:localhost', '-addext', 'basicConstraints=critical,CA:false'];
  const signer = ['-CA', file('ca.pem'), '-CAkey', file('ca.key')];
  openssl(
    'req',
    '-x509',
    ...key,
    '-subj',
    '/CN=localhost',
    ...leaf,
    ...signer,
    '-keyout',
    file('server.key'),
    '-out',
    file('server.pem'),
  );
  return readFileSync(file('ca.pem'), 'utf8');
}

const configuration = (folder: string): string => `
${['core', 'cosine', 'inetorgperson', 'nis'].map((name) => `include /etc/ldap/schema/${name}.schema`).join('\n')}
pidfile ${folder}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
TLSCACertificateFile ${folder}/ca.pem
TLSCertificateFile ${folder}/server.pem
TLSCertificateKeyFile ${folder}/server.key
disallow bind_anon
database mdb
suffix "${suffix}"
rootdn "cn=root,${suffix}"
directory ${folder}/data
maxsize 1073741824
dbnosync
index objectClass,uid,entryUUID eq
limits dn.exact="${limited.dn}" size=100 size.prtotal=100
limits * size=unlimited size.prtotal=unlimited
overlay memberof
access to * by dn.exact="${reader.dn}" read by dn.exact="${limited.dn}" read by anonymous auth by * none
`;

const account = ({ dn, password }: typeof reader): string =>
  `dn: ${dn}\nobjectClass: applicationProcess\nobjectClass: simpleSecurityObject\nuserPassword: ${password}\n`;

const base = (): string =>
  [
    `dn: ${suffix}\nobjectClass: dcObject\nobjectClass: organization\ndc: acme\no: Acme\n`,
    account(reader),
    account(limited),
    ...['people', 'groups'].map((ou) => `dn: ou=${ou},${suffix}\nobjectClass: organizationalUnit\nou: ${ou}\n`),
  ].join('\n');

/** One entry of LDIF; values that are not plain ASCII are written in Base64, as RFC 2849 wants it. */
export const entry = (
  dn: string,
  attributes: Readonly<Record<string, string | Uint8Array | readonly string[]>>,
): string =>
  [
    line('dn', dn),
    ...Object.entries(attributes).flatMap(([name, value]) =>
      (typeof value === 'string' || value instanceof Uint8Array ? [value] : value).map((one) => line(name, one)),
    ),
    '',
  ].join('\n');

const line = (name: string, value: string | Uint8Array): string =>
  typeof value === 'string' && /^[!-9;=-~][ -~]*$/.test(value) && !value.endsWith(' ')
    ? `${name}: ${value}`
    : `${name}:: ${Buffer.from(value).toString('base64')}`;

/** An invented person, `uid=pN,ou=people`. */
export function personEntry(
  at: number,
  more: Readonly<Record<string, string | Uint8Array | readonly string[]>> = {},
): string {
  return entry(personDn(at), {
    objectClass: 'inetOrgPerson',
    uid: `p${at}`,
    cn: `Person ${at}`,
    sn: `Number ${at}`,
    givenName: `Given ${at}`,
    mail: `p${at}@acme.test`,
    employeeNumber: `E${at}`,
    title: `Clerk ${at % 7}`,
    departmentNumber: `D${at % 40}`,
    manager: personDn(Math.floor(at / 10)),
    ...more,
  });
}

export const personDn = (at: number): string => `uid=p${at},ou=people,${suffix}`;
