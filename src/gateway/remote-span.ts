import { SpanKind } from '@opentelemetry/api';
import type { RequestEvent } from '../client/index.ts';
import { failSpan, tracer } from '../trace/span.ts';

/** A span for a request that KnowBe4 was sent, told afterwards: host and pattern of the path, neither ids nor the query. */
export function remoteSpan(connectionId: string, event: RequestEvent, now: number): void {
  const start = { kind: SpanKind.CLIENT, startTime: now - event.durationMs };
  const span = tracer().startSpan(`${event.method} ${event.endpoint}`, start);
  if (!span.isRecording()) return;
  span.setAttributes({
    'http.request.method': event.method,
    'url.template': event.endpoint,
    'server.address': new URL(event.url).hostname,
    'foreknow.connection.id': connectionId,
    'foreknow.request.kind': event.kind,
    ...(event.status === null ? {} : { 'http.response.status_code': event.status }),
  });
  if (event.status === null || event.status >= 400) failSpan(span, { code: String(event.status ?? 'no_answer') });
  span.end(now);
}
