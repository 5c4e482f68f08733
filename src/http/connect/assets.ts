import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { AssetUrls } from './layout.ts';

const files = {
  css: { name: 'connect.css', type: 'text/css; charset=utf-8' },
  js: { name: 'connect.js', type: 'text/javascript; charset=utf-8' },
  icon: { name: 'icon.svg', type: 'image/svg+xml' },
} as const satisfies Record<keyof AssetUrls, { readonly name: string; readonly type: string }>;

const read = ({ name }: (typeof files)[keyof typeof files]) => {
  const bytes = readFileSync(new URL(`./assets/${name}`, import.meta.url));
  const version = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  return { bytes, url: `/connect-account/assets/${version}/${name}` };
};

/** Where the files of the pages are served. */
export const assetUrls = (): AssetUrls => ({
  css: read(files.css).url,
  js: read(files.js).url,
  icon: read(files.icon).url,
});

/** Serves the files of the pages, each under an address that changes with what is in it. */
export function serveAssets(app: FastifyInstance): AssetUrls {
  for (const file of Object.values(files)) {
    const { bytes, url } = read(file);
    app.get(url, { schema: { hide: true } }, async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=31536000, immutable').type(file.type).send(bytes),
    );
  }
  return assetUrls();
}
