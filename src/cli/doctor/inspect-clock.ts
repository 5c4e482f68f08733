import type { Fetch } from '../../client/index.ts';
import type { ConnectionView } from '../../gateway/types.ts';
import { reportingUrl } from '../../wire/regions.ts';
import { duration } from '../output/words.ts';
import { type Finding, ok, warn } from './findings.ts';

/** Windows of requests and schedules are told by this clock: a minute off is too much. */
const TOLERANCE_MS = 60_000;
const TIMEOUT_MS = 10_000;

/** This machine's clock against the `Date` of the connection's server. The request carries no token. */
export async function inspectClock(connection: ConnectionView, ask: Fetch, now: () => number): Promise<Finding> {
  const { name, region, baseUrls } = connection;
  const about = `${name} clock`;
  try {
    const answer = await ask(`${baseUrls.reporting ?? reportingUrl(region)}/v1/account`, {
      method: 'GET',
      headers: {},
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const date = Date.parse(answer.headers.get('date') ?? '');
    if (Number.isNaN(date)) return warn(about, 'The server sends no date to compare with.');
    return judgeClock(about, date, now());
  } catch {
    return warn(about, 'The server could not be asked for its time.', 'Look at the network, --proxy and --ca.');
  }
}

/** @param date what the server says, ms, cut to the second */
export function judgeClock(about: string, date: number, now: number): Finding {
  const off = Math.max(0, Math.abs(now - date) - 1000);
  return off <= TOLERANCE_MS
    ? ok(about, 'agrees with the server')
    : warn(about, `This machine’s clock is ${duration(off)} ${now > date ? 'ahead' : 'behind'}.`, 'Set it by NTP.');
}
