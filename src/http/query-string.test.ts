import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseQuery } from './query-string.ts';

const values = (text: string) => JSON.parse(JSON.stringify(parseQuery(text).values));

test('an empty query and a lone question mark hold nothing', () => {
  expect(values('')).toEqual({});
  expect(values('&&')).toEqual({});
});

test('lists are read in all the ways that clients write them', () => {
  expect(values('x[]=a&x[]=b')).toEqual({ x: ['a', 'b'] });
  expect(values('x[0]=a&x[1]=b')).toEqual({ x: ['a', 'b'] });
  expect(values('x%5B1%5D=b&x%5B0%5D=a')).toEqual({ x: ['a', 'b'] });
  expect(values('x=a&x=b')).toEqual({ x: ['a', 'b'] });
  expect(values('x[]=a')).toEqual({ x: ['a'] });
  expect(values('x[in][]=a&x[in][]=b')).toEqual({ x: { in: ['a', 'b'] } });
});

test('operators in brackets become an object', () => {
  expect(values('created_at%5Bgt%5D=2026-01-01&created_at[lt]=2026-02-01')).toEqual({
    created_at: { gt: '2026-01-01', lt: '2026-02-01' },
  });
});

test('plus is a space, malformed percent signs stay as written', () => {
  expect(values('a=x+y&b=%zz&c=50%')).toEqual({ a: 'x y', b: '%zz', c: '50%' });
});

test('a parameter may be called like a part of every object', () => {
  const parsed = parseQuery('__proto__[x]=1&constructor=2');
  expect(Object.keys(parsed.values)).toEqual(['__proto__', 'constructor']);
  expect(({} as { x?: string }).x).toBeUndefined();
});

test('what cannot be read is named, not thrown', () => {
  expect(parseQuery('a=1&a[gt]=2').problem).toContain('a');
  expect(parseQuery('a[gt]=2&a=1').problem).toContain('a');
  expect(parseQuery('a[b=1').problem).toContain('brackets');
  expect(parseQuery('a[b][c][d][e]=1').problem).toContain('deep');
  expect(parseQuery('a&'.repeat(400)).problem).toContain('300');
});

test('any text is read without an error, and any value comes back as it was encoded', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseQuery(text)));
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.string()), (wanted) => {
      const text = new URLSearchParams(wanted).toString();
      expect(values(text)).toEqual({ ...wanted });
    }),
  );
});
