type Line = {
  readonly time?: string;
  readonly level?: string;
  readonly msg?: string;
  readonly err?: { readonly message?: string; readonly stack?: string };
};

/** A line of the log for people: `09:15:02 warn  The sync of acme ended parked  runId=run_1`. What is no JSON stays as it is. */
export function prettyLine(line: string): string {
  const fields = parsed(line);
  if (fields === null) return line;
  const { time = '', level = '', msg = '', err, ...rest } = fields;
  const told = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const head = [`${time.slice(11, 19)} ${level.padEnd(5)}`, msg, told.join(' ')]
    .filter((part) => part !== '')
    .join('  ');
  return `${head}\n${err === undefined ? '' : `${err.stack ?? err.message ?? ''}\n`}`;
}

function parsed(line: string): (Line & Record<string, unknown>) | null {
  try {
    return JSON.parse(line) as Line & Record<string, unknown>;
  } catch {
    return null;
  }
}
