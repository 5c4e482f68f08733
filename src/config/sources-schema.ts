import { z } from 'zod';
import { csvEncodings } from '../model/csv-encoding.ts';
import { durationMs, flag, must, secret, text, webAddress, whole } from './parts.ts';

const NAME = 'up to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit';
const name = z
  .string(must(NAME))
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, must(NAME))
  .describe('Its name, for rules and the command line. What is known of its people hangs on it.');

/** Minutes between reads; `never` → null. */
const every = z
  .union([z.literal('never'), durationMs], must('a duration from 1m to 31d, or never'))
  .transform((ms) => (ms === 'never' ? null : ms / 60_000))
  .refine(
    (minutes) => minutes === null || (Number.isInteger(minutes) && minutes >= 1 && minutes <= 44_640),
    must('a duration from 1m to 31d in whole minutes, or never'),
  )
  .describe('Time between reads; default 1h.');

const ATTRIBUTE = 'a name of letters, digits and underscores';
const attribute = z.string(must(ATTRIBUTE)).regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, must(ATTRIBUTE));
/** Our name of an attribute → theirs. */
const mapping = z.record(attribute, text('a name'), must('a map of our names and theirs'));

const words = z.array(text('a word'), must('a list of words')).min(1, must('a list of words'));
const either = {
  is: words.optional().describe('What stands there for people who work here.'),
  is_not: words.optional().describe('What stands there for people who do not.'),
};
type Either = { readonly is?: string[] | undefined; readonly is_not?: string[] | undefined };
const isEither = (one: Either) => (one.is === undefined) !== (one.is_not === undefined);
const WHO = 'Who works here; without it everybody who is listed.';
const byColumn = z
  .strictObject({ column: text('a heading or a name of ours'), ...either })
  .refine(isEither, must('a map with either is or is_not'))
  .transform(({ column, is, is_not }) => ({ of: column, is, isNot: is_not }))
  .describe(WHO);
const byPath = z
  .strictObject({ path: text('a path'), ...either })
  .refine(isEither, must('a map with either is or is_not'))
  .transform(({ path, is, is_not }) => ({ of: path, is, isNot: is_not }))
  .describe(WHO);

const byAttribute = z
  .strictObject({ attribute: text('an attribute'), ...either })
  .refine(isEither, must('a map with either is or is_not'))
  .transform(({ attribute: of, is, is_not }) => ({ of, is, isNot: is_not }))
  .describe(`${WHO} Whoever is disabled in Active Directory does not.`);

const isSftp = (from: string) => from.startsWith('sftp://');
const FROM = 'a path such as ./drop/people_*.csv, sftp://USER@HOST/PATH, or upload';

const csv = z
  .strictObject({
    name,
    kind: z.literal('csv'),
    from: text(FROM)
      .refine((from) => !isSftp(from) || (URL.parse(from)?.username ?? '') !== '', must(FROM))
      .refine((from) => (isSftp(from) ? URL.parse(from)?.password === '' : true), {
        error: 'must not hold a password: it belongs into password, as { env } or { file }',
      })
      .describe('Where the newest file is: a folder with a pattern, an SFTP server, or upload.'),
    host_key: z
      .union([text('a host key'), z.array(text('a host key')).min(1)], must('a host key, or a list of them'))
      .optional()
      .describe('Key of the SFTP server: SHA256:…, as ssh-keygen -lf shows it, or the public key itself.'),
    key: secret.optional().describe('Private key for the SFTP server.'),
    passphrase: secret.optional().describe('What opens the private key.'),
    password: secret.optional().describe('Password for the SFTP server, where there is no key.'),
    every: every.optional(),
    encoding: z
      .enum(['auto', ...csvEncodings], must(`one of auto, ${csvEncodings.join(', ')}`))
      .optional()
      .describe('Default auto: by the byte order mark, else UTF-8 where it is valid, else Windows-1252.'),
    delimiter: z
      .enum([',', ';', '\t', '|', 'tab'], must('one of , ; | or tab'))
      .transform((one) => (one === 'tab' ? '\t' : one))
      .optional()
      .describe('What stands between values; found by itself.'),
    id: attribute.describe('The attribute that never changes for a person: an employee number, not an address.'),
    columns: mapping.optional().describe('Our name: their heading. Without it headings are taken as they stand.'),
    lists: z
      .record(attribute, z.string(must('a separator')).min(1).max(3), must('a map of names and separators'))
      .optional()
      .describe('Attributes with several values, and what separates them.'),
    groups: attribute.optional().describe('The attribute that names a person’s groups; default groups, separated by ;'),
    active: byColumn.optional(),
    complete_when: z
      .strictObject({
        trailer: text('a line with {rows} in it').refine(
          (line) => line.includes('{rows}'),
          must('a line with {rows} in it'),
        ),
        rows_file: text('a name of a file with {file} in it'),
        digest_file: text('a name of a file with {file} in it'),
        row_count_column: text('a heading'),
      })
      .partial()
      .refine((one) => Object.values(one).filter((way) => way !== undefined).length === 1, must('exactly one proof'))
      .transform((one) => ({
        trailer: one.trailer,
        rowsFile: one.rows_file,
        digestFile: one.digest_file,
        rowCountColumn: one.row_count_column,
      }))
      .optional()
      .describe('What proves that the file is whole. Without it nobody ever counts as gone.'),
    settle: durationMs
      .optional()
      .describe('A file that was changed later than this is left for the next read; default 10s.'),
  })
  .refine((one) => !isSftp(one.from) || one.host_key !== undefined, {
    path: ['host_key'],
    error: 'is needed for SFTP: ssh-keyscan HOST shows it, and somebody who runs the server confirms it',
  })
  .refine((one) => !isSftp(one.from) || one.key !== undefined || one.password !== undefined, {
    path: ['key'],
    error: 'is needed for SFTP, or password',
  });

const bases = z
  .union([text('a DN'), z.array(text('a DN')).min(1)], must('a DN, or a list of them'))
  .transform((base) => (typeof base === 'string' ? [base] : base));

const ldap = z.strictObject({
  name,
  kind: z.literal('ldap'),
  url: webAddress(/^ldaps?:$/, 'ldaps://HOST or ldap://HOST'),
  flavour: z.enum(['ad', 'openldap'], must('ad or openldap')),
  base: bases.describe('Where people are.'),
  filter: text('a filter of LDAP').optional().describe('Default: people, without computers.'),
  bind: z.strictObject({ dn: text('a DN'), password: secret }),
  ca: text('a path').optional().describe('Certificates in PEM to trust in place of the usual ones.'),
  start_tls: flag.optional().describe('Begin TLS on ldap://.'),
  groups: z
    .strictObject({
      from: z
        .enum(['member_of', 'search', 'none'], must('member_of, search or none'))
        .optional()
        .describe('Whose word counts: memberOf of the person (ad), or the members of groups (openldap).'),
      base: bases.optional().describe('Where groups are; default: base.'),
      filter: text('a filter of LDAP').optional().describe('Default: all groups.'),
      nested: flag.optional().describe('Whoever is in a group that is in a group is in both.'),
    })
    .optional(),
  active: byAttribute.optional(),
  id: text('an attribute').optional().describe('What never changes for a person; default objectGUID or entryUUID.'),
  attributes: mapping.optional().describe('Our name: theirs. Without it attributes keep their names.'),
  page_size: whole(1, 5000).optional().describe('Entries a page; default 500.'),
  every: every.optional(),
});

const json = z.strictObject({
  name,
  kind: z.literal('json'),
  url: webAddress(/^https?:$/, 'an https address'),
  auth: z
    .strictObject({
      header: text('the name of a header').optional().describe('Default Authorization.'),
      value: secret.describe('The whole value: Bearer …, Basic … or a key.'),
    })
    .optional(),
  ca: text('a path').optional().describe('Certificates in PEM to trust in place of the usual ones.'),
  items: text('a path such as data.people')
    .optional()
    .describe('Where the list of people is; default: the answer itself.'),
  next: z
    .strictObject({
      link: flag.optional().describe('The Link header names the next page.'),
      path: text('a path such as meta.next')
        .optional()
        .describe('Where the answer names the next page: an address or a cursor.'),
      cursor_parameter: text('a parameter').optional().describe('The parameter that takes a cursor found at path.'),
      page_parameter: text('a parameter').optional().describe('Pages are counted: 1, 2, 3 … until one is empty.'),
      first_page: whole(0, 1).optional(),
      offset_parameter: text('a parameter').optional().describe('Entries are counted, from 0.'),
    })
    .optional()
    .describe('How one page leads to the next; without it there is one page.'),
  page_size: z.strictObject({ parameter: text('a parameter'), value: whole(1, 10_000) }).optional(),
  id: text('a path').describe('What never changes for a person.'),
  attributes: mapping.describe('Our name: the path in an entry.'),
  groups: text('a path').optional(),
  active: byPath.optional(),
  complete_when: z
    .strictObject({ total: text('a path such as meta.total') })
    .optional()
    .describe('Where the answer says how many there are; without it the last page proves it.'),
  every: every.optional(),
});

const scimIn = z.strictObject({
  name,
  kind: z.literal('scim-in'),
  profile: z.enum(['entra', 'okta'], must('entra or okta')).optional().describe('Who pushes; found by itself.'),
});

export const sources = z
  .array(
    z.discriminatedUnion('kind', [csv, ldap, json, scimIn], must('csv, ldap, json or scim-in')),
    must('a list of sources'),
  )
  .max(100);

const sourceName = text('the name of a source');
export const people = z.strictObject({
  from: z
    .array(sourceName, must('a list of sources'))
    .min(1, must('a list of sources'))
    .describe('The first is asked first.'),
  join: z
    .array(attribute, must('a list of attributes'))
    .max(8, must('a list of at most 8 attributes'))
    .optional()
    .describe('What is the same in two sources for one person.'),
  prefer: z
    .record(z.union([z.literal('*'), attribute]), sourceName, must('a map of attributes and sources'))
    .optional()
    .describe('Which source says what; "*" for all else. Default: the order of from.'),
});

export const rules = z
  .array(
    z.strictObject({
      file: text('a path').describe('The rules.'),
      connection: text('the name of a connection').describe('The account that they are for.'),
    }),
    must('a list of files and connections'),
  )
  .max(10_000);

const DAY = 'a day or time such as 2026-12-20 or 2026-12-20T18:00:00Z';
const moment = z
  .string(must(DAY))
  .regex(/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2}))?$/, must(DAY))
  .refine((day) => !Number.isNaN(Date.parse(day)), must(DAY))
  .transform((day) => new Date(day).toISOString());

/** How a connection is provisioned. */
export const provisioning = z.strictObject({
  every: every.optional().describe('Time between plans; default 1h. never: only when somebody asks.'),
  approvals: z
    .strictObject({
      expire_after: durationMs.optional().describe('How long a plan waits for a decision; default 24h.'),
    })
    .optional(),
  freeze: z
    .array(
      z
        .strictObject({ from: moment, until: moment, reason: text('text').optional() })
        .refine(({ from, until }) => from < until, must('a span that ends after it begins')),
      must('a list of spans'),
    )
    .optional()
    .describe('Spans in which nothing is applied.'),
});

export const mode = z.enum(['observe', 'propose', 'auto'], must('one of observe, propose, auto'));

export const scimKey = z.strictObject({
  url: z
    .union([webAddress(/^https?:$/, 'an http(s) address'), secret], must('an http(s) address, or { env } or { file }'))
    .describe('The tenant URL of the console.'),
  token: secret.describe('The SCIM token.'),
});

export const productKey = z.strictObject({
  token: secret.describe('A Product API key, for reading.'),
  url: webAddress(/^https?:$/, 'an http(s) address').optional(),
});
