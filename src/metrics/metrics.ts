import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { deliveryOutcomes, type Metrics, type Reading } from './ports.ts';
import { storeGauges } from './store-gauges.ts';

const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const remoteBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const runBuckets = [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 14_400];
const lagBuckets = [0.1, 0.5, 1, 2, 5, 15, 60, 300, 1800, 3600, 14_400, 86_400];

/** Whatever else a caller sends is one label. */
const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Metrics of one gateway in a registry of their own. Figures of the process are collected from the first scrape on. */
export function createMetrics({ version }: { readonly version: string }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: `foreknow_${name}`, help, labelNames: [...labelNames], registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[], buckets: number[]) =>
    new Histogram({ name: `foreknow_${name}`, help, labelNames: [...labelNames], buckets, registers });

  const requests = counter('http_requests_total', 'Requests to the API.', ['method', 'route', 'status']);
  const requestSeconds = histogram(
    'http_request_duration_seconds',
    'Time to the end of the answer.',
    ['method', 'route'],
    requestBuckets,
  );
  const remoteLabels = ['connection', 'endpoint', 'kind', 'status'] as const;
  const remote = counter('knowbe4_requests_total', 'Requests sent to KnowBe4 by this process.', remoteLabels);
  const remoteSeconds = histogram(
    'knowbe4_request_duration_seconds',
    'Time to the whole answer.',
    ['endpoint'],
    remoteBuckets,
  );
  const limited = counter('knowbe4_rate_limited_total', 'Answers 429 of KnowBe4.', ['connection']);
  const unexpected = counter(
    'knowbe4_unexpected_rate_limits_total',
    'Answers 429 although our own count had room: another program uses the account.',
    ['account'],
  );
  const runs = counter('sync_runs_total', 'Syncs that ended in this process.', ['connection', 'level', 'status']);
  const runSeconds = histogram('sync_run_duration_seconds', 'How long a sync took.', ['level', 'status'], runBuckets);
  const changed = counter('changes_total', 'Changes that syncs of this process wrote to the log.', [
    'connection',
    'kind',
  ]);
  const deliveries = counter('deliveries_total', 'Tries to deliver an event to a webhook.', ['outcome']);
  // Told from the beginning, so that an alert sees the first one that dies.
  for (const outcome of deliveryOutcomes) deliveries.inc({ outcome }, 0);
  const deliverySeconds = histogram('delivery_duration_seconds', 'Time to the answer.', [], remoteBuckets);
  const deliveryLag = histogram('delivery_lag_seconds', 'From the change to its delivery.', [], lagBuckets);
  const errors = counter('errors_total', 'Errors by code of the catalog.', ['code', 'where']);
  const build = new Gauge({ name: 'foreknow_build_info', help: 'Version.', labelNames: ['version'], registers });
  build.set({ version }, 1);

  const showStore = storeGauges(registers);
  let read: (() => Promise<Reading>) | null = null;
  let collectsProcess = false;
  let underWay: Promise<string> | null = null;

  /** Counters of connections and accounts that are not there any more go, so that series do not grow with what ever was. */
  const forgetGone = async ({ connections }: Reading): Promise<void> => {
    const known = new Set(connections.flatMap(({ id, name, account }) => [id, name, account]));
    for (const one of [remote, limited, unexpected, runs, changed] as Counter[]) {
      for (const { labels } of (await one.get()).values) {
        if (!known.has(String(labels.connection ?? labels.account))) one.remove(labels);
      }
    }
  };

  const scrape = async (): Promise<string> => {
    if (!collectsProcess) collectDefaultMetrics({ register: registry });
    collectsProcess = true;
    const reading = read === null ? null : await read().catch(() => null);
    showStore(reading);
    if (reading !== null) await forgetGone(reading);
    return registry.metrics();
  };

  return {
    request({ method, route, status, seconds }) {
      const labels = { method: knownMethods.has(method) ? method : 'other', route: route ?? 'none' };
      requests.inc({ ...labels, status: String(status) });
      requestSeconds.observe(labels, seconds);
    },
    remoteRequest({ connection, endpoint, kind, status, seconds }) {
      remote.inc({ connection, endpoint, kind, status: String(status ?? 'none') });
      remoteSeconds.observe({ endpoint }, seconds);
      if (status === 429) limited.inc({ connection });
    },
    unexpectedRateLimit: (account) => unexpected.inc({ account }),
    run({ connection, level, status, seconds }) {
      runs.inc({ connection, level, status });
      runSeconds.observe({ level, status }, seconds);
    },
    changes({ connection, kinds }) {
      for (const kind of kinds) changed.inc({ connection, kind });
    },
    delivery({ outcome, seconds, lagSeconds }) {
      deliveries.inc({ outcome });
      deliverySeconds.observe(seconds);
      deliveryLag.observe(lagSeconds);
    },
    error: (code, where) => errors.inc({ code, where }),
    readFrom(next) {
      read = next;
    },
    async scrape() {
      // Scrapes that come together share one look at the store.
      underWay ??= scrape().finally(() => {
        underWay = null;
      });
      return { contentType: registry.contentType, text: await underWay };
    },
  };
}
