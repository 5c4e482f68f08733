import { ForeknowError } from '../../errors/errors.ts';
import type { OperatorUseCases } from '../../gateway/operators.ts';
import type { Operator } from '../../operators/operator.ts';

export const priya: Operator = {
  ...{ id: 'op_priya', name: 'priya', hasTotp: false, createdAt: '2026-11-21T08:00:00.000Z' },
  ...{ changedAt: '2026-11-21T08:00:00.000Z', disabledAt: null },
};
export const PRIYAS_SECRET = 'seven green bicycles';
const SESSION = `fko_${'s'.repeat(43)}`;

/** One operator, whose secret is known, and one session at a time. */
export function fakeOperators(): OperatorUseCases {
  let isOpen = false;
  const verify: OperatorUseCases['verify'] = async ({ name, secret }) => {
    if (name === priya.name && secret === PRIYAS_SECRET) return priya;
    throw new ForeknowError('operator_refused', { detail: 'Name, secret or code is wrong.' });
  };
  const withTotp = async ({ name, totp }: { readonly name: string; readonly totp: boolean }) => ({
    operator: { ...priya, id: `op_${name}`, name, hasTotp: totp },
    totpUri: totp ? 'otpauth://totp/Foreknow:x?secret=JBSWY3DPEHPK3PXP' : null,
  });
  return {
    list: async () => [priya],
    verify,
    add: withTotp,
    reset: withTotp,
    recover: withTotp,
    disable: async (name) => ({ ...priya, name, disabledAt: '2026-11-21T09:00:00.000Z' }),
    login: async (proof, from) => {
      const operator = await verify(proof, from);
      isOpen = true;
      return { operator, token: SESSION, expiresAt: '2126-11-21T17:00:00.000Z' };
    },
    session: async (token) => (isOpen && token === SESSION ? priya : null),
    logout: async () => {
      isOpen = false;
    },
  };
}
