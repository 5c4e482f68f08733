import type { StepView } from '../../gateway/provisioning-types.ts';
import { counting } from '../../provisioning/approvals.ts';
import type { Effect, FieldChange, Guard, PlanItem } from '../../provisioning/plan.ts';
import type { Approval, StoredPlan } from '../../provisioning/ports.ts';
import { doingsOf, effectWords, spoken } from '../../provisioning/render.ts';
import { type Html, html } from '../connect/html.ts';
import { alert, type Problem, secretFields, signOut } from './pages.ts';
import { count, kindWords, moment, stateWords } from './words.ts';

/** Steps shown at a time. */
export const STEPS = 200;
/** Items, effects and guards shown of a list that may be long. */
const SHOWN = 100;

export type PlanPage = {
  readonly plan: StoredPlan;
  /** Name of its connection. */
  readonly connection: string;
  readonly approvals: readonly Approval[];
  /** All of the plan's steps, in their order. */
  readonly steps: readonly StepView[];
  /** `position` of the last step of the page before; -1: this is the first. */
  readonly after: number;
  readonly items: readonly PlanItem[];
  readonly operator: { readonly id: string; readonly name: string };
  readonly csrf: string;
  readonly problem: Problem | null;
  /** What somebody had chosen and typed in a form that came back; never a secret. */
  readonly kept: { readonly steps: ReadonlySet<string>; readonly reason: string };
  readonly now: Date;
};

export const titleOf = ({ plan, connection }: Pick<PlanPage, 'plan' | 'connection'>): string =>
  `Plan ${plan.id} for ${connection}`;

/** A plan, and what somebody may decide about it. */
export const planMain = (page: PlanPage): Html => html`
<div class="narrow plan">
<h1>${titleOf(page)}</h1>
${alert(page.problem, html`<p><a href="#decide">To the form</a></p>`)}
${standing(page)}
${summary(page)}
${guards(page.plan.guards)}
${effects(page)}
<form method="post" action="/plans/${page.plan.id}${page.after < 0 ? '' : `?after=${page.after}`}" novalidate>
<input type="hidden" name="csrf" value="${page.csrf}">
<input type="hidden" name="digest" value="${page.plan.digest}">
${noDefault}
${steps(page)}
${items(page)}
${isOpen(page) && decide(page)}
</form>
${signOut(page.operator.name, page.csrf)}
</div>`;

/** The Enter key takes the first button of a form: it is to decide nothing. */
const noDefault = html`<button hidden name="act" value="none"></button>`;

const isPast = ({ plan, now }: PlanPage): boolean => Date.parse(plan.expiresAt) <= now.getTime();
const isOpen = (page: PlanPage): boolean =>
  (page.plan.state === 'waiting' || page.plan.state === 'approved') && !isPast(page);

/** How it stands, in a sentence or two, and what comes next. */
function standing(page: PlanPage): Html {
  const { plan, approvals, now } = page;
  const lapsed = approvals.findLast((one) => one.lapsed !== null)?.lapsed ?? null;
  const isAgain = plan.state === 'waiting' && lapsed !== null && counting(plan, approvals, now).length === 0;
  return html`<div class="card standing">
<p><b>${isOpen(page) || plan.end !== null || !isPast(page) ? stateWords[plan.state] : stateWords.expired}.</b> ${nextOf(page)}</p>
${isAgain && html`<p>What was approved before does not hold any more: ${lapsed.reason}</p>`}
</div>`;
}

function nextOf(page: PlanPage): Html | string {
  const { plan, approvals, operator, now } = page;
  if (plan.end !== null) return `${plan.end.reason} Nothing is to be decided.`;
  if (plan.state === 'draft')
    return 'The connection is in mode observe: it shows what would be done, and cannot be approved.';
  if (plan.state === 'blocked') return 'Nobody can approve it as it is: see what blocks it, below.';
  if (plan.state === 'applying') return html`${progress(page)}. Load the page again to see how far it is.`;
  if (plan.state === 'applied') return html`${progress(page)}. Take it back: <code>foreknow undo ${plan.id}</code>`;
  if (isPast(page)) return `Its time ended at ${moment(plan.expiresAt)}: nothing is to be decided any more.`;
  if (plan.state === 'approved') {
    return html`Nothing is written before somebody has it applied: <code>foreknow apply ${plan.id}</code>`;
  }
  const given = counting(plan, approvals, now);
  const people = plan.approval.needed === 2 ? 'two different people' : 'one person';
  if (given.some((approval) => approval.operator.id === operator.id)) {
    return 'You have approved it, or some of it. What is left has to be approved by another person.';
  }
  if (given.length > 0)
    return `${given.map((one) => one.operator.name).join(', ')} approved; another person has to as well.`;
  return `It needs ${people}. Nothing is written before.`;
}

function progress({ steps: all }: PlanPage): string {
  const states = Map.groupBy(all, ({ entry }) => entry?.state ?? 'planned');
  return [...states].map(([state, views]) => `${count(views.length)} ${state}`).join(', ');
}

function summary(page: PlanPage): Html {
  const { plan, steps: views } = page;
  const doing = doingsOf(views.map(({ step }) => step));
  const { seats, basis, cost, approval } = plan;
  const visible = cost.visibleBy === null ? '' : `, visible by about ${moment(cost.visibleBy)}`;
  const rows: readonly (readonly [string, string | Html | null])[] = [
    ...doing.map(({ word, many, words }) => [capital(word), html`<b>${count(many)}</b>: ${words}`] as const),
    ...(doing.length === 0 ? [['Steps', 'nothing to do'] as const] : []),
    [
      'Seats',
      `${count(seats.now)} → ${count(seats.after)}${seats.bought === null ? '' : ` of ${count(seats.bought)}`}`,
    ],
    ['Cost', `${count(cost.writes)} writes${visible}`],
    ['What for', kindWords[plan.kind]],
    ['Asked by', plan.author],
    ['Built', moment(plan.builtAt)],
    ['Ends', moment(plan.expiresAt)],
    [
      'Sources',
      basis.sources.map(({ name, people, state }) => `${name}: ${count(people)} people, ${state}`).join('; ') || null,
    ],
    [
      'People needed',
      `${approval.needed}${approval.reasons.length === 0 ? '' : ` (${approval.reasons.map(spoken).join(', ')})`}`,
    ],
    ['Decided', decisions(page)],
    ['Digest', html`<code>${plan.digest.slice(0, 23)}…</code>`],
  ];
  return html`<section class="card" aria-labelledby="what"><h2 id="what">What it does</h2>
<dl class="facts">${rows.map(([name, value]) => value !== null && html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></section>`;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function decisions({ approvals }: PlanPage): Html | string {
  if (approvals.length === 0) return 'by nobody yet';
  return html`<ul class="reads">${approvals.map(
    ({ operator, decision, steps: some, at, reason, lapsed }) =>
      html`<li>${operator.name} ${decision}${some === null ? '' : ` ${count(Object.keys(some).length)} steps`}, ${moment(at)}${reason === null ? '' : `: ${reason}`}${lapsed === null ? '' : ' (does not hold any more)'}</li>`,
  )}</ul>`;
}

/** What stands in the way comes first; what is in order is a click away. */
function guards(all: readonly Guard[]): Html | null {
  const rank = { blocked: 0, tripped: 1, notice: 2, ok: 3 } as const;
  const loud = all.filter(({ state }) => state !== 'ok').toSorted((one, other) => rank[one.state] - rank[other.state]);
  const fine = all.filter(({ state }) => state === 'ok');
  const line = ({ name, state, text }: Guard) =>
    html`<li class="guard-${state}"><b>${spoken(name)}</b>${state === 'ok' ? '' : ` ${state}`}: ${text}</li>`;
  return html`<section class="card" aria-labelledby="guards"><h2 id="guards">Guards</h2>
${loud.length > 0 && html`<ul class="reads">${loud.map(line)}</ul>`}
${fine.length > 0 && html`<details class="again"><summary>${count(fine.length)} in order</summary><ul class="reads">${fine.map(line)}</ul></details>`}</section>`;
}

function effects({ plan, steps: views }: PlanPage): Html | null {
  const { certain, possible } = effectWords({ steps: views.map(({ step }) => step), effects: plan.effects });
  if (certain.length + possible.length === 0) return null;
  return html`<section class="card" aria-labelledby="effects"><h2 id="effects">KnowBe4 then, by itself</h2>
${certain.length > 0 && list(certain)}
${possible.length > 0 && html`<h3>And perhaps</h3>${list(possible)}`}</section>`;
}

const list = (all: readonly string[]): Html =>
  html`<ul class="reads">${all.slice(0, SHOWN).map((text) => html`<li>${text}</li>`)}${more(all.length)}</ul>`;

const more = (many: number): Html | null => (many > SHOWN ? html`<li>… ${count(many - SHOWN)} more</li>` : null);

function steps(page: PlanPage): Html | null {
  const { plan, steps: all, after } = page;
  const begin = all.findIndex(({ step }) => step.position > after);
  const shown = begin < 0 ? [] : all.slice(begin, begin + STEPS);
  if (shown.length === 0) return null;
  const last = begin + shown.length;
  const next = last < all.length ? `/plans/${plan.id}?after=${shown.at(-1)!.step.position}` : null;
  const which = all.length <= STEPS ? '' : ` ${count(begin + 1)} to ${count(last)} of ${count(all.length)}`;
  return html`<section class="card" aria-labelledby="steps"><h2 id="steps">Steps${which}</h2>
${isOpen(page) && all.length > STEPS && html`<p class="hint">Choosing steps chooses among those shown here. “Approve the whole plan” approves all ${count(all.length)}.</p>`}
<ul class="plan-steps">${shown.map((view) => stepLine(view, page))}</ul>
${(next !== null || begin > 0) && html`<p class="more">${begin > 0 && html`<a href="/plans/${plan.id}">First steps</a> `}${next !== null && html`<a href="${next}">Further steps</a>`}</p>`}</section>`;
}

function stepLine({ step, entry }: StepView, page: PlanPage): Html {
  const { id, action, person, group, fields, because, needs, cannot } = step;
  const who = [person?.name, group?.name].filter(Boolean).join(', ');
  const head = html`<b>${spoken(action)}</b> ${who} <span class="quiet">${id}</span>`;
  const isChosen = page.kept.steps.has(id);
  return html`<li>
${isOpen(page) ? html`<label><input type="checkbox" name="step" value="${id}"${isChosen && html` checked`}> ${head}</label>` : html`<p>${head}</p>`}
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
${then(step.effects)}
</li>`;
}

/** What KnowBe4 does because of one step, a click away: what all of them bring stands above. */
const then = (all: readonly Effect[]): Html | null =>
  all.length === 0
    ? null
    : html`<details class="then"><summary>KnowBe4 then: ${count(all.length)}</summary>
${list(all.map(({ text, certainty }) => (certainty === 'possible' ? `${text} (possible)` : text)))}</details>`;

const changeLine = ({ name, from, to }: FieldChange): Html =>
  html`<li>${spoken(name)}: ${from !== null && html`<del>${from}</del> → `}${to === null ? 'empty' : html`<ins>${to}</ins>`}</li>`;

const items = ({ items: all }: PlanPage): Html | null =>
  all.length === 0
    ? null
    : html`<details class="card"><summary><h2>Seen, and left alone: ${count(all.length)}</h2></summary>
<ul class="reads">${all
        .slice(0, SHOWN)
        .map(
          ({ kind, person, group, text }) =>
            html`<li><b>${spoken(kind)}</b> ${person?.name ?? group?.name ?? ''}: ${text}</li>`,
        )}${more(all.length)}</ul></details>`;

const decide = ({
  operator,
  kept,
}: PlanPage): Html => html`<fieldset class="card" id="decide"><legend><h2>Decide as ${operator.name}</h2></legend>
<div class="field"><label for="reason">Reason</label>
<p class="hint" id="reason-hint">Needed when you refuse the plan.</p>
<input id="reason" name="reason" type="text" value="${kept.reason}" maxlength="500" autocomplete="off" aria-describedby="reason-hint"></div>
${secretFields('current-password')}
<div class="actions">
<button class="primary" name="act" value="approve_all">Approve the whole plan</button>
<button class="button" name="act" value="approve_steps">Approve the chosen steps</button>
<button class="button" name="act" value="reject">Refuse the plan</button>
</div></fieldset>`;
