import type { FieldChange, Step } from './plan.ts';

const columns = {
  step: ({ id }) => id,
  action: ({ action }) => action,
  situation: ({ situation }) => situation,
  email: ({ person }) => person?.email,
  name: ({ person }) => person?.name,
  user_id: ({ person }) => person?.userId,
  source: ({ person }) => person?.source?.source,
  source_id: ({ person }) => person?.source?.sourceId,
  group: ({ group }) => group?.name,
  field: (_, field) => field?.name,
  from: (_, field) => field?.from,
  to: (_, field) => field?.to,
  because: ({ because }) => because.join('; '),
  approvals: ({ approval }) => String(approval.needed),
  effects: ({ effects }) => effects.map(({ text }) => text).join('; '),
} as const satisfies Record<string, (step: Step, field: FieldChange | undefined) => string | null | undefined>;

/** Steps as CSV (RFC 4180): a row for each changed field, one for a step without fields. */
export function actionCsv(steps: readonly Step[]): string {
  const rows = steps.flatMap((step) =>
    (step.fields.length === 0 ? [undefined] : step.fields).map((field) =>
      Object.values(columns).map((read) => cell(read(step, field) ?? '')),
    ),
  );
  return [Object.keys(columns), ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

/** A text that a spreadsheet would take for a formula gets an apostrophe in front. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
