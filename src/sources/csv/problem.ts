import { ForeknowError } from '../../errors/errors.ts';

/** What is wrong with a file. Names lines, columns and headings, never a value. */
export const badFile = (detail: string, hint?: string): ForeknowError =>
  new ForeknowError('source_invalid', { detail, ...(hint === undefined ? {} : { hint }) });
