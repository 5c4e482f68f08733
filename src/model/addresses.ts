/** What stands between the two parts of an address, also where it was written into a URL. */
const at = /[@＠﹫]|%(?:25)*40/gi;
/** Ends an address on its left and on its right. */
const notLocal = /[\s<>()[\],;:"\\]/;
const inDomain = /[\p{L}\p{N}._-]/u;

/**
 * A text with every mail address in it replaced. In doubt something is taken for an address.
 * @param shown what stands for an address, by its two parts
 */
export function replaceAddresses(text: string, shown: Shown): string {
  // What stood in an address's place may be part of another one with what follows it.
  let result = replacedOnce(text, shown);
  for (let before = text; result !== before; ) [before, result] = [result, replacedOnce(result, shown)];
  return result;
}

type Shown = (local: string, domain: string) => string;

function replacedOnce(text: string, shown: Shown): string {
  let result = '';
  let done = 0;
  for (const found of text.matchAll(at)) {
    if (found.index < done) continue;
    const start = startOfLocal(text, found.index, done);
    const end = endOfDomain(text, found.index + found[0].length);
    if (start === found.index) continue;
    result +=
      text.slice(done, start) + shown(text.slice(start, found.index), text.slice(found.index + found[0].length, end));
    done = end;
  }
  return result + text.slice(done);
}

/** `amara@example.com` → `a***@example.com`, which stays as it is. */
export const maskedAddress = (local: string, domain: string): string =>
  `${/^["*]/.test(local) ? '' : String.fromCodePoint(local.codePointAt(0)!)}***@${domain}`;

function startOfLocal(text: string, end: number, least: number): number {
  if (text[end - 1] === '"') {
    const open = text.lastIndexOf('"', end - 2);
    if (open >= least) return open;
  }
  let start = end;
  while (start > least && !notLocal.test(text[start - 1]!)) start -= 1;
  return start;
}

function endOfDomain(text: string, start: number): number {
  if (text[start] === '[') {
    const close = text.indexOf(']', start);
    if (close !== -1) return close + 1;
  }
  let end = start;
  while (end < text.length && inDomain.test(text[end]!)) end += 1;
  return end;
}
