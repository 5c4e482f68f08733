/** Reading a directory against bare `ldapsearch`, and making people of two sources. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { personEntry, reader, startSlapd, suffix } from '../src/sources/ldap/contract/slapd.ts';
import { fresh, measure, median, round } from './parts.ts';

const attributes = ['mail', 'givenName', 'sn', 'title', 'departmentNumber', 'employeeNumber', 'manager', 'uid'];

type Read = { readonly ms: number; readonly people: number; readonly state: string; readonly peakMb: number };

const PAGE = 500;

/** `ldapsearch` asks for the same pages over TLS, and its output is thrown away. */
function ldapsearch(url: string): Promise<number> {
  const started = performance.now();
  const child = spawn(
    'ldapsearch',
    [
      ...['-LLL', '-x', '-H', url, '-D', reader.dn, '-w', reader.password, '-b', `ou=people,${suffix}`],
      ...['-E', `pr=${PAGE}/noprompt`, '(objectClass=person)', 'entryUUID', ...attributes],
    ],
    // It compares the certificate with the name of the machine instead of localhost.
    { stdio: 'ignore', env: { ...process.env, LDAPTLS_REQCERT: 'never' } },
  );
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve(performance.now() - started) : reject(new Error(`ldapsearch ended with ${code}`)),
    );
  });
}

export async function ldapAgainstLdapsearch(people: number, rounds: number): Promise<Record<string, unknown>> {
  const slapd = await startSlapd(Array.from({ length: people }, (_, at) => personEntry(at)).join('\n'));
  const caFile = fresh('ca');
  writeFileSync(caFile, slapd.ca);
  try {
    const bare: number[] = [];
    const ours: Read[] = [];
    for (let turn = 0; turn < rounds; turn += 1) {
      bare.push(await ldapsearch(slapd.secure));
      ours.push(await measure<Read>('ldap-process.ts', [slapd.secure, caFile, PAGE, attributes.join()]));
    }
    if (ours.some((read) => read.people !== people || read.state !== 'complete'))
      throw new Error('the read is not whole');
    const ms = median(ours.map((read) => read.ms));
    return {
      people,
      ldapsearch_ms: Math.round(median(bare)),
      ms: Math.round(ms),
      ratio: round(ms / median(bare)),
      peak_mb: Math.round(Math.max(...ours.map((read) => read.peakMb))),
    };
  } finally {
    await slapd.stop();
  }
}

type Join = { readonly ms: number; readonly people: number; readonly peakMb: number };

/** @param records of each of two sources */
export async function joinOfTwo(records: number, rounds: number): Promise<Record<string, unknown>> {
  const done: Join[] = [];
  for (let turn = 0; turn < rounds; turn += 1) done.push(await measure<Join>('join-process.ts', [records]));
  return {
    records: records * 2,
    people: done[0]!.people,
    ms: Math.round(median(done.map(({ ms }) => ms))),
    peak_mb: Math.round(Math.max(...done.map(({ peakMb }) => peakMb))),
  };
}
