const MARK = '[redacted]';

/** What a secret looks like wherever it stands in a line, and what is left of it. The last word against mistakes. */
const shapes: readonly (readonly [RegExp, string])[] = [
  // Ours: tokens of every kind and secrets of webhooks.
  [/\b(?:fk[a-z]?_|whsec_)[\w+/=-]{16,}/g, MARK],
  // Codes of invitations.
  [/\bKB-[2-9A-Z]{4}-[2-9A-Z]{4}\b/gi, MARK],
  // JSON Web Tokens, as KnowBe4 gives them out.
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, MARK],
  [/\b(bearer|basic)(\s+|%20)[\w.~+/=-]{6,}/gi, `$1 ${MARK}`],
  // User and password of an address.
  [/(:\/\/)[^\s/@"'\\]+@/g, `$1${MARK}@`],
  // Queries, assignments and JSON, the latter also inside a string.
  [
    /((?:token|secret|passw(?:or)?d|api[_-]?key|authorization|cookie|signature)["'\\]*\s*[=:]\s*["'\\]*)(?!\[redacted\])[^\s"'\\&,;}]{4,}/gi,
    `$1${MARK}`,
  ],
];

/** Cuts what looks like a secret out of a line of the log. */
export const scrub = (line: string): string =>
  shapes.reduce((text, [shape, replacement]) => text.replace(shape, replacement), line);
