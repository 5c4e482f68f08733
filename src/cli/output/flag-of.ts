/** Fields of errors whose option has another name. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  sort_by: ['--sort'],
  next_cursor: ['--cursor', '--after'],
  prev_cursor: ['--cursor'],
  emails: ['--email'],
  group_id: ['--group'],
  updated_at: ['--updated-after'],
  connection_id: ['--connection'],
};

/**
 * The option of a command line that an error's field belongs to.
 * @param field as the rooms name it: `sort_by[x]`, `risk_above`, `--config`
 * @returns null when the field is none of the options that were given
 */
export function flagOf(field: string | undefined, argv: readonly string[]): string | null {
  if (field === undefined) return null;
  if (field.startsWith('--')) return field;
  const name = field.replace(/[[.].*$/, '');
  const flags = [...(aliases[name] ?? []), `--${name.replaceAll('_', '-')}`];
  return flags.find((flag) => argv.some((word) => word === flag || word.startsWith(`${flag}=`))) ?? null;
}
