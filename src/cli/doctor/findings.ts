/** One line of the doctor. */
export type Finding = {
  readonly level: 'ok' | 'warn' | 'fail';
  /** What was looked at: `folder`, `key file`, a connection's name. */
  readonly about: string;
  readonly detail: string;
  readonly hint: string | null;
};

export const ok = (about: string, detail: string): Finding => ({ level: 'ok', about, detail, hint: null });
export const warn = (about: string, detail: string, hint: string | null = null): Finding => ({
  level: 'warn',
  about,
  detail,
  hint,
});
export const fail = (about: string, detail: string, hint: string | null = null): Finding => ({
  level: 'fail',
  about,
  detail,
  hint,
});
