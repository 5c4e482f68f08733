import pino, { type DestinationStream, type Logger } from 'pino';

/** Where a secret could turn up in what is logged. Addresses and bodies are never logged at all. */
const secretPaths = ['authorization', 'cookie', 'token', 'secret', 'reporting_token', 'reportingToken'].flatMap(
  (name) => [`*.${name}`, `*.*.${name}`, `*.*.*.${name}`],
);

/** The log of the server: JSON lines on stderr, secrets cut out. */
export function createLogger(options: { readonly level: string; readonly stream?: DestinationStream }): Logger {
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
