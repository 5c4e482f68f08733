import { ForeknowError } from '../errors/errors.ts';
import { type Migration, migrations } from './migrations/migration.ts';

/**
 * Migrations that a store of this schema version lacks; 0 is an empty database.
 * @throws ForeknowError `store_newer` when a newer version wrote the store
 */
export function missingSteps(found: number, steps = migrations): readonly Migration[] {
  refuseNewer(found, steps);
  return steps.filter((step) => step.version > found);
}

/** @throws ForeknowError `store_newer`, or `store_failed` when the schema is older than this version reads */
export function checkVersion(found: number): void {
  refuseNewer(found, migrations);
  if (found < latest(migrations)) {
    throw new ForeknowError('store_failed', {
      detail: `The store has schema ${found}, this version reads schema ${latest(migrations)}.`,
      hint: 'Start the server once (foreknow up): it brings the store up to date.',
    });
  }
}

const latest = (steps: readonly Migration[]): number => steps.at(-1)?.version ?? 0;

function refuseNewer(found: number, steps: readonly Migration[]): void {
  if (found <= latest(steps)) return;
  throw new ForeknowError('store_newer', {
    detail: `The store has schema ${found}; this version knows schemas up to ${latest(steps)}.`,
    hint: 'Update foreknow, or restore the backup copy that was made before the store was brought to the newer schema.',
  });
}
