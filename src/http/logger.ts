import pino, { type DestinationStream, type Logger } from 'pino';
import { ForeknowError, isForeknowError } from '../errors/errors.ts';
import { prettyLine } from './pretty-log.ts';
import { scrub } from './scrub.ts';

export type LogFormat = 'json' | 'pretty';

/** Where a secret could turn up in what is logged. Addresses and bodies are never logged at all. */
const secretPaths = ['authorization', 'cookie', 'secret', 'reporting_token', 'reportingToken', 'password'].flatMap(
  (name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`],
);

/**
 * The log of the process, on stderr: JSON lines, or lines for people. Secrets are cut out three times: errors are reduced to
 * what is known to be safe, fields with the name of a secret are emptied, and what looks like one is taken out of the line.
 * @throws ForeknowError `config_invalid` for a level that there is not
 */
export function createLogger(options: {
  readonly level: string;
  readonly format?: LogFormat;
  readonly stream?: DestinationStream;
}): Logger {
  const levels = [...Object.keys(pino.levels.values), 'silent'];
  if (!levels.includes(options.level)) {
    throw new ForeknowError('config_invalid', {
      detail: `There is no log level "${options.level.slice(0, 40)}".`,
      hint: `Set FOREKNOW_LOG to one of ${levels.join(', ')}, with json or pretty after a comma.`,
    });
  }
  const stream = options.stream ?? pino.destination({ dest: 2, sync: true });
  const shown = options.format === 'pretty' ? prettyLine : (line: string) => line;
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secretPaths, censor: '[redacted]' },
      serializers: { err: errorFields },
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => stream.write(shown(scrub(line))) },
  );
}

/** How many causes of an error are told. */
const DEPTH = 5;

/** Of an error only what is known to hold no input: class, code, message, place, and the same of its causes. */
function errorFields(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: isForeknowError(error) ? error.detail : error.message,
    stack: error.stack,
    ...(error.cause !== undefined && depth < DEPTH ? { cause: errorFields(error.cause, depth + 1) } : {}),
  };
}
