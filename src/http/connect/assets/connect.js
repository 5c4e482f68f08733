// What the connect page does besides being a form: everything here can be missing. It is served as it stands.

/** A key as it was meant: without line breaks, quotes and what headers put in front. */
const cleanKey = (text) =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^["'`\s]+|["'`,;\s]+$/g, '')
    .replace(/^(authorization:\s*)?bearer\s+/i, '')
    .replace(/\s/g, '');

const main = () => document.getElementById('main');
const readJson = (text) => (text ? JSON.parse(text) : null);
const isFramed = window.parent !== window;
const opener = window.opener;

/** Posts to whoever opened or framed the page, once to each origin that the link allows; the browser delivers to the right one. */
function tell(message) {
  const origins = readJson(main().dataset.origins) ?? [];
  for (const origin of origins) {
    if (opener) opener.postMessage(message, origin);
    if (isFramed) window.parent.postMessage(message, origin);
  }
}

// The link is in the address by contract: it does not stay there, nor in the history.
if (location.search !== '') history.replaceState(null, '', location.pathname);

const POPUP_STAYS_MS = 3000;

/** Looks at a page that has just arrived: tells how it ended, or makes its form more helpful. */
function arrive() {
  const { message, goTo } = main().dataset;
  if (message) tell(readJson(message));
  if (goTo && !isFramed) {
    const go = () => location.replace(goTo);
    // A pop-up is closed by whoever opened it, once it was told.
    if (opener) setTimeout(go, POPUP_STAYS_MS);
    else go();
  }
  offerToClose();
  for (const form of document.querySelectorAll('form')) help(form);
}

function offerToClose() {
  const last = document.querySelector('[data-last]');
  if (last === null || isFramed || !opener) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Close this window';
  button.addEventListener('click', () => window.close());
  last.replaceChildren(button);
}

function help(form) {
  for (const input of form.querySelectorAll('[data-secret]')) helpWithKey(input);
  const address = form.querySelector('#region');
  if (address) helpWithRegion(address);
  helpToCancel(form);
  const primary = form.querySelector('button.primary');
  if (primary.dataset.checkLabel && !primary.hasAttribute('data-checked')) askForCheck(primary);
  form.addEventListener('input', () => {
    if (primary.hasAttribute('data-checked')) askForCheck(primary);
    document.getElementById('checked')?.remove();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (form.dataset.busy) return;
    void send(form, event.submitter ?? primary);
  });
}

/** A key is checked before it is used: what the account says is shown first. */
function askForCheck(button) {
  button.removeAttribute('data-checked');
  button.value = 'check';
  button.textContent = button.dataset.checkLabel;
}

function helpWithKey(input) {
  const clean = () => {
    const cleaned = cleanKey(input.value);
    if (cleaned !== input.value) input.value = cleaned;
  };
  input.addEventListener('change', clean);
  input.addEventListener('paste', () => setTimeout(clean));
  const show = document.createElement('button');
  show.type = 'button';
  const label = (text) => {
    show.textContent = text;
    show.setAttribute('aria-label', `${text} the ${input.labels[0].textContent}`);
  };
  label('Show');
  show.addEventListener('click', () => {
    const isHidden = input.type === 'password';
    input.type = isHidden ? 'text' : 'password';
    label(isHidden ? 'Hide' : 'Show');
  });
  input.after(show);
}

function helpWithRegion(input) {
  const found = document.getElementById('region-found');
  const regions = readJson(found.dataset.regions);
  const tellRegion = () => {
    const text = input.value.trim().toLowerCase();
    const host = text.replace(/^[a-z]+:\/\//, '').replace(/[/:?#\s].*$/, '');
    const region = Object.entries(regions).find(([id, { host: console }]) =>
      [id, console, `${id}.knowbe4.com`, `${id}.api.knowbe4.com`].includes(host),
    );
    found.textContent = region
      ? `Region: ${region[1].name}`
      : text === ''
        ? ''
        : 'This names no region of KnowBe4 yet.';
    found.dataset.known = region ? 'yes' : 'no';
  };
  input.addEventListener('input', tellRegion);
  if (input.value !== '') tellRegion();
}

function helpToCancel(form) {
  const cancel = form.querySelector('[data-cancel]');
  if (cancel === null || (!opener && !isFramed)) return;
  cancel.hidden = false;
  cancel.addEventListener('click', () => {
    tell(readJson(main().dataset.onCancel) ?? 'closed');
    if (opener) window.close();
  });
}

/** Posts the form, and puts the page that comes back in this one's place. */
async function send(form, button) {
  const progress = form.querySelector('.progress');
  const body = new URLSearchParams(new FormData(form));
  if (button.name) body.set(button.name, button.value);
  for (const input of form.querySelectorAll('[data-secret]')) body.set(input.name, cleanKey(input.value));
  setBusy(form, progress, true);
  try {
    const answer = await fetch(form.getAttribute('action'), {
      method: 'POST',
      body,
      headers: { 'x-connect-page': '1' },
    });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const next = page.getElementById('main');
    if (next === null) throw new Error('not a page');
    const keys = [...form.querySelectorAll('[data-secret]')].map((input) => [input.name, input.value]);
    main().replaceWith(next);
    document.title = page.title;
    for (const [name, value] of keys) {
      const input = document.getElementById(name);
      if (input) input.value = value;
    }
    arrive();
    (document.getElementById('alert') ?? document.getElementById('checked') ?? next).focus();
    window.scrollTo({ top: 0 });
    (document.getElementById('alert') ?? document.getElementById('checked'))?.scrollIntoView({ block: 'nearest' });
  } catch {
    setBusy(form, progress, false);
    progress.textContent = progress.dataset.unreachable;
  }
}

function setBusy(form, progress, isBusy) {
  if (isBusy) form.dataset.busy = 'yes';
  else delete form.dataset.busy;
  progress.toggleAttribute('data-busy', isBusy);
  progress.textContent = isBusy ? `${progress.dataset.progress} …` : '';
  for (const button of form.querySelectorAll('button')) button.setAttribute('aria-disabled', String(isBusy));
}

arrive();
