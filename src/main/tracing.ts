import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type ContextManager,
  context,
  propagation,
  ROOT_CONTEXT,
  type TextMapPropagator,
  TraceFlags,
  trace,
} from '@opentelemetry/api';

export type Tracing = {
  /** Sends what is left, for a few seconds at most, then stops. */
  close(): Promise<void>;
};

/** A collector that does not answer must not hold up the end of the process. */
const CLOSE_MS = 2000;

/**
 * Sends traces to a collector by OTLP over HTTP (`ENDPOINT/v1/traces`, JSON). The SDK is loaded here and only here: without
 * an endpoint nothing of it is in the process. Headers for the collector come from the SDK's own environment variables.
 */
export async function startTracing(options: { readonly endpoint: string; readonly version: string }): Promise<Tracing> {
  const [{ BatchSpanProcessor, TracerProvider }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const exporter = new OTLPTraceExporter({ url: `${options.endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceOf({
      'service.name': 'foreknow',
      'service.version': options.version,
      'process.pid': process.pid,
    }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 2000 })],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(asyncContext());
  propagation.setGlobalPropagator(traceparent);
  return {
    async close() {
      trace.disable();
      context.disable();
      propagation.disable();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CLOSE_MS);
      });
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}

function resourceOf(attributes: Record<string, string | number>) {
  const resource = {
    attributes,
    asyncAttributesPending: false,
    merge: () => resource,
    getRawAttributes: () => Object.entries(attributes),
  };
  return resource;
}

/** What is active follows asynchronous work. */
function asyncContext(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, work, self, ...args) => storage.run(active, () => work.apply(self, args)),
    bind: (active, target) =>
      typeof target === 'function'
        ? (((...args: unknown[]) => storage.run(active, () => target(...args) as unknown)) as typeof target)
        : target,
    enable: () => manager,
    disable() {
      storage.disable();
      return manager;
    },
  };
  return manager;
}

const PATTERN = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-.*)?$/;

/** W3C Trace Context, Level 1: `traceparent` alone. */
const traceparent: TextMapPropagator = {
  fields: () => ['traceparent'],
  inject(active, carrier, setter) {
    const span = trace.getSpanContext(active);
    if (span === undefined) return;
    const flags = (span.traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, '0');
    setter.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-${flags}`);
  },
  extract(active, carrier, getter) {
    const given = getter.get(carrier, 'traceparent');
    const [, traceId, spanId, flags] = PATTERN.exec(String(given ?? '')) ?? [];
    if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return active;
    const traceFlags = Number.parseInt(flags!, 16) & TraceFlags.SAMPLED;
    return trace.setSpanContext(active, { traceId, spanId, traceFlags, isRemote: true });
  },
};
