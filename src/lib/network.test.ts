import { expect, test } from 'vitest';
import { neighbourhoodOf } from './network.ts';

test('addresses of one /24 and of one /64 are one neighbourhood', () => {
  expect(neighbourhoodOf('192.0.2.7')).toBe('192.0.2.0/24');
  expect(neighbourhoodOf('192.0.2.250')).toBe(neighbourhoodOf('192.0.2.7'));
  expect(neighbourhoodOf('192.0.3.7')).not.toBe(neighbourhoodOf('192.0.2.7'));
  expect(neighbourhoodOf('2001:DB8:1:02::7')).toBe('2001:db8:1:2::/64');
  expect(neighbourhoodOf('2001:db8:1:2:aaaa:bbbb:cccc:dddd')).toBe('2001:db8:1:2::/64');
  expect(neighbourhoodOf('::1')).toBe('0:0:0:0::/64');
});

test('what is no address is kept at a bounded length', () => {
  expect(neighbourhoodOf('unknown')).toBe('unknown');
  expect(neighbourhoodOf('x'.repeat(1000))).toHaveLength(64);
});
