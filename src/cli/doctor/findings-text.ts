import { clean, widthOf } from '../output/cell.ts';
import type { Output } from '../output/output.ts';
import type { Finding } from './findings.ts';

const styles = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

/** `ok    vault.key  readable by its owner alone`, and under it what to do. */
export function findingsText(findings: readonly Finding[], paint: Output['paint']): string {
  const width = Math.max(0, ...findings.map(({ about }) => widthOf(clean(about))));
  const lines = findings.flatMap(({ level, about, detail, hint }) => [
    `${paint(styles[level], level.padEnd(4))}  ${clean(about).padEnd(width)}  ${clean(detail)}`,
    ...(hint === null ? [] : [`${' '.repeat(width + 8)}→ ${clean(hint)}`]),
  ]);
  return lines.map((line) => `${line}\n`).join('');
}
