import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import axe from 'axe-core';
import { type Browser, chromium, type Frame, type Page } from 'playwright-core';
import { inject } from 'vitest';

/** Whether this machine has a browser to drive; the set-up has said so where it has none. */
export const hasBrowser = inject('chromium') !== null;

/** A headless Chromium. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: inject('chromium')!,
    // Its sandbox refuses to start for root.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds against WCAG 2.2 AA and good practice, a line each. */
export async function accessibilityFaults(page: Page | Frame): Promise<readonly string[]> {
  // Run by the debugger, not by the page: its security policy lets no foreign script in.
  await page.evaluate(axe.source);
  const violations = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
    `axe.run({ runOnly: { type: 'tag', values: ${JSON.stringify(tags)} } }).then(({ violations }) => violations)`,
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

/** Pages of somebody else, at an origin of their own: what asks for a connection and waits for how it ended. */
export async function serveHost(
  html: (url: URL) => string,
): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(html(new URL(request.url ?? '/', 'http://host.test')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * What a program that embeds the connect page does, after the contract of the link SDK: opens it as a pop-up or a frame,
 * takes a result from that window and that origin alone, and learns that the window was closed. `outcome` is the first of
 * these; `all` what any message said.
 */
export const hostPage = (): string => `<!doctype html><title>Host</title><script>
window.all = [];
window.outcome = null;
window.listen = (base, source) => addEventListener('message', (event) => {
  window.all.push({ origin: event.origin, data: event.data });
  if (event.source !== source() || event.origin !== new URL(base).origin) return;
  if (event.data === 'closed') window.outcome ??= 'closed';
  else if (event.data && event.data.is_truto) window.outcome ??= event.data;
});
window.popUp = (url) => {
  const popup = window.open(url, '_blank', 'width=640,height=800');
  window.listen(url, () => popup);
  const timer = setInterval(() => { if (popup.closed) { clearInterval(timer); window.outcome ??= 'closed'; } }, 50);
  return popup !== null;
};
window.frameIn = (url) => {
  const frame = document.createElement('iframe');
  frame.src = url; frame.title = 'Connect'; frame.width = 640; frame.height = 800;
  window.listen(url, () => frame.contentWindow);
  document.body.append(frame);
};
</script><body></body>`;
