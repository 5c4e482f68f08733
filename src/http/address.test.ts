import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, networkOf } from './address.ts';

const from = (ip: string, remoteAddress: string | undefined = '192.0.2.9') =>
  addressOf({ ip, socket: { remoteAddress } } as never);

test('what a proxy hands on as an address is used only when it is one', () => {
  expect(from('198.51.100.7')).toBe('198.51.100.7');
  expect(from('::ffff:198.51.100.7')).toBe('198.51.100.7');
  expect(from('fe80::1%eth0')).toBe('fe80::1');
  for (const odd of ['', 'unknown', '198.51.100.7:99', 'x'.repeat(9000), '<script>'])
    expect(from(odd)).toBe('192.0.2.9');
  expect(addressOf({ ip: 'x', socket: {} } as never)).toBe('unknown');
});

test('callers of one IPv6 network count as one, however they write their address', () => {
  expect(networkOf('2001:db8:1:2::1')).toBe('2001:db8:1:2::/64');
  expect(networkOf('2001:0DB8:0001:0002:ffff:ffff:ffff:ffff')).toBe('2001:db8:1:2::/64');
  expect(networkOf('2001:db8:1:3::1')).not.toBe(networkOf('2001:db8:1:2::1'));
  expect(networkOf('::1')).toBe('0:0:0:0::/64');
  expect(networkOf('64:ff9b::192.0.2.33')).toBe('64:ff9b:0:0::/64');
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1');
});

test('the network of an address is that of its first four groups', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      fc.pre(isIPv6(address));
      const [network = ''] = networkOf(address).split('::/64');
      expect(network.split(':')).toHaveLength(4);
      // The same address, spelled by the URL parser.
      expect(networkOf(new URL(`http://[${address}]`).hostname.slice(1, -1))).toBe(networkOf(address));
    }),
  );
});
