import type { LookupAddress } from 'node:dns';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAddressGuard, type GuardOptions, isPublicAddress } from './address-guard.ts';

const check = (url: string, options?: GuardOptions) => () => createAddressGuard(options).checkUrl(new URL(url));
const refusal = expect.objectContaining({ code: 'host_not_allowed', field: 'url' });

/** Written out once more: first and last address of what is not the public IPv4 internet. */
const closedV4 = [
  ['0.0.0.0', '0.255.255.255'],
  ['10.0.0.0', '10.255.255.255'],
  ['100.64.0.0', '100.127.255.255'],
  ['127.0.0.0', '127.255.255.255'],
  ['168.63.129.16', '168.63.129.16'],
  ['169.254.0.0', '169.254.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.0.0.0', '192.0.0.255'],
  ['192.0.2.0', '192.0.2.255'],
  ['192.88.99.0', '192.88.99.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['198.18.0.0', '198.19.255.255'],
  ['198.51.100.0', '198.51.100.255'],
  ['203.0.113.0', '203.0.113.255'],
  ['224.0.0.0', '255.255.255.255'],
] as const;
const openV6 = '2000::/3';
const closedV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'] as const;

/** Arithmetic of its own: an address as a number, a range as first and last number. */
const v4 = (number: number): string => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
const v4Number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const v4Range = ([first, last]: readonly [string, string]) => [v4Number(first), v4Number(last)] as const;
const isClosedV4 = (number: number): boolean =>
  closedV4.map(v4Range).some(([first, last]) => number >= first && number <= last);

const v6 = (number: bigint): string =>
  Array.from({ length: 8 }, (_, group) => ((number >> BigInt(112 - 16 * group)) & 0xffffn).toString(16)).join(':');
const v6Number = (text: string): bigint => {
  const [head = '', tail = ''] = text.split('::');
  const groups = (part: string) => part.split(':').filter(Boolean);
  const zeros = Array<string>(8 - groups(head).length - groups(tail).length).fill('0');
  return [...groups(head), ...zeros, ...groups(tail)].reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
};
const isIn = (number: bigint, range: string): boolean => {
  const [network, bits] = range.split('/') as [string, string];
  const shift = BigInt(128 - Number(bits));
  return number >> shift === v6Number(network) >> shift;
};

/** Any address, and many at the edges of the ranges. */
const anyV4 = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc
    .tuple(fc.constantFrom(...closedV4.map(v4Range)), fc.integer({ min: -2, max: 2 }), fc.boolean())
    .map(([[first, last], by, atFirst]) => Math.min(2 ** 32 - 1, Math.max(0, (atFirst ? first : last) + by))),
);
const anyV6 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
  fc.tuple(fc.constantFrom(openV6, ...closedV6), fc.bigInt({ min: 0n, max: 2n ** 128n - 1n })).map(([range, noise]) => {
    const [network, bits] = range.split('/') as [string, string];
    return v6Number(network) | (noise >> BigInt(bits));
  }),
);

test('an IPv4 address is public exactly when it is in none of the closed ranges', () => {
  fc.assert(fc.property(anyV4, (number) => void expect(isPublicAddress(v4(number))).toBe(!isClosedV4(number))));
});

test('an IPv6 address is public exactly when it is global unicast and not reserved for something else', () => {
  const isPublic = (number: bigint) => isIn(number, openV6) && !closedV6.some((range) => isIn(number, range));
  fc.assert(fc.property(anyV6, (number) => void expect(isPublicAddress(v6(number))).toBe(isPublic(number))));
});

test('an IPv4 address inside an IPv6 one is judged as itself, however it is spelled', () => {
  fc.assert(
    fc.property(anyV4, (number) => {
      const [high, low] = [(number >>> 16).toString(16), (number & 0xffff).toString(16)];
      for (const spelled of [`::ffff:${v4(number)}`, `::ffff:${high}:${low}`, `64:ff9b::${high}:${low}`]) {
        expect(isPublicAddress(spelled)).toBe(!isClosedV4(number));
      }
      expect(isPublicAddress(`2002:${high}:${low}::1`)).toBe(false);
      expect(isPublicAddress(`64:ff9b:1::${high}:${low}`)).toBe(false);
    }),
  );
});

test('a decimal, octal or hex spelling of an address is the address', () => {
  fc.assert(
    fc.property(anyV4, (number) => {
      const hex = `0x${number.toString(16)}`;
      const octal = [24, 16, 8, 0].map((shift) => `0${((number >>> shift) & 255).toString(8)}`).join('.');
      for (const host of [String(number), hex, octal]) {
        const checked = check(`https://${host}/`);
        if (isClosedV4(number)) expect(checked).toThrow(refusal);
        else checked();
      }
    }),
  );
});

test('the machine itself, its network and the metadata of clouds are closed', () => {
  const hosts = [
    ...['127.0.0.1', '0.0.0.0', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1'],
    ...['100.100.100.200', '168.63.129.16', '224.0.0.1', '255.255.255.255', '127.1', '0x7f000001', '017700000001'],
    ...['[::1]', '[::]', '[fe80::1]', '[fd00:ec2::254]', '[ff02::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
    ...['[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[2001:0:1::1]', '[::127.0.0.1]'],
  ];
  for (const host of hosts) expect(check(`https://${host}/`), host).toThrow(refusal);
});

test('only https on port 443 and without credentials, unless the operator says otherwise', () => {
  for (const url of [
    'http://hooks.example.com/',
    'ftp://hooks.example.com/',
    'https://hooks.example.com:8443/',
    'https://hooks.example.com:22/',
    'https://user@hooks.example.com/',
    'https://:secret@hooks.example.com/',
  ]) {
    expect(check(url), url).toThrow(refusal);
  }
  check('https://hooks.example.com/in?x=1')();
  check('https://hooks.example.com:443/')();
  check('https://hooks.example.com:8443/', { ports: [8443] })();
  for (const url of ['http://in.corp.example/', 'https://in.corp.example:8443/', 'http://10.2.3.4:81/'])
    check(url, { allow: ['in.corp.example', '10.2.0.0/16'] })();
  expect(check('https://u:p@in.corp.example/', { allow: ['in.corp.example'] })).toThrow(refusal);
});

test('an allowed range lets its addresses through and no others, mapped ones too', () => {
  const options = { allow: ['10.2.0.0/16', 'fd12::/16', '192.168.7.9'] };
  for (const host of ['10.2.255.1', '192.168.7.9', '[fd12:1::1]', '[::ffff:10.2.0.1]'])
    check(`https://${host}/`, options)();
  for (const host of ['10.3.0.1', '192.168.7.8', '[fd13::1]', '[::ffff:10.3.0.1]']) {
    expect(check(`https://${host}/`, options), host).toThrow(refusal);
  }
});

test('an allowed name with a star means what is below it', () => {
  const options = { allow: ['*.corp.example'] };
  check('http://a.b.corp.example/', options)();
  for (const host of ['corp.example', 'corp.example.com', 'evilcorp.example'])
    expect(check(`http://${host}/`, options), host).toThrow(refusal);
});

test('what is neither a name nor a range is refused as configuration', () => {
  for (const entry of [
    '',
    'a b',
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    'https://x.example',
    '*',
    '*.',
    'fe80::1%eth0',
    '10.2.0',
  ]) {
    expect(() => createAddressGuard({ allow: [entry] }), entry).toThrow(
      expect.objectContaining({ code: 'config_invalid' }),
    );
  }
});

const leadingTo = (...addresses: readonly string[]): GuardOptions => ({
  resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
});
const lookUp = (options: GuardOptions, all: boolean, family?: 4 | 6) =>
  new Promise<string | LookupAddress[]>((resolve, reject) => {
    const asked = { all, ...(family === undefined ? {} : { family }) };
    createAddressGuard(options).lookup('hooks.example.com', asked, (error, found) => {
      if (error === null) resolve(found);
      else reject(error);
    });
  });

test('a name is connected to what it was checked for', async () => {
  const both = leadingTo('93.184.215.14', '2606:2800::1');
  expect(await lookUp(both, true)).toEqual([
    { address: '93.184.215.14', family: 4 },
    { address: '2606:2800::1', family: 6 },
  ]);
  expect(await lookUp(both, false)).toBe('93.184.215.14');
  expect(await lookUp(both, false, 6)).toBe('2606:2800::1');
  await expect(lookUp(leadingTo('93.184.215.14'), false, 6)).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

test('a name with one closed address among its addresses is not connected to at all', async () => {
  for (const closed of ['127.0.0.1', '10.0.0.1', '::1', '::ffff:10.0.0.1', '169.254.169.254']) {
    await expect(lookUp(leadingTo('93.184.215.14', closed), true)).rejects.toEqual(refusal);
    await expect(
      createAddressGuard(leadingTo(closed)).checkName(new URL('https://hooks.example.com/')),
    ).rejects.toEqual(refusal);
  }
});

test('an allowed name may lead anywhere, an allowed range only into it', async () => {
  expect(await lookUp({ ...leadingTo('127.0.0.1'), allow: ['hooks.example.com'] }, false)).toBe('127.0.0.1');
  expect(await lookUp({ ...leadingTo('10.2.0.1'), allow: ['10.2.0.0/16'] }, false)).toBe('10.2.0.1');
  await expect(lookUp({ ...leadingTo('10.3.0.1'), allow: ['10.2.0.0/16'] }, false)).rejects.toEqual(refusal);
});

test('a name that does not resolve yet is no refusal', async () => {
  const guard = createAddressGuard({ resolve: () => Promise.reject(new Error('ENOTFOUND')) });
  await guard.checkName(new URL('https://later.example.com/'));
});
