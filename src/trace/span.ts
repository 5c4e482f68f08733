import { type Span, type SpanOptions, SpanStatusCode, trace } from '@opentelemetry/api';

/** Where spans go: nowhere, unless the process has registered an SDK. */
export const tracer = () => trace.getTracer('foreknow');

/**
 * Does the work inside a span, which is the parent of those that begin within. A thrown error is named by its class and
 * code alone: its message may name a person.
 */
export function withSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  return tracer().startActiveSpan(name, options, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      failSpan(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Marks the span as failed, with the error's class and code. */
export function failSpan(span: Span, error: unknown): void {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  const type = typeof code === 'string' ? code : typeof name === 'string' ? name : typeof error;
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message: type });
}
