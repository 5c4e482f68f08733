/**
 * Makes people in an empty SCIM store, four at a time, and reads them back with a proof: over the road, or with bare `fetch`, one question and
 * one POST each. Arguments: `road|bare url token people`; prints JSON.
 */
import { createLimiter, createScimClient, noLimits } from '../src/client/index.ts';
import { roadOver } from '../src/gateway/road.ts';
import { userBody } from '../src/gateway/road-fields.ts';

const [how, url, token, count] = process.argv.slice(2) as [string, string, string, string];
const CONCURRENCY = 4;

const aPerson = (n: number) => ({
  externalId: `guid-${n}`,
  active: true,
  managerId: null,
  fields: {
    email: `person.${n}@example.com`,
    first_name: `First${n % 977}`,
    last_name: `Last${n % 1013}`,
    job_title: 'Clerk',
    department: `Department ${n % 40}`,
    location: 'Halden',
    employee_number: String(100_000 + n),
  },
});

let requests = 0;
const road = roadOver(
  createScimClient({ tenantUrl: url, token, limiter: createLimiter({ limits: noLimits }), concurrency: CONCURRENCY }),
);

async function overRoad(n: number): Promise<void> {
  const made = await road.createUser(aPerson(n));
  requests += made.requests;
}

async function bare(n: number): Promise<void> {
  const person = aPerson(n);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' };
  const filter = encodeURIComponent(`externalId eq "${person.externalId}" or userName eq "${person.fields.email}"`);
  const found = (await (await fetch(`${url}/Users?filter=${filter}`, { headers })).json()) as { totalResults: number };
  if (found.totalResults === 0) {
    await (await fetch(`${url}/Users`, { method: 'POST', headers, body: JSON.stringify(userBody(person)) })).json();
  }
  requests += 2;
}

const make = how === 'road' ? overRoad : bare;
let next = 0;
const worker = async () => {
  while (next < Number(count)) {
    next += 1;
    await make(next);
  }
};
const started = performance.now();
await Promise.all(Array.from({ length: CONCURRENCY }, worker));
const ms = performance.now() - started;
const list = await road.readAll('users', new AbortController().signal);
const readMs = performance.now() - started - ms;
const cpuMs = process.cpuUsage().user / 1000;
console.log(
  JSON.stringify({
    ...{ ms, readMs, requests, cpuMs, people: list.resources.length, complete: list.complete },
    peakMb: process.resourceUsage().maxRSS / 1024,
  }),
);
