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

/**
 * Where somebody tries to prove who they are: the terminal of the machine, an API token, an open session, or a network that reaches the page. Wrong
 * tries are counted for each, so that nobody keeps an operator out from where they are not themselves.
 */
export type Caller = 'terminal' | `token ${string}` | `session ${string}` | `page ${string}`;
