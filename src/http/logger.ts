import pino, { type DestinationStream, type Logger } from 'pino';
import { ForeknowError } from '../errors/errors.ts';

/** Where a secret could turn up in what is logged. Addresses and bodies are never logged at all. */
const secretPaths = ['authorization', 'cookie', 'token', 'secret', 'reporting_token', 'reportingToken'].flatMap(
  (name) => [`*.${name}`, `*.*.${name}`, `*.*.*.${name}`],
);

/**
 * The log of the server: JSON lines on stderr, secrets cut out.
 * @throws ForeknowError `config_invalid` for a level that there is not
 */
export function createLogger(options: { readonly level: string; readonly stream?: DestinationStream }): Logger {
  const levels = [...Object.keys(pino.levels.values), 'silent'];
  if (!levels.includes(options.level)) {
    throw new ForeknowError('config_invalid', {
      detail: `There is no log level "${options.level}".`,
      hint: `Set FOREKNOW_LOG to one of ${levels.join(', ')}.`,
    });
  }
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secretPaths, censor: '[redacted]' },
      serializers: { err: pino.stdSerializers.err },
    },
    options.stream ?? pino.destination({ dest: 2, sync: true }),
  );
}
