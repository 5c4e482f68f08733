/** Inbound SCIM: the core alone, and a provider that pushes to a gateway with many people. */
import { fresh, measure, median, round, start, stop } from './parts.ts';

type Server = { readonly url: string; readonly secret: string; readonly alone: Readonly<Record<string, number>> };

/** @param users who are there already */
export async function pushedIn(users: number, requests: number) {
  const started = await start<Server>('scim-in-process.ts', [fresh('scim-in'), users]);
  try {
    const { url, secret, alone } = started.first;
    const ask = asking(`${url}/scim/v2/push`, secret);
    await everyOne(200, 4, () => fetch(`${url}/healthz`).then((answer) => answer.arrayBuffer()));
    const bare = await everyOne(requests, 4, () => fetch(`${url}/healthz`).then((answer) => answer.arrayBuffer()));
    const filter = (index: number) => encodeURIComponent(`userName eq "PERSON-${index}@example.com"`);
    const found = await everyOne(requests, 4, (index) => ask('GET', `/Users?filter=${filter((index * 37) % users)}`));
    const pages = await everyOne(requests / 4, 1, (index) =>
      ask('GET', `/Users?startIndex=${1 + ((index * 997) % (users - 100))}&count=100`),
    );
    const ids: string[] = [];
    const made = await everyOne(requests, 4, async (index) => {
      const body = { userName: `new-${index}@example.com`, externalId: `n-${index}`, name: { familyName: 'New' } };
      ids.push(((await ask('POST', '/Users', body)) as { id: string }).id);
    });
    const off = { Operations: [{ op: 'Replace', path: 'active', value: 'False' }] };
    const ended = await everyOne(requests, 4, (index) => ask('PATCH', `/Users/${ids[index]}`, off));
    return {
      ...alone,
      ...{ users, bare, look_up_by_user_name: found, page_of_100: pages, create: made, deactivate: ended },
      look_up_ratio: round(found.per_second / bare.per_second),
    };
  } finally {
    await stop(started);
  }
}

export const scimCore = () => measure<Record<string, unknown>>('scim-core-process.ts', []);

const asking = (base: string, secret: string) => async (method: string, path: string, body?: unknown) => {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/scim+json' };
  const answer = await fetch(base + path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}`);
  return answer.json();
};

/** So many calls, some at a time. */
async function everyOne(count: number, atOnce: number, call: (index: number) => Promise<unknown>) {
  const times: number[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next++;
      const began = performance.now();
      await call(index);
      times.push(performance.now() - began);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: atOnce }, worker));
  const seconds = (performance.now() - began) / 1000;
  const p99 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)]!;
  return { per_second: Math.round(count / seconds), median_ms: round(median(times)), p99_ms: round(p99) };
}
