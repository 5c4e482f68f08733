import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalDn, dnKey, partsOfDn } from './dn.ts';

test.each([
  ['CN=Wire\\, transfers,OU=Groups,DC=acme', 'Wire, transfers'],
  ['CN=Wire\\2C transfers,OU=Groups', 'Wire, transfers'],
  ['cn="Wire, transfers",ou=Groups', 'Wire, transfers'],
  ['CN=Gro\\C3\\9Fe,OU=x', 'Große'],
  ['CN=Große,OU=x', 'Große'],
  ['CN=a+UID=7,OU=x', 'a'],
  ['CN = spaced ,OU=x', 'spaced'],
  ['CN=kept\\ ,OU=x', 'kept '],
  ['CN=a\\\\b', 'a\\b'],
])('%s begins with %s', (dn, value) => {
  expect(partsOfDn(dn)[0]!.value).toBe(value);
});

test('what is no DN has no parts', () => {
  expect(partsOfDn('ada@acme.test')).toEqual([]);
  expect(partsOfDn('')).toEqual([]);
});

test.each([
  ['UID=p1, OU=people , DC=acme', 'uid=p1,ou=people,dc=acme'],
  ['CN=Wire\\2C transfers,OU=x', 'CN=Wire\\, transfers,OU=x'],
  ['CN=Gro\\C3\\9Fe,OU=x', 'cn=Große,ou=x'],
  ['cn="a,b",ou=x', 'cn=a\\,b,ou=x'],
])('%s and %s are one', (one, other) => {
  expect(canonicalDn(one)).toBe(canonicalDn(other));
  expect(dnKey(one.toLowerCase())).toBe(dnKey(other));
});

test('writing a DN in the one way twice changes nothing, and the value comes back', () => {
  const value = fc
    .string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'ab ,+"\\<>;=#ß0') })
    .filter((text) => text.trim() === text && !/^".*"$/.test(text));
  fc.assert(
    fc.property(value, (text) => {
      const dn = `CN=${text.replace(/[\\,+"<>;]|^#/g, (letter) => `\\${letter}`)},OU=x`;
      expect(partsOfDn(dn)[0]!.value).toBe(text);
      expect(partsOfDn(canonicalDn(dn))[0]!.value).toBe(text);
      expect(canonicalDn(canonicalDn(dn))).toBe(canonicalDn(dn));
    }),
  );
});
