import { z } from 'zod';
import { isTimeZone } from '../lib/time-zone.ts';
import { regionOfAddress } from '../wire/regions.ts';
import { days, durationMs, flag, must, secret, text, webAddress, whole } from './parts.ts';
import { mode, people, productKey, provisioning, rules, scimKey, sources } from './sources-schema.ts';

const leaseTime = durationMs.refine((ms) => ms >= 1000 && ms <= 3_600_000, must('a duration from 1s to 1h'));

/** `20%` or `0.2` → 0.2. */
const share = (max: number) =>
  z
    .union([z.string().regex(/^\d{1,3}%$/), z.number()], must(`a share such as 20%, at most ${max * 100}%`))
    .transform((written) => (typeof written === 'number' ? written : Number(written.slice(0, -1)) / 100))
    .refine((part) => part >= 0 && part <= max, must(`a share such as 20%, at most ${max * 100}%`));

/** Minutes between refreshes; `never` → null. */
const interval = z
  .union([z.literal('never'), durationMs], must('a duration from 5m to 7d, or never'))
  .transform((ms) => (ms === 'never' ? null : ms / 60_000))
  .refine(
    (minutes) => minutes === null || (Number.isInteger(minutes) && minutes >= 5 && minutes <= 10_080),
    must('a duration from 5m to 7d in whole minutes, or never'),
  );

const perTime = z
  .union([z.literal('none'), whole(1, 10_000_000)], must('a whole number above 0, or none'))
  .transform((number) => (number === 'none' ? null : number));

/** `127.0.0.1:4080`, `[::1]:4080`, `localhost:4080` */
const listenAddress = z
  .string(must('HOST:PORT, such as 127.0.0.1:4080'))
  .regex(/^(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+):\d{1,5}$/, must('HOST:PORT, such as 127.0.0.1:4080'))
  .transform((written) => {
    const at = written.lastIndexOf(':');
    return { host: written.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(written.slice(at + 1)) };
  })
  .refine(({ port }) => port <= 65_535, must('HOST:PORT with a port up to 65535'));

const server = z.strictObject({
  listen: listenAddress.optional().describe('Address and port of the API; default 127.0.0.1:4080.'),
  public_url: webAddress(/^https?:$/, 'an http(s) address')
    .optional()
    .describe('Address that callers use, when a proxy stands in front.'),
  tls: z
    .strictObject({
      certificate: text('a path').describe('Certificate chain in PEM.'),
      key: secret.describe('Its key in PEM.'),
    })
    .optional()
    .describe('Serve HTTPS.'),
  trust_proxy: z
    .union([z.boolean(), z.array(text('an address')).min(1)], must('true, false or a list of addresses'))
    .optional()
    .describe('Proxies whose X-Forwarded-* headers are believed.'),
  role: z
    .enum(['all', 'api', 'worker'], must('one of all, api, worker'))
    .optional()
    .describe('What this process does; default all.'),
  lease: leaseTime.optional().describe('How long a process that died keeps its work from the others; default 30s.'),
  health: listenAddress.optional().describe('Serve /healthz and /readyz here as well, without a token.'),
  allowed_hosts: z
    .array(text('a host name or a network such as 10.0.0.0/8'), must('a list of hosts and networks'))
    .optional()
    .describe('Hosts that connections may read besides those under knowbe4.com; these may be private.'),
  proxy_writes: flag
    .optional()
    .describe('Let tokens with the scope proxy.write change things through the proxy; default false.'),
  allow_base_urls: flag
    .optional()
    .describe('Let API callers connect other addresses than KnowBe4’s own; default false.'),
});

const store = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('embedded'),
      path: text('a path').optional().describe('Data folder; default ./foreknow-data.'),
    }),
    z.strictObject({
      kind: z.literal('postgres'),
      url: secret.describe('postgres://USER:PASSWORD@HOST:PORT/DATABASE'),
      path: text('a path').optional().describe('Folder of the vault key, unless vault.key names another place.'),
    }),
  ],
  must('embedded or postgres'),
);

const limits = z.strictObject({
  per_second: perTime.optional(),
  per_minute: perTime.optional(),
  per_day: perTime.optional(),
  scim_per_second: perTime
    .optional()
    .describe('Changes over SCIM a second; default: slowly at first, and as fast as the service lets it.'),
  reserve: share(0.9).optional().describe('Share of the day kept for interactive calls; default 20%.'),
});

const REGION = 'us, eu, ca, uk or de, or the address of the console';
const ZONE = 'a time zone of the IANA list, such as Europe/Berlin';

const connection = (streams: readonly string[]) =>
  z.strictObject({
    name: text('a name of up to 64 characters')
      .regex(
        /^(?!con_)[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u,
        must('up to 64 letters, digits, spaces, dots, hyphens, underscores'),
      )
      .describe('Its name for people and the command line.'),
    region: z
      .string(must(REGION))
      .refine((address) => regionOfAddress(address) !== null, must(REGION))
      .describe('us, eu, ca, uk or de, or the address of the console.'),
    tenant: text('text').max(200, must('at most 200 characters')).optional(),
    tags: z
      .array(text('text').max(64, must('at most 64 characters')), must('a list of words'))
      .max(50)
      .optional(),
    reporting: z.strictObject({
      token: secret.describe('The Reporting API token.'),
      url: webAddress(/^https?:$/, 'an http(s) address')
        .optional()
        .describe('Another address than KnowBe4’s own: an emulator, say.'),
    }),
    scim: scimKey.optional().describe('The way in for changes.'),
    product: productKey.optional(),
    mode: mode
      .optional()
      .describe('observe (default) never writes, propose waits for a person, auto applies what the rules name.'),
    provisioning: provisioning.optional(),
    every: z
      .strictObject({ directory: interval.optional(), activity: interval.optional() })
      .optional()
      .describe('Time between scheduled refreshes of the directory, and of training and phishing.'),
    streams: z
      .strictObject(Object.fromEntries(streams.map((stream) => [stream, flag.optional()])))
      .optional()
      .describe('Streams that are mirrored; all unless set to false.'),
    limits: limits.optional(),
    time_zone: z.string(must(ZONE)).refine(isTimeZone, must(ZONE)).optional(),
    pagination: z.enum(['auto', 'page', 'cursor'], must('one of auto, page, cursor')).optional(),
    account_key: text('text').max(100, must('at most 100 characters')).optional(),
    risk: z
      .strictObject({
        thresholds: z
          .array(
            z
              .number(must('a number from 0 to 100'))
              .min(0, must('a number from 0 to 100'))
              .max(100, must('a number from 0 to 100')),
            must('a list of numbers'),
          )
          .max(10, must('at most 10 numbers'))
          .optional()
          .describe('Risk scores that make an event when one is crossed; default 60.'),
        delta: z
          .union([z.literal('none'), z.number().min(0.1).max(100)], must('a number from 0.1 to 100, or none'))
          .transform((points) => (points === 'none' ? null : points))
          .optional()
          .describe('How far a score must move between two reads to make an event; default 10.'),
      })
      .optional(),
    drop_recipient_client: flag.optional().describe('Do not keep recipients’ address, place, browser and system.'),
  });

const ORIGIN = 'an origin such as https://app.acme.test';

const connect = z.strictObject({
  requester: text('a name')
    .max(100, must('at most 100 characters'))
    .optional()
    .describe('Who asks, on the connect page; default: the name of the token that a link is made with.'),
  allowed_origins: z
    .array(
      webAddress(/^https?:$/, ORIGIN).refine((address) => /^https?:\/\/[^/?#]+\/?$/.test(address), must(ORIGIN)),
      must('a list of origins'),
    )
    .optional()
    .describe('Sites that may frame the connect page, and to which it may return; default: that of each redirect_uri.'),
});

const notify = z.strictObject({
  mail: z.array(z.email(must('an e-mail address')), must('a list of e-mail addresses')).optional(),
  smtp: z
    .strictObject({
      host: text('a host name'),
      port: whole(1, 65_535).optional(),
      secure: flag.optional().describe('TLS from the start (port 465); else STARTTLS where it is offered.'),
      require_tls: flag.optional().describe('Refuse a server without TLS; default true when there is a password.'),
      from: text('an e-mail address'),
      user: text('text').optional(),
      password: secret.optional(),
    })
    .optional(),
});

/** The configuration file as it is written. What it means is `Config`. */
export const fileSchema = (streams: readonly string[]) =>
  z.strictObject({
    version: z.literal(1, must('1')).describe('Version of this format.'),
    server: server.optional(),
    store: store.optional(),
    vault: z.strictObject({ key: secret.describe('The key ring, one key a line.') }).optional(),
    egress: z
      .strictObject({
        proxy: webAddress(/^https?:$/, 'an http(s) address').optional(),
        no_proxy: text('host names separated by commas').optional(),
        ca: text('a path').optional().describe('Certificates in PEM to trust besides the usual ones.'),
      })
      .optional()
      .describe('The way out to KnowBe4.'),
    sync: z
      .strictObject({
        scheduled: flag.optional().describe('Refresh by itself; default true.'),
        at_once: whole(1, 100).optional().describe('Syncs at once in a process; default 4.'),
      })
      .optional(),
    connections: z.array(connection(streams), must('a list of connections')).max(10_000).optional(),
    sources: sources.optional().describe('Places that know who works here.'),
    people: people.optional().describe('How several sources make one person.'),
    rules: rules.optional(),
    notify: notify.optional(),
    connect: connect.optional().describe('Accounts that are connected by whoever opens a link.'),
    events: z
      .strictObject({ retention: days.optional().describe('How long changes and events are kept; default 90d.') })
      .optional(),
    runs: z
      .strictObject({ retention: days.optional().describe('How long ended syncs are kept; default 90d.') })
      .optional(),
    alerts: z
      .strictObject({
        stale_after: durationMs.optional().describe('Age after which a stream may be called stale; default 2h.'),
      })
      .optional(),
    webhooks: z
      .strictObject({
        allow: z
          .array(text('a host name or a network such as 10.0.0.0/8'), must('a list of hosts and networks'))
          .optional()
          .describe('Private hosts and networks that webhooks may be sent to.'),
        ports: z.array(whole(1, 65_535), must('a list of ports')).optional().describe('Ports besides 443.'),
        retention: days.optional().describe('How long deliveries are kept; default 30d.'),
      })
      .optional(),
    agents: z
      .strictObject({
        rows: whole(1, 100).optional().describe('Most rows of an account in an answer to an agent; default 100.'),
        bytes: whole(2000, 200_000)
          .optional()
          .describe('Most bytes of an answer to an agent; default 20000, which stays below 8,000 tokens.'),
      })
      .optional()
      .describe('Agents that speak the Model Context Protocol.'),
    metrics: z
      .strictObject({ listen: listenAddress.describe('Serve /metrics here as well, without a token.') })
      .optional(),
    telemetry: z
      .strictObject({ endpoint: webAddress(/^https?:$/, 'an http(s) address').describe('OTLP/HTTP collector.') })
      .optional(),
    log: z
      .strictObject({
        level: z
          .enum(
            ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
            must('trace, debug, info, warn, error, fatal or silent'),
          )
          .optional(),
        format: z.enum(['json', 'pretty'], must('json or pretty')).optional(),
      })
      .optional(),
  });

export type FileContent = z.output<ReturnType<typeof fileSchema>>;
