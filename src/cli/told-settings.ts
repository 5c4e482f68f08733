import { snakeCase } from '../lib/case.ts';
import type { Settled } from './settled.ts';

/**
 * Everything that a server was told but its connections, which are written into the audit log one by one: names as in the
 * configuration file, values as text. Of a secret where it comes from.
 */
export function toldSettings({ connections: _, file: __, ...settled }: Settled): Readonly<Record<string, string>> {
  const told: Record<string, string> = {};
  for (const [part, settings] of Object.entries(snakeCase(withoutSecrets(settled)) as object)) {
    if (typeof settings !== 'object') told[part] = JSON.stringify(settings);
    else for (const [name, value] of Object.entries(settings)) told[`${part}.${name}`] = JSON.stringify(value);
  }
  return told;
}

/** As JSON has it: without what is undefined, without functions, which hide secrets, and without passwords in addresses. */
const withoutSecrets = (settled: object): unknown =>
  JSON.parse(JSON.stringify(settled).replaceAll(/:\/\/[^/@"]*@/g, '://***@'));
