/** A person who approves. Not a token, and not the user of the machine who runs commands. */
export type Operator = {
  /** `op_` and random characters. */
  readonly id: string;
  /** Unique, letter case aside. */
  readonly name: string;
  /** A one-time code is asked for beside the secret. */
  readonly hasTotp: boolean;
  readonly createdAt: string;
  /** When the secret was last set. */
  readonly changedAt: string;
  readonly disabledAt: string | null;
};
