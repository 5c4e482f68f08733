import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html } from './html.ts';

test('what is put into a page is escaped, in text and in attributes', () => {
  expect(html`<p title="${'"><script>'}">${"<b>&'"}</p>`.markup).toBe(
    '<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;&#39;</p>',
  );
});

test('pieces of a page are put in as they are, lists one after another, null and false not at all', () => {
  const items = ['a', '<'].map((text) => html`<li>${text}</li>`);
  expect(html`<ul>${items}${null}${false}${0}</ul>`.markup).toBe('<ul><li>a</li><li>&lt;</li>0</ul>');
});

test('whatever the text, it adds no tag and does not end an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'<>"\'&;=ab ') }), (text) => {
      expect(html`${text}`.markup).not.toMatch(/[<>"']/);
    }),
  );
});
