import type { Acting, StoreWrites } from './acting.ts';
import type { OperatorUseCases } from './operators.ts';

const reset: StoreWrites = {
  resetOperator: ({ id, totp }) => ({ target: id, details: { totp: totp !== null } }),
};

/** A name as the log may have it: what somebody typed in its place may be their secret. */
export type NameForLog = (typed: string) => Promise<string>;

export const nameForLog =
  (operators: Pick<OperatorUseCases, 'list'>): NameForLog =>
  async (typed) => {
    const wanted = typed.toLowerCase();
    const known = (await operators.list()).find(({ name }) => name.toLowerCase() === wanted);
    return known?.name ?? '(nobody)';
  };

/** The use cases of operators, with what changes something, and who came in, written into the audit log. Names are in it, secrets never. */
export function administeredOperators(operators: OperatorUseCases, act: Acting): OperatorUseCases {
  const nameOf = nameForLog(operators);
  const about = async (name: string, voucher: { readonly name: string } | null) => ({
    details: { name: name.slice(0, 64), vouched_by: voucher === null ? null : await nameOf(voucher.name) },
  });
  return {
    ...operators,
    add: async (input, voucher, from) =>
      act(
        { action: 'operator.added', ...(await about(input.name, voucher)) },
        () => operators.add(input, voucher, from),
        { writes: { createOperator: ({ operator: { id, hasTotp } }) => ({ target: id, details: { totp: hasTotp } }) } },
      ),
    reset: async (input, voucher, from) =>
      act(
        { action: 'operator.reset', ...(await about(input.name, voucher)) },
        () => operators.reset(input, voucher, from),
        { writes: reset },
      ),
    recover: async (input) =>
      act({ action: 'operator.recovered', ...(await about(input.name, null)) }, () => operators.recover(input), {
        writes: reset,
      }),
    disable: async (name, voucher, from) =>
      act(
        { action: 'operator.disabled', ...(await about(name, voucher)) },
        () => operators.disable(name, voucher, from),
        { writes: { disableOperator: ({ id }) => ({ target: id }) } },
      ),
    login: async (proof, from) =>
      act(
        { action: 'operator.signed_in', details: { name: await nameOf(proof.name) } },
        () => operators.login(proof, from),
        { writes: { createOperatorSession: ({ operatorId }) => ({ target: operatorId }) } },
      ),
  };
}
