/** Where a secret is to be found. Secrets never stand in the configuration file itself. */
export type SecretSource = { readonly env: string } | { readonly file: string };

/** A secret of the configuration. Shown or logged it is its source alone. */
export type Secret = { readonly from: SecretSource; reveal(): string };

/** Finds a secret. `problem` says in words why it is not there, without a part of it. */
export type ReadSecret = (from: SecretSource) => { readonly value: string } | { readonly problem: string };
