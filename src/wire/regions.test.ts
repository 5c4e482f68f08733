import { expect, test } from 'vitest';
import { consoleHost, regionOfAddress, regions, reportingUrl } from './regions.ts';

test('every console, reporting and events address leads back to its region', () => {
  for (const region of regions) {
    expect(regionOfAddress(`https://${consoleHost(region)}/ui/login`)).toBe(region);
    expect(regionOfAddress(reportingUrl(region))).toBe(region);
    expect(regionOfAddress(region.toUpperCase())).toBe(region);
  }
  expect(regionOfAddress('training.knowbe4.com')).toBe('us');
  expect(regionOfAddress('https://api.events.knowbe4.com')).toBe('us');
});

test('an address that only looks like KnowBe4 has no region', () => {
  for (const address of [
    '',
    'https://knowbe4.com.example.com',
    'eu.knowbe4.com.evil.test',
    'https://example.com/eu.knowbe4.com',
  ]) {
    expect(regionOfAddress(address)).toBeNull();
  }
});
