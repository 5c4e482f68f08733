/** Who works here, by what stands in one place: `is` or `isNot` is given. */
export type Activity = {
  readonly is?: readonly string[] | undefined;
  readonly isNot?: readonly string[] | undefined;
};

/** Letter case and spaces around aside. Nothing there says nothing, so nobody leaves by it. */
export function isActive(value: string | null, rule: Activity | undefined): boolean {
  const text = value?.trim().toLowerCase();
  if (rule === undefined || text === undefined || text === '') return true;
  const among = (words: readonly string[]) => words.some((word) => word.trim().toLowerCase() === text);
  return rule.is === undefined ? !among(rule.isNot ?? []) : among(rule.is);
}
