import { type Context, context, propagation, type Span, SpanKind, trace } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import { failSpan, tracer } from '../trace/span.ts';

declare module 'fastify' {
  interface FastifyRequest {
    traced: { readonly span: Span; readonly within: Context } | null;
  }
}

/**
 * A span for each request, a child of the caller's `traceparent`: method, route's pattern, status and request id; never the
 * address or a query, which may name a person.
 */
export function traceRequests(app: FastifyInstance): void {
  app.decorateRequest('traced', null);
  app.addHook('onRequest', (request, _reply, done) => {
    const caller = propagation.extract(context.active(), request.headers);
    const route = request.is404 ? null : (request.routeOptions.url ?? null);
    const span = tracer().startSpan(
      route === null ? request.method : `${request.method} ${route}`,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': request.method,
          'foreknow.request.id': request.id,
          ...(route === null ? {} : { 'http.route': route }),
        },
      },
      caller,
    );
    request.traced = { span, within: trace.setSpan(caller, span) };
    context.with(request.traced.within, done);
  });
  // A body arrives by events of the connection, which know nothing of the request's context.
  app.addHook('preHandler', (request, _reply, done) => {
    if (request.traced === null) done();
    else context.with(request.traced.within, done);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const span = request.traced?.span;
    span?.setAttribute('http.response.status_code', reply.statusCode);
    if (span && reply.statusCode >= 500) failSpan(span, { code: request.errorCode ?? String(reply.statusCode) });
    span?.end();
    done();
  });
}
