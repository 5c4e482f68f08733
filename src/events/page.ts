import { z } from 'zod';
import { catalogEntry, type EventFamily, type EventType, eventTypes } from './catalog.ts';
import { exampleOf } from './examples.ts';

const intro = `# Events

What happens in a connected account, and to the connection itself, as one ordered log. This page is written by
\`node scripts/event-docs.ts\`; \`GET /api/v1/events/types\` and \`foreknow events --list-types\` say the same.

## Reading

\`GET /api/v1/events\` gives events oldest first (\`order=desc\`: newest first). Ask again with \`after\` set to \`next_cursor\`, also
when the page is empty; \`wait=25\` holds the call until something happens. The id of an event works as \`after\` too.

- **Ordered, without gaps, at least once.** Numbers of the log are given inside the transaction that writes the change, so a
  reader never passes one that comes later. After a crash of the reader the same events come again: \`id\` tells them apart.
- **The same for ever.** An event is made from one entry of the log and nothing else: its id, type and data never change. Later
  versions may add fields and types. Only erasing a person, or purging a connection, takes events away.
- **Old values.** \`previous_attributes\` holds the old values of what changed, \`attributes\` the new ones. Whole records are in
  \`created\` and \`deleted\` alone. Long lists are left out: members of a group come one by one, admins as roles.
- **From the first pass on.** A stream that was read for the first time is one \`baseline.completed\`; read the directory then, and
  events keep it up to date. What KnowBe4 changes by itself (scores, sign-ins) has types of its own. The size of a group has none.
- **Removals are proven.** Nothing is told as deleted or archived that a complete read did not prove ([sync.md](sync.md)).
- **Retention.** The log is kept 90 days unless set otherwise. A cursor from before that is answered with 410 \`cursor_expired\`
  and the oldest cursor that works: read the directory again, then go on from there.
- **Who sees what.** Types belong to a scope of the API; a token without it does not get them. Without the scope \`directory\`
  people in training, phishing and risk events are ids alone. Events of persons in tests need \`phishing.identified\`, those of
  campaigns and tests \`phishing.aggregate\`, which it holds. A token with a field policy gets events without what it hides. A bound token gets the events of its connections; what belongs to none (\`source.*\`, with an empty \`connection_id\`) goes to those who reach all.

Filters: \`types\` (\`user.*\` stands for all that begin so), \`connection_id\`, \`from\`, \`until\`, \`limit\` up to 1,000. A page looks at
200,000 entries at most: with a rare filter it may be short or empty and still have \`has_more\`.

## Risk scores

Every change of a score is \`risk_score.changed\`. Two settings of a connection make further events, at the time the score is
read: \`risk_thresholds\` (default 60) and \`risk_delta\` (default 10 points, counted from the score
that \`risk.jumped\` told last, so that a slow drift is told as well).
\`foreknow connections set NAME --risk-threshold 50,75 --risk-delta 5\`

## Alerts

A look each minute opens an alert when a stream was not read for three of its intervals (2 hours at least, a day for a first
pass), when the token is refused, when less than half of the reserve of the day is left, when KnowBe4 asks to slow down although our own
count had room, and when many deliveries are given up. It is an event, a line in \`foreknow status\`, an entry of
\`GET /api/v1/alerts\`, and a mail where \`notify\` is configured: one an hour at most for each kind and connection.

## WorkOS Directory Sync

The same directory in the lists and events of WorkOS: \`/workos/directories\`, \`/workos/directory_users\`,
\`/workos/directory_groups\`, \`/workos/events\`, with the scope \`directory\`. The libraries of WorkOS can be told another host but no
path, so the same addresses work at the root:

\`\`\`js
const workos = new WorkOS('fk_…', { apiHostname: 'foreknow.example', https: true });
const { data } = await workos.events.listEvents({ events: ['dsync.user.created', 'dsync.user.updated'] });
\`\`\`

- A connection is a directory: \`dsync.activated\` when it is made, one \`dsync.deleted\` when it is removed.
- The first pass is \`dsync.user.created\` and \`dsync.group.created\` for everybody, made on reading, with ids such as
  \`event_000000000000012.user_1207\`. People and groups are shown as they were then; memberships as they are now, and the later
  events of memberships end in the same state.
- \`dsync.user.updated\` carries the whole person as of that event. Archived people are \`inactive\`. Admins of the console have the role
  \`admin\`, all others \`member\`; a change of it is an update.
- \`custom_attributes\` uses the names of WorkOS (\`department_name\`, \`manager_email\` …), \`raw_attributes\` holds the record.
- \`list_metadata.after\` of events is null at the end: keep the id of the last event and ask with it later.
- Directories are read-only. Users inline 100 groups at most; \`/workos/directory_groups?user=\` lists all.

## Types
`;

const titles: Readonly<Record<EventFamily, string>> = {
  directory: 'Directory',
  training: 'Training',
  'phishing.aggregate': 'Phishing',
  'phishing.identified': 'Phishing of persons',
  risk: 'Risk',
  connections: 'Connections',
  provisioning: 'Provisioning',
};

/** The page of events in docs: how to read them, and every type with the fields of its data and an example. */
export const eventsPage = (): string =>
  intro +
  Object.entries(titles)
    .map(([family, title]) => {
      const types = eventTypes.filter((type) => catalogEntry(type).family === family);
      return `\n### ${title}\n\nScope \`${family}\`.\n${types.map(section).join('')}`;
    })
    .join('');

function section(type: EventType): string {
  const { when, data } = catalogEntry(type);
  const { properties = {} } = z.toJSONSchema(data);
  const fields = Object.keys(properties).map((name) => `\`${name}\``);
  const example = JSON.stringify(exampleOf(type).data);
  return `\n#### ${type}\n\n${when} Data: ${fields.join(', ')}.\n\n\`\`\`json\n${example}\n\`\`\`\n`;
}
