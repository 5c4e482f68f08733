import type { StepView } from '../../gateway/provisioning-types.ts';
import type { Effect, FieldChange, Guard, PlanItem } from '../../provisioning/plan.ts';
import type { Approval, StoredPlan } from '../../provisioning/ports.ts';
import { type Html, html } from '../connect/html.ts';

/** What is said above a form that came back. */
export type Problem = { readonly title: string; readonly text: string };

const alert = (problem: Problem | null): Html | null =>
  problem === null
    ? null
    : html`<div class="alert" id="alert" role="alert" tabindex="-1"><h2>${problem.title}</h2><p>${problem.text}</p></div>`;

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

const secretFields = (autocomplete: string): Html => html`
<div class="field"><label for="secret">Secret</label>
<input id="secret" name="secret" type="password" maxlength="1024" autocomplete="${autocomplete}" required></div>
<div class="field"><label for="code">One-time code</label>
<p class="hint" id="code-hint">Six digits of your authenticator app; leave it empty if you have none.</p>
<input id="code" name="code" type="text" inputmode="numeric" maxlength="20" autocomplete="one-time-code" aria-describedby="code-hint"></div>`;

export type PlanPage = {
  readonly plan: StoredPlan;
  readonly approvals: readonly Approval[];
  readonly steps: readonly StepView[];
  readonly items: readonly PlanItem[];
  /** Address of the steps that follow; null: these are the last. */
  readonly next: string | null;
  readonly operator: string;
  readonly csrf: string;
  readonly problem: Problem | null;
};

export const titleOf = ({ id }: Pick<StoredPlan, 'id'>): string => `Plan ${id}`;

/** A plan, and what somebody may decide about it. */
export const planMain = (page: PlanPage): Html => html`
<div class="narrow plan">
<h1>${titleOf(page.plan)}</h1>
${alert(page.problem)}
${summary(page)}
${page.plan.guards.length > 0 && guards(page.plan.guards)}
${page.plan.effects.length > 0 && html`<section class="card" aria-labelledby="effects"><h2 id="effects">KnowBe4 will then, by itself</h2>${effects(page.plan.effects)}</section>`}
<form method="post" action="/plans/${page.plan.id}" novalidate>
<input type="hidden" name="csrf" value="${page.csrf}">
<input type="hidden" name="digest" value="${page.plan.digest}">
${noDefault}
${steps(page)}
${page.items.length > 0 && items(page.items)}
${isOpen(page.plan) ? decide(page) : html`<p class="note">This plan is ${page.plan.state}${page.plan.end === null ? '' : `: ${page.plan.end.reason}`} Nothing is to be decided.</p>`}
</form>
<form method="post" action="/logout"><input type="hidden" name="csrf" value="${page.csrf}">
<div class="actions"><button class="button">Sign out ${page.operator}</button></div></form>
</div>`;

/** The Enter key takes the first button of a form: it is to decide nothing. */
const noDefault = html`<button hidden name="act" value="none"></button>`;

const isOpen = ({ state }: StoredPlan): boolean => state === 'waiting' || state === 'approved';

function summary({ plan, approvals }: PlanPage): Html {
  const { counts, seats, basis } = plan;
  const done = Object.entries(counts).filter(([, count]) => count > 0);
  const given = approvals.filter(({ decision, lapsed }) => decision === 'approved' && lapsed === null);
  const rows: readonly (readonly [string, string | Html | null])[] = [
    ['State', plan.state],
    ['Asked by', plan.author],
    ['Built', moment(plan.builtAt)],
    ['Ends', moment(plan.expiresAt)],
    ['Steps', done.map(([name, count]) => `${count} ${name.replaceAll('_', ' ')}`).join(', ') || 'none'],
    ['Seats', `${seats.now} → ${seats.after}${seats.bought === null ? '' : ` of ${seats.bought}`}`],
    [
      'Sources',
      basis.sources.map(({ name, people, state }) => `${name}: ${people} people, ${state}`).join('; ') || null,
    ],
    ['People needed', String(plan.approval.needed)],
    [
      'Approved by',
      given.map(({ operator, steps: some }) => `${operator.name}${some === null ? '' : ' (in part)'}`).join(', ') ||
        'nobody yet',
    ],
    ['Digest', html`<code>${plan.digest.slice(0, 23)}…</code>`],
  ];
  return html`<section class="card" aria-labelledby="what"><h2 id="what">What it is</h2>
<dl class="facts">${rows.map(([name, value]) => value !== null && html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></section>`;
}

const guards = (
  all: readonly Guard[],
): Html => html`<section class="card" aria-labelledby="guards"><h2 id="guards">Guards</h2>
<ul class="reads">${all.map(({ name, state, text }) => html`<li><b>${name.replaceAll('_', ' ')}</b>: ${state}. ${text}</li>`)}</ul></section>`;

const effects = (all: readonly Effect[]): Html =>
  html`<ul class="reads">${all.map(({ text, certainty }) => html`<li>${text}${certainty === 'possible' ? ' (possible)' : ''}</li>`)}</ul>`;

function steps(page: PlanPage): Html {
  return html`<section class="card" aria-labelledby="steps"><h2 id="steps">Steps</h2>
<ul class="plan-steps">${page.steps.map((view) => stepLine(view, isOpen(page.plan)))}</ul>
${page.next !== null && html`<p><a href="${page.next}">Further steps</a></p>`}</section>`;
}

function stepLine({ step, entry }: StepView, isChoice: boolean): Html {
  const { id, action, person, group, fields, because, needs, cannot } = step;
  const who = [person?.name, group?.name].filter(Boolean).join(', ');
  const head = html`<b>${action.replaceAll('_', ' ')}</b> ${who} <span class="quiet">${id}</span>`;
  return html`<li>
${isChoice ? html`<label><input type="checkbox" name="step" value="${id}"> ${head}</label>` : html`<p>${head}</p>`}
${fields.length > 0 && html`<ul class="changes">${fields.map(changeLine)}</ul>`}
<p class="hint">${[
    because.length > 0 ? `because of ${because.join(', ')}` : null,
    needs.length > 0 ? `needs ${needs.join(', ')}` : null,
    step.approval.needed > 1 ? `needs ${step.approval.needed} people` : null,
    step.reversible ? null : 'cannot be undone wholly',
    ...cannot,
    entry === null ? null : `it is ${entry.state}`,
  ]
    .filter(Boolean)
    .join('; ')}</p>
${step.effects.length > 0 && effects(step.effects)}
</li>`;
}

const changeLine = ({ name, from, to }: FieldChange): Html =>
  html`<li>${name.replaceAll('_', ' ')}: <del>${from ?? 'empty'}</del> → <ins>${to ?? 'empty'}</ins></li>`;

const items = (
  all: readonly PlanItem[],
): Html => html`<section class="card" aria-labelledby="items"><h2 id="items">Seen, and left alone</h2>
<ul class="reads">${all.map(({ kind, person, group, text }) => html`<li><b>${kind}</b> ${person?.name ?? group?.name ?? ''}: ${text}</li>`)}</ul></section>`;

const decide = ({
  operator,
}: PlanPage): Html => html`<fieldset class="card"><legend><h2>Decide as ${operator}</h2></legend>
<div class="field"><label for="reason">Reason</label>
<p class="hint" id="reason-hint">Needed when you refuse the plan.</p>
<input id="reason" name="reason" type="text" maxlength="500" autocomplete="off" aria-describedby="reason-hint"></div>
${secretFields('current-password')}
<div class="actions">
<button class="primary" name="act" value="approve_all">Approve the whole plan</button>
<button class="button" name="act" value="approve_steps">Approve the chosen steps</button>
<button class="button" name="act" value="reject">Refuse the plan</button>
</div></fieldset>`;

/** `2026-11-21 09:14 UTC` */
const moment = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
