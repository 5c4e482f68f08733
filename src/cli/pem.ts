import { ForeknowError } from '../errors/errors.ts';
import { readSmallFile } from './small-file.ts';

/** @throws ForeknowError `invalid_request` naming the option */
export function readPem(file: string, option: string): string {
  try {
    const text = readSmallFile(file);
    if (text.includes('-----BEGIN ')) return text;
  } catch (cause) {
    throw new ForeknowError('invalid_request', {
      detail: `The file of ${option} cannot be read.`,
      field: option,
      cause,
    });
  }
  throw new ForeknowError('invalid_request', { detail: `The file of ${option} is not PEM.`, field: option });
}
