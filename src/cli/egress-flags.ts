import type { Command } from 'commander';
import { ForeknowError } from '../errors/errors.ts';
import type { EgressOptions } from '../gateway/egress.ts';
import type { CliContext } from './context.ts';
import { readPem } from './pem.ts';

export type EgressFlags = {
  readonly proxy?: string;
  readonly ca?: string;
  readonly config?: string;
};

/** For commands that ask KnowBe4 something. Beside a running server its own way out is used. */
export const withEgress = (command: Command): Command =>
  command
    .option('--proxy <url>', 'the way out to KnowBe4 (default: $HTTPS_PROXY)')
    .option('--ca <file>', 'certificates in PEM to trust besides the usual ones');

/** @throws ForeknowError `invalid_request` when the proxy is no address, or the file of `--ca` cannot be read or is not PEM */
export function egressOf(context: CliContext, flags: EgressFlags): EgressOptions {
  const file = context.configFile(flags.config)?.config.egress;
  const proxy = flags.proxy ?? context.config.proxy ?? file?.proxy;
  const noProxy = context.config.noProxy ?? file?.noProxy;
  const ca = flags.ca ?? file?.ca;
  if (proxy && !/^https?:$/.test(URL.parse(proxy)?.protocol ?? '')) {
    throw new ForeknowError('invalid_request', {
      detail: 'The address of the proxy is not one of http or https.',
      hint: 'Write it as http://proxy.example:3128 (--proxy or HTTPS_PROXY).',
      field: '--proxy',
    });
  }
  return {
    ...(proxy === undefined ? {} : { proxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
    ...(ca === undefined ? {} : { ca: [readPem(ca, '--ca')] }),
  };
}
