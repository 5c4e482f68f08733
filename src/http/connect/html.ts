/** Text that is HTML already. Nothing else gets into a page without being escaped. */
export type Html = { readonly markup: string };

type Part = Html | string | number | null | false | readonly Part[];

/** A piece of a page: what is put into it is escaped, unless it was made by `html` itself; `null` and `false` are nothing. */
export const html = (pieces: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  markup: pieces.map((piece, place) => piece + (place < parts.length ? markupOf(parts[place]!) : '')).join(''),
});

function markupOf(part: Part): string {
  if (part === null || part === false) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'markup' in part ? part.markup : part.map(markupOf).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => entities[letter]!);
