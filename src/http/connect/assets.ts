import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { AssetUrls } from './layout.ts';

const files = {
  css: { name: 'connect.css', type: 'text/css; charset=utf-8' },
  js: { name: 'connect.js', type: 'text/javascript; charset=utf-8' },
  icon: { name: 'icon.svg', type: 'image/svg+xml' },
} as const satisfies Record<keyof AssetUrls, { readonly name: string; readonly type: string }>;

/** Serves the files of the pages, each under an address that changes with what is in it. */
export function serveAssets(app: FastifyInstance): AssetUrls {
  const serve = ({ name, type }: (typeof files)[keyof typeof files]): string => {
    const bytes = readFileSync(new URL(`./assets/${name}`, import.meta.url));
    const version = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    const url = `/connect-account/assets/${version}/${name}`;
    app.get(url, { schema: { hide: true } }, async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=31536000, immutable').type(type).send(bytes),
    );
    return url;
  };
  return { css: serve(files.css), js: serve(files.js), icon: serve(files.icon) };
}
