import { expect, test } from 'vitest';
import { connectInputOf } from './account-input.ts';

const asked = (context: object) => connectInputOf({ tenant_id: 'acme', context: { api_token: 'x', ...context } });

test('an address of KnowBe4’s tells the region and is no address of its own; a region that is named goes before it', () => {
  for (const address of ['eu.knowbe4.com', 'https://eu.api.knowbe4.com/v1', 'https://eu.knowbe4.com/ui/account']) {
    expect(asked({ base_url: address })).toMatchObject({ region: 'eu' });
    expect(asked({ base_url: address })).not.toHaveProperty('reportingUrl');
  }
  expect(asked({ base_url: 'https://eu.knowbe4.com', region: 'ca' }).region).toBe('ca');
});

test('any other address is given on, for the operator to allow, and tells no region', () => {
  const address = 'https://knowbe4.example';
  expect(asked({ base_url: address, region: 'us' })).toMatchObject({ region: 'us', reportingUrl: address });
  expect(() => asked({ base_url: address })).toThrow(/context.region is missing/);
});

test('settings come in the words of the use cases', () => {
  expect(asked({ region: 'us', settings: { time_zone: 'UTC' } }).settings).toEqual({ timeZone: 'UTC' });
});
