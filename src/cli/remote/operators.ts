import { ForeknowError } from '../../errors/errors.ts';
import type { OperatorUseCases } from '../../gateway/operators.ts';
import type { CallServer } from './call-server.ts';

const pathOf = (name: string): string => `/operators/${encodeURIComponent(name)}`;

/** Operators, looked after by the server that holds the folder. */
export const remoteOperators = (call: CallServer): Pick<OperatorUseCases, 'add' | 'reset' | 'recover' | 'disable'> => ({
  add: (input, voucher) => call('POST', '/operators', { ...input, voucher }),
  reset: ({ name, ...input }, voucher) => call('POST', `${pathOf(name)}/reset`, { ...input, voucher }),
  disable: (name, voucher) => call('POST', `${pathOf(name)}/disable`, { voucher }),
  recover: () => {
    throw new ForeknowError('store_locked', {
      detail: 'A server is running on this folder, so that another operator can vouch.',
      hint: 'If nobody can, stop the server, run this again, and start it.',
    });
  },
});
