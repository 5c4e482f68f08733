/** Reads everybody of a directory once. Arguments: `url ca-file page-size attribute,attribute`; prints JSON. */
import { readFileSync } from 'node:fs';
import { reader, suffix } from '../src/sources/ldap/contract/slapd.ts';
import { ldapSource } from '../src/sources/ldap/ldap-source.ts';

const [url = '', caFile = '', pageSize = '', attributes = ''] = process.argv.slice(2);
const source = ldapSource({
  name: 'bench',
  flavour: 'openldap',
  url,
  ca: readFileSync(caFile, 'utf8'),
  bind: reader,
  bases: [`ou=people,${suffix}`],
  groups: { by: 'none' },
  pageSize: Number(pageSize),
});
const started = performance.now();
const read = await source.read({ keep: new Set(attributes.split(',')), signal: new AbortController().signal });
let people = 0;
for await (const _ of read.people) people += 1;
const { state } = await read.done();
const peakMb = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ ms: performance.now() - started, people, state, peakMb }));
