/**
 * A `Link` header of KnowBe4 as a header of ours: its targets are at this server, where the caller's token is good.
 * @param base what KnowBe4's paths are below: `https://eu.api.knowbe4.com/v1`
 * @returns null where a target is elsewhere: whoever followed it would show their token there
 */
export function linksBelow(link: string, base: string): string | null {
  const { origin } = new URL(base);
  let isForeign = false;
  const own = link.replace(/<([^>]*)>/g, (_, target: string) => {
    const url = URL.canParse(target, base) ? new URL(target, base) : null;
    const [, path] = /(\/v1\/.*)$/s.exec(url?.pathname ?? '') ?? [];
    if (url === null || url.origin !== origin || path === undefined) {
      isForeign = true;
      return '<>';
    }
    return `<${path}${url.search}>`;
  });
  return isForeign ? null : own;
}
