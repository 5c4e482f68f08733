import { expect } from 'vitest';
import { type ForeknowError, isForeknowError } from '../../errors/errors.ts';
import { noLimits } from '../client.ts';
import { createLimiter } from '../transport/limiter.ts';
import type { ScimClientOptions } from './ask.ts';
import { createScimClient } from './client.ts';
import { type Habits, scimService } from './service.contract.ts';

export const TOKEN = 'sk-31f7-secret';

/** A service with habits, and a client whose waits only move the clock. */
export function lab(habits: Partial<Habits> = {}, more: Partial<ScimClientOptions> = {}) {
  const service = scimService(habits);
  const clock = { now: Date.parse('2026-11-21T10:00:00Z') };
  const slept: number[] = [];
  const sleep = async (ms: number) => {
    slept.push(ms);
    clock.now += ms;
  };
  const now = () => clock.now;
  const world = { now, sleep, random: () => 0.5 };
  const clientOf = () =>
    createScimClient({
      ...{ tenantUrl: 'https://scim.example.com/scim/', token: TOKEN, fetch: service.fetch, ...world },
      limiter: createLimiter({ limits: noLimits, ...world }),
      ...more,
    });
  return { service, client: clientOf(), clientOf, clock, slept };
}

export const person = (n: number | string, more = {}) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  externalId: `key-${n}`,
  userName: `person.${n}@example.com`,
  active: true,
  name: { givenName: 'Ada', familyName: `Number ${n}` },
  ...more,
});
export const people = (count: number) => Array.from({ length: count }, (_, n) => ({ ...person(n), id: `u-${n}` }));

export async function failure(promise: Promise<unknown>) {
  const error = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(isForeknowError(error), String(error)).toBe(true);
  return error as ForeknowError;
}

export const methods = (service: ReturnType<typeof scimService>) => service.calls.map(({ method }) => method);
