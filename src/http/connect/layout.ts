import { type Html, html } from './html.ts';

/** Addresses of the files that every page uses; they change with what is in them. */
export type AssetUrls = { readonly css: string; readonly js: string; readonly icon: string };

/** What a page tells the one that opened or framed it, and where it goes on. Nothing in it is secret. */
export type Outcome = {
  /** Posted to each of the origins, once, as soon as the page is there. */
  readonly message: Readonly<Record<string, string | boolean>> | null;
  /** Posted where somebody gives up; null: that the page was closed. */
  readonly onCancel: Readonly<Record<string, string | boolean>> | null;
  readonly origins: readonly string[];
  /** Where the browser goes where nobody waits for a message. */
  readonly goTo: string | null;
};

const silent: Outcome = { message: null, onCancel: null, origins: [], goTo: null };

export type Page = {
  readonly title: string;
  readonly main: Html;
  /** Host that the keys go to, shown at the top of each page. */
  readonly host: string;
  readonly outcome?: Outcome;
  /** Pages that work without a script load none; default true. */
  readonly isScripted?: boolean;
};

/** A whole document. The script and the style are the only things it loads. */
export function documentOf(
  { title, main, host, outcome = silent, isScripted = true }: Page,
  assets: AssetUrls,
): string {
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow">
<title>${title} · Foreknow</title>
<link rel="icon" type="image/svg+xml" href="${assets.icon}">
<link rel="stylesheet" href="${assets.css}">
${isScripted && html`<script type="module" src="${assets.js}"></script>`}
</head>
<body>
<header class="top">
<span class="brand"><svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M3.5 17a9 9 0 1 1 17 0"/><path d="m12 14 4.2-5.4"/><circle cx="12" cy="14" r="1.6"/></svg>Foreknow</span>
<span class="host"><span class="quiet">at</span> <code>${host}</code></span>
</header>
<main id="main" tabindex="-1" data-title="${title} · Foreknow" data-message="${json(outcome.message)}" data-on-cancel="${json(outcome.onCancel)}" data-origins="${json(outcome.origins)}" data-go-to="${outcome.goTo ?? ''}">
${main}
</main>
<footer class="foot">
<p>Foreknow is open-source software that <code>${host}</code> runs. It is not affiliated with KnowBe4.</p>
</footer>
</body>
</html>
`;
  return markup;
}

const json = (value: unknown): string => (value === null ? '' : JSON.stringify(value));
