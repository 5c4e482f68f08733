import type { LinkCheck, LinkPage } from '../../gateway/types.ts';
import type { LinkKey } from '../../links/link.ts';
import { keyGuides } from './console-steps.ts';
import type { Failure, Field } from './failure.ts';
import { type Html, html } from './html.ts';
import { accountPanel } from './panels.ts';
import { consoles, momentOf, readingOf } from './words.ts';

/** What was typed and may be sent back into the page. Keys never are. */
export type Typed = Readonly<Record<'region' | 'base_url' | 'scim_url', string>>;

export type FormPage = {
  readonly link: LinkPage;
  /** What the form sends back as its right to be answered. */
  readonly secret: string;
  readonly host: string;
  readonly typed: Typed;
  readonly failure: Failure | null;
  /** What a check of the keys found; the keys themselves are not kept. */
  readonly checked: LinkCheck | null;
};

/** Where somebody connects: who asks, what is read, how to come by the key, and the form. */
export const formMain = (page: FormPage): Html => html`
<div class="columns">
<div class="intro">
<h1>${titleOf(page.link)}</h1>
${whoAsks(page)}
${reading(page)}
</div>
<form class="work" method="post" action="/connect-account" novalidate>
<input type="hidden" name="link" value="${page.secret}">
${page.failure === null ? null : alert(page.failure)}
${page.checked === null ? html`${sections(page)}${buttons(page)}` : afterCheck(page.checked, page)}
</form>
</div>`;

export const titleOf = ({ task, connection }: LinkPage): string =>
  task === 'new'
    ? 'Connect your KnowBe4 account'
    : task === 'reconnect'
      ? 'Connect your KnowBe4 account again'
      : `Add a key to ${connection?.name ?? 'your KnowBe4 account'}`;

function whoAsks({ link, host }: FormPage): Html {
  const account = link.connection?.accountName ?? link.connection?.name ?? null;
  const rows: readonly (readonly [string, Html | null])[] = [
    ['Asked by', html`${link.requester}`],
    ['For', link.tenant === null ? null : html`${link.tenant}`],
    ['Account', account === null ? null : html`${account}`],
    ['Key goes to', html`<code>${host}</code>`],
    ['Link ends', html`${momentOf(link.expiresAt)}`],
  ];
  return html`<section class="card" aria-labelledby="who">
<h2 id="who">Who asks</h2>
<dl class="facts">${rows.map(([name, value]) => value !== null && html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<p class="note">Go on only if you know them and expected this. If not, close the page: nothing has happened.</p>
</section>`;
}

function reading({ link, host }: FormPage): Html {
  const reads = link.keys.includes('reporting');
  const subjects = [
    ...(reads ? readingOf(link) : []),
    ...link.keys.flatMap((key) =>
      key === 'reporting' ? [] : [{ name: `${keyGuides[key].name} key`, what: keyGuides[key].use }],
    ),
  ];
  const copy = html`The Reporting API only reads: nothing in KnowBe4 is changed. A copy is kept up to date at <code>${host}</code> until the connection is removed there.`;
  return html`<section class="card" aria-labelledby="reading">
<h2 id="reading">What is read and kept</h2>
<ul class="reads">${subjects.map(({ name, what }) => html`<li><b>${name}</b>: ${what}</li>`)}</ul>
<p class="note">${reads && copy} The key is encrypted and never shown again, not even to ${link.requester}.</p>
</section>`;
}

const alert = ({ title, text, field }: Failure): Html => html`<div class="alert" id="alert" role="alert" tabindex="-1">
<h2>${title}</h2>
<p>${text}</p>
${field !== null && html`<p><a href="#${field}">Go to the field</a></p>`}
</div>`;

const sections = (page: FormPage): Html => html`${page.link.keys.map((key) => keySection(key, page))}`;

/** The keys are in the page still, where its script has kept them: they are sent once more to connect. */
const afterCheck = (checked: LinkCheck, page: FormPage): Html => html`
${accountPanel(checked, 'This key works')}
${buttons(page)}
<details class="again"><summary>Use another account or key</summary>
${sections(page)}
</details>`;

function keySection(key: LinkKey, page: FormPage): Html {
  const { name, steps, plans } = keyGuides[key];
  const isOptional = key !== 'reporting' && page.link.task !== 'add_key';
  const inside = html`<ol class="steps">${steps.map((step) => html`<li>${step}</li>`)}</ol>
<p class="note">${plans}</p>
<div class="fields">${fieldsOf(key, page)}</div>`;
  if (!isOptional) {
    return html`<section class="card" aria-labelledby="key-${key}"><h2 id="key-${key}">Your ${name} key</h2>
${inside}
</section>`;
  }
  const isOpen = page.failure?.field === key || (key === 'scim' && page.typed.scim_url !== '');
  return html`<details class="card" ${isOpen ? html`open` : null}><summary><h2>${name} key <span class="quiet">optional</span></h2></summary>
${inside}
</details>`;
}

function fieldsOf(key: LinkKey, page: FormPage): Html {
  const token = keyField(key, page);
  if (key === 'scim') {
    return html`${textField(page, {
      name: 'scim_url',
      label: 'Tenant URL',
      hint: 'As KnowBe4’s console shows it, beside the token.',
      type: 'url',
    })}${token}`;
  }
  return key === 'reporting' ? html`${accountFields(page)}${token}` : token;
}

const accountFields = (page: FormPage): Html => html`${textField(page, {
  name: 'region',
  label: 'Address of your KnowBe4 console',
  hint: html`Copy it from the address bar while you are signed in there, for example <code>https://eu.knowbe4.com</code>. It says which region your account is in.`,
  type: 'text',
  extra: html`<datalist id="consoles">${consoles.map(
    ({ host, name }) => html`<option value="https://${host}">${name}</option>`,
  )}</datalist><p class="found" id="region-found" aria-live="polite" data-regions="${JSON.stringify(
    Object.fromEntries(consoles.map(({ region, host, name }) => [region, { host, name }])),
  )}"></p>`,
  list: 'consoles',
})}
${page.link.otherAddresses && page.link.task === 'new' && otherAddress(page)}`;

/** Test set-ups read another address than KnowBe4’s, where the operator allows it. */
const otherAddress = (page: FormPage): Html =>
  html`<details class="more" ${page.typed.base_url !== '' || page.failure?.field === 'base_url' ? html`open` : null}><summary>Test set-up: another address than KnowBe4’s</summary>
${textField(page, { name: 'base_url', label: 'Address of the Reporting API', hint: 'Leave it empty unless this is a test.', type: 'url' })}
</details>`;

type TextField = {
  readonly name: keyof Typed;
  readonly label: string;
  readonly hint: string | Html;
  readonly type: 'text' | 'url';
  readonly list?: string;
  readonly extra?: Html;
};

function textField({ typed, failure }: FormPage, { name, label, hint, type, list, extra }: TextField): Html {
  const wrong = failure?.field === name ? failure : null;
  return html`<div class="field${wrong === null ? '' : ' wrong'}">
<label for="${name}">${label}</label>
<p class="hint" id="${name}-hint">${hint}</p>
${problem(name, wrong)}
<input id="${name}" name="${name}" type="${type}" value="${typed[name]}" ${list === undefined ? null : html`list="${list}"`} maxlength="500" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="${described(name, wrong)}" ${invalid(wrong)}>
${extra ?? null}
</div>`;
}

function keyField(key: LinkKey, { failure }: FormPage): Html {
  const wrong = failure?.field === key ? failure : null;
  return html`<div class="field${wrong === null ? '' : ' wrong'}">
<label for="${key}">${keyGuides[key].label}</label>
<p class="hint" id="${key}-hint">Paste it whole, as one line.</p>
${problem(key, wrong)}
<span class="secret"><input id="${key}" name="${key}" type="password" data-secret maxlength="4096" autocomplete="off" autocapitalize="none" spellcheck="false" data-1p-ignore data-lpignore="true" aria-describedby="${described(key, wrong)}" ${invalid(wrong)}></span>
</div>`;
}

const problem = (field: Field, wrong: Failure | null): Html | null =>
  wrong === null
    ? null
    : html`<p class="problem" id="${field}-problem"><span class="glyph" aria-hidden="true">!</span>${wrong.title}</p>`;

const described = (field: Field, wrong: Failure | null): string =>
  wrong === null ? `${field}-hint` : `${field}-problem ${field}-hint`;

const invalid = (wrong: Failure | null): Html | null => (wrong === null ? null : html`aria-invalid="true"`);

function buttons({ link, failure, checked }: FormPage): Html {
  const label =
    checked === null
      ? link.task === 'add_key'
        ? 'Check and add'
        : 'Check and connect'
      : link.task === 'add_key'
        ? 'Add this key'
        : 'Connect this account';
  return html`<div class="actions">
<button class="primary" name="step" value="connect" data-check-label="Check the key" ${checked === null ? null : html`data-checked`}>${label}</button>
${failure?.mayBeElsewhere === true && html`<button name="step" value="probe" aria-describedby="probe-hint">Look in the other regions</button>`}
<button type="button" data-cancel hidden>Cancel</button>
</div>
${failure?.mayBeElsewhere === true && html`<p class="note" id="probe-hint">Looking there sends the key to KnowBe4’s other four addresses, once each.</p>`}
<p class="progress" role="status" data-progress="Asking KnowBe4" data-unreachable="The gateway could not be reached. Nothing was sent on: try again."></p>`;
}
