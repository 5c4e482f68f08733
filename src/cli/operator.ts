import { userInfo } from 'node:os';
import type { Actor } from '../audit/ports.ts';

/** The user of the machine who runs the command; a number where the machine has no name for it, as in many containers. */
export function operatorName(): string {
  try {
    return (
      userInfo()
        .username.replace(/[^\w.@\\+-]/g, '_')
        .slice(0, 64) || 'unknown'
    );
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}

/** Who a command's acts are written under. */
export const operator = (): Actor => ({
  kind: 'operator',
  id: operatorName(),
  name: null,
  door: 'cli',
  from: null,
  requestId: null,
});
