import type { FastifyInstance } from 'fastify';

/**
 * Collects the routes as they are declared, and tells which methods an address knows.
 * @returns a function of the request's address; null when no route has it
 */
export function allowedMethods(app: FastifyInstance): (url: string) => readonly string[] | null {
  const routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const one of [method].flat()) route.methods.add(one);
    routes.set(url, route);
  });
  return (url) => {
    const path = url.split('?', 1)[0]!.replace(/(.)\/$/, '$1');
    const found = [...routes.values()].filter(({ pattern }) => pattern.test(path));
    return found.length === 0 ? null : [...new Set(found.flatMap(({ methods }) => [...methods]))].sort();
  };
}

/** `/people/:id` → an expression for one path segment in the parameter's place. */
const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .split('/')
      .map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
      .join('/')}$`,
  );
