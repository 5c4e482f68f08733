import type { StoredPlan } from '../../provisioning/ports.ts';
import { type Html, html } from '../connect/html.ts';
import { moment, stateWords } from './words.ts';

/** What is said above a form that came back. */
export type Problem = { readonly title: string; readonly text: string };

export const alert = (problem: Problem | null, then: Html | null = null): Html | null =>
  problem === null
    ? null
    : html`<div class="alert" id="alert" role="alert" tabindex="-1"><h2>${problem.title}</h2><p>${problem.text}</p>${then}</div>`;

/** Where somebody who approves comes in. @param to where they go on */
export const loginMain = (to: string, name: string, problem: Problem | null): Html => html`
<div class="narrow">
<h1>Sign in to decide</h1>
<p>Plans are approved by people. An API token, and an agent, cannot.</p>
<form method="post" action="/login" class="card" novalidate>
${alert(problem)}
<input type="hidden" name="to" value="${to}">
<div class="field"><label for="name">Name</label>
<input id="name" name="name" type="text" value="${name}" maxlength="64" autocomplete="username" autocapitalize="none" spellcheck="false" required></div>
${secretFields('current-password')}
<div class="actions"><button class="primary">Sign in</button></div>
</form>
<p class="note">Whoever looks after this gateway makes operators with <code>foreknow operators add</code>.</p>
</div>`;

export const secretFields = (autocomplete: string): Html => html`
<div class="field"><label for="secret">Secret</label>
<input id="secret" name="secret" type="password" maxlength="1024" autocomplete="${autocomplete}" required></div>
<div class="field"><label for="code">One-time code</label>
<p class="hint" id="code-hint">Six digits of your authenticator app; leave it empty if you have none.</p>
<input id="code" name="code" type="text" inputmode="numeric" maxlength="20" autocomplete="one-time-code" aria-describedby="code-hint"></div>`;

export type ListPage = {
  /** Newest first. */
  readonly plans: readonly StoredPlan[];
  /** The name of a connection by its id. */
  readonly nameOf: (connectionId: string) => string;
  readonly operator: string;
  readonly csrf: string;
};

/** The plans that are open: where somebody goes on who did not come for one. */
export const listMain = ({ plans, nameOf, operator, csrf }: ListPage): Html => html`
<div class="narrow plan">
<h1>Plans</h1>
${
  plans.length === 0
    ? html`<p>No plan waits for anybody.</p>`
    : html`<ul class="plan-list">${plans.map(
        (
          plan,
        ) => html`<li class="card"><h2><a href="/plans/${plan.id}">${plan.id}</a> for ${nameOf(plan.connectionId)}</h2>
<p>${stateWords[plan.state]}; built ${moment(plan.builtAt)}, ends ${moment(plan.expiresAt)}</p></li>`,
      )}</ul>`
}
${signOut(operator, csrf)}
</div>`;

export const signOut = (operator: string, csrf: string): Html => html`
<form method="post" action="/logout"><input type="hidden" name="csrf" value="${csrf}">
<div class="actions"><button class="button">Sign out ${operator}</button></div></form>`;
