import type { LinkCheck } from '../../gateway/types.ts';
import { type Html, html } from './html.ts';
import { abilitiesOf, accountLine } from './words.ts';

/** Which account a key opens, and what it can do. */
export function accountPanel(check: LinkCheck, heading: string): Html {
  const { account, capabilities, warnings } = check;
  return html`<section class="card good" id="checked" tabindex="-1" aria-labelledby="checked-heading">
<h2 id="checked-heading"><span class="glyph" aria-hidden="true">✓</span>${heading}</h2>
${account !== null && html`<p class="account"><b>${account.name ?? 'Account without a name'}</b><br><span class="quiet">${accountLine(check)}</span></p>`}
<h3>What it can do</h3>
<ul class="abilities">${abilitiesOf(capabilities).map(
    ({ name, available, note }) =>
      html`<li class="${available ? 'can' : 'cannot'}"><span class="glyph" aria-hidden="true">${available ? '✓' : '–'}</span><span><b>${name}</b>${available ? null : html`<span class="aside">: not with this key</span>`}${note !== null && html` <span class="quiet">${note}</span>`}</span></li>`,
  )}</ul>
${warnings.length > 0 && html`<h3>Good to know</h3><ul class="warnings">${warnings.map((text) => html`<li><span class="glyph" aria-hidden="true">!</span><span>${text}</span></li>`)}</ul>`}
</section>`;
}
