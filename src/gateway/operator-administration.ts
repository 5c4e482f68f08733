import type { Acting, StoreWrites } from './acting.ts';
import type { OperatorUseCases } from './operators.ts';

const reset: StoreWrites = {
  resetOperator: ({ id, totp }) => ({ target: id, details: { totp: totp !== null } }),
};

/** The use cases of operators, with what changes something, and who came in, written into the audit log. Names are in it, secrets never. */
export function administeredOperators(operators: OperatorUseCases, act: Acting): OperatorUseCases {
  const about = (name: string, voucher: { readonly name: string } | null) => ({
    details: { name: name.slice(0, 64), vouched_by: voucher?.name.slice(0, 64) ?? null },
  });
  return {
    ...operators,
    add: (input, voucher, from) =>
      act({ action: 'operator.added', ...about(input.name, voucher) }, () => operators.add(input, voucher, from), {
        writes: { createOperator: ({ operator: { id, hasTotp } }) => ({ target: id, details: { totp: hasTotp } }) },
      }),
    reset: (input, voucher, from) =>
      act({ action: 'operator.reset', ...about(input.name, voucher) }, () => operators.reset(input, voucher, from), {
        writes: reset,
      }),
    recover: (input) =>
      act({ action: 'operator.recovered', ...about(input.name, null) }, () => operators.recover(input), {
        writes: reset,
      }),
    disable: (name, voucher, from) =>
      act({ action: 'operator.disabled', ...about(name, voucher) }, () => operators.disable(name, voucher, from), {
        writes: { disableOperator: ({ id }) => ({ target: id }) },
      }),
    login: (proof, from) =>
      act({ action: 'operator.signed_in', ...about(proof.name, null) }, () => operators.login(proof, from), {
        writes: { createOperatorSession: ({ operatorId }) => ({ target: operatorId }) },
      }),
  };
}
