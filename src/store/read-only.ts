import { ForeknowError } from '../errors/errors.ts';
import type { CallOp } from './ops/ops.ts';

/** Stands where writes would go when a store was opened for reading. */
export const readOnlyCall: CallOp = () =>
  Promise.reject(
    new ForeknowError('store_failed', {
      detail: 'The store was opened for reading.',
      hint: 'Writes go through the server that runs on this store.',
    }),
  );
