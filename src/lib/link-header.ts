/**
 * The target of a relation in a `Link` header (RFC 8288), for the plain form that servers send:
 * `<https://host/path?cursor=abc>; rel="next", <…>; rel="prev"`.
 * @returns null when the header is absent or names no such relation
 */
export function linkTarget(header: string | null, relation: string): string | null {
  if (!header) return null;
  for (const match of header.matchAll(/<([^>]*)>([^<]*)/g)) {
    const relations = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(match[2]!);
    const names = (relations?.[1] ?? relations?.[2] ?? '').toLowerCase().split(/\s+/);
    if (names.includes(relation)) return match[1]!;
  }
  return null;
}
