import { camelCase, snakeCase } from '../lib/case.ts';

/**
 * A value of ours as this door sends it, its keys in `snake_case`. The type is given up on purpose: answers are not checked
 * on the way out, tests hold every one against the document.
 */
export const toWire = (value: unknown): never => snakeCase(value) as never;

/** A parsed body as the use cases take it. */
export const fromWire = <Input>(body: unknown): Input => camelCase(body) as Input;
