/** A gateway that is pushed to, with so many users already. Prints address, token and what reads cost by themselves; ends on SIGTERM. */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type GatewayOptions, openGateway } from '../src/gateway/gateway.ts';
import { createServer } from '../src/http/server.ts';
import { profiles } from '../src/scim/profile.ts';

const [folder = '', users = '0'] = process.argv.slice(2);
const options: GatewayOptions = {
  folder,
  sources: {
    sources: [{ name: 'push', kind: 'scim-in', profile: undefined }],
    people: { from: [], join: [], prefer: {} },
  },
};
await (await openGateway(options)).close();
fill(Number(users));
const gateway = await openGateway(options);
const { secret } = await gateway.scimIn.tokens.create('push');
const app = await createServer({ gateway });
const url = await app.listen({ host: '127.0.0.1', port: 0 });
console.log(JSON.stringify({ url, secret, alone: await alone(Number(users)) }));
process.on('SIGTERM', () => {
  void app
    .close()
    .then(() => gateway.close())
    .then(() => process.exit(0));
});

/** Milliseconds of processor time of one look-up and one page, without the door; the least of three rounds. */
async function alone(count: number) {
  const at = { source: 'push', kind: 'User', profile: profiles.entra, base: 'http://localhost' } as const;
  const cost = async (query: (index: number) => Record<string, string>) => {
    const rounds: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const began = process.threadCpuUsage();
      for (let index = 0; index < 100; index += 1)
        await gateway.scimIn.resources.list(at, query((index * 997) % count));
      const { user, system } = process.threadCpuUsage(began);
      rounds.push((user + system) / 100_000);
    }
    return Math.round(Math.min(...rounds) * 100) / 100;
  };
  return {
    look_up_cpu_ms: await cost((index) => ({ filter: `userName eq "PERSON-${index}@example.com"` })),
    page_of_100_cpu_ms: await cost((index) => ({ startIndex: String(index + 1), count: '100' })),
  };
}

/** As a provider would have left them, written at once. */
function fill(count: number): void {
  const database = new DatabaseSync(join(folder, 'foreknow.db'));
  database.exec('begin');
  const insert = database.prepare(
    `insert into scim_in_objects (source, kind, id, version, user_name, external_id, body, created_at, changed_at)
     values ('push', 'User', ?, 1, ?, ?, ?, ?, ?)`,
  );
  for (let index = 0; index < count; index += 1) {
    const [id, userName] = [`00u${String(index).padStart(9, '0')}`, `person-${index}@example.com`];
    const name = { givenName: `Given${index}`, familyName: `Family${index}` };
    const body = { schemas: [], userName, externalId: id, name, active: true, title: 'Clerk' };
    const at = new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString();
    insert.run(id, userName, id, JSON.stringify(body), at, at);
  }
  database.exec('commit');
  database.exec('analyze');
  database.close();
}
