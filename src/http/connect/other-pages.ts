import type { LinkPage, LinkResult } from '../../gateway/types.ts';
import type { LinkState } from '../../links/link.ts';
import { type Html, html } from './html.ts';
import { accountPanel } from './panels.ts';

/** It worked: what the key can do, and how to go on. */
export const doneMain = (result: LinkResult, page: LinkPage, goTo: string | null): Html => html`
<div class="narrow">
<h1>${page.task === 'add_key' ? 'The key is added' : 'Your KnowBe4 account is connected'}</h1>
<p>${page.requester} can go on now. The key is kept encrypted, and this link has done its work.</p>
${accountPanel(result, page.task === 'new' ? 'Connected' : page.task === 'reconnect' ? 'Connected again' : 'Key added')}
<dl class="facts card"><div><dt>Connection</dt><dd>${result.connection.name}</dd></div>${result.connection.tokens.map(
  ({ kind, fingerprint }) =>
    html`<div><dt>Fingerprint of the ${kind} key</dt><dd><code>${fingerprint}</code></dd></div>`,
)}</dl>
<p class="last" data-last>You can close this window.</p>
${goTo !== null && html`<div class="actions"><a class="button primary" href="${goTo}">Continue to ${new URL(goTo).host}</a></div>`}
</div>`;

/** A page that only says something. */
export const noticeMain = (title: string, paragraphs: readonly (string | Html)[]): Html => html`
<div class="narrow">
<h1>${title}</h1>
${paragraphs.map((text) => html`<p>${text}</p>`)}
</div>`;

/** Why a link that is known takes no key any more. */
export function endedNotice(state: Exclude<LinkState, 'open'>, requester: string): Html {
  const again = html`Ask ${requester} for a new one if there is still something to connect.`;
  const words: Readonly<Record<typeof state, readonly [string, string]>> = {
    used: ['This link was used already', 'An account was connected with it, and a link does that once.'],
    expired: ['This link has expired', 'Links end after a while, so that old ones do no harm.'],
    revoked: ['This link was taken back', 'Whoever asked took it back.'],
    ended: ['This link does nothing any more', 'What it was made with, or what it was made for, is gone.'],
  };
  const [title, text] = words[state];
  return noticeMain(title, [text, again]);
}

/** A link that is not known: it may be cut short, or come from elsewhere. */
export const unknownLinkNotice = noticeMain('This link opens nothing here', [
  'It is perhaps not whole: open it from where you got it once more, or copy it to its very end.',
  html`If you were given a code like <code>KB-7QF4-92LM</code>, <a href="/connect">type it here</a>.`,
]);

export const noLinkNotice = noticeMain('This page needs its link', [
  'Open the link that you were given once more. It was taken out of the address bar, so that nobody sees it there.',
  html`If you were given a code like <code>KB-7QF4-92LM</code>, <a href="/connect">type it here</a>.`,
]);

/** Where somebody who was asked types the code of the mail. */
export const codeMain = (
  typed: string,
  problem: { readonly title: string; readonly text: string } | null,
): Html => html`
<div class="narrow">
<h1>Type your code</h1>
<p>Somebody asked you to connect a KnowBe4 account and gave you a code.</p>
<form method="post" action="/connect" class="card" novalidate>
${problem !== null && html`<div class="alert" id="alert" role="alert" tabindex="-1"><h2>${problem.title}</h2><p>${problem.text}</p></div>`}
<div class="field${problem === null ? '' : ' wrong'}">
<label for="code">Code</label>
<p class="hint" id="code-hint">Eight letters and digits after KB, for example <code>KB-7QF4-92LM</code>. Capitals and hyphens do not matter.</p>
<input id="code" name="code" type="text" class="code" value="${typed}" maxlength="40" autocomplete="off" autocapitalize="characters" spellcheck="false" aria-describedby="code-hint" ${problem === null ? null : html`aria-invalid="true"`}>
</div>
<div class="actions"><button class="primary">Go on</button></div>
<p class="progress" role="status" data-progress="Looking the code up" data-unreachable="The gateway could not be reached. Try again."></p>
</form>
</div>`;
