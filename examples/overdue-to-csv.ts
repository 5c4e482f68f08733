/** Everybody with overdue training, as CSV: `node overdue-to-csv.ts > overdue.csv`. Needs the scopes directory and training. */
import { createClient } from 'foreknow/sdk';

const client = createClient({ baseUrl: process.env.FOREKNOW_URL!, token: process.env.FOREKNOW_TOKEN! });

console.log('id,name,address,manager,overdue');
for await (const person of client.people.list({ overdue: true, limit: 500 })) {
  const overdue = person.training?.overdue ?? 0;
  console.log([person.id, person.name, person.email, person.manager?.email, overdue].map(cell).join(','));
}

/** Quoted; an apostrophe goes before what a spreadsheet would take for a formula. */
function cell(value: unknown): string {
  const text = String(value ?? '');
  return `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}
