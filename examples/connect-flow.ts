/**
 * A page of your product on which customers connect their own KnowBe4. The gateway's page opens in a window of its own and says what came of it;
 * the key goes to the gateway alone. Needs the scope connections; the gateway is told the origin of this page: `foreknow up
 * --connect-origin http://127.0.0.1:9001`.
 */
import { createServer } from 'node:http';
import { createClient } from 'foreknow/sdk';

const gateway = process.env.FOREKNOW_URL!;
const client = createClient({ baseUrl: gateway, token: process.env.FOREKNOW_TOKEN! });

const page = `<!doctype html>
<title>Example product</title>
<button id="connect">Connect KnowBe4</button>
<p id="outcome" role="status"></p>
<script type="module">
  const gateway = ${JSON.stringify(new URL(gateway).origin)};
  document.querySelector('#connect').onclick = async () => {
    const opened = window.open('about:blank', 'connect', 'width=520,height=760'); // at once, or the browser blocks it
    opened.location = await (await fetch('/link', { method: 'POST' })).text();
  };
  addEventListener('message', ({ origin, data }) => {
    if (origin !== gateway || !data?.is_truto) return;
    document.querySelector('#outcome').textContent =
      data.result === 'success' ? 'Connected: ' + data.integrated_account_id : 'Not connected: ' + data.error;
  });
</script>`;

const server = createServer(async (request, response) => {
  if (request.url === '/link' && request.method === 'POST') {
    // Whose account it is: you know it from the session of your user.
    const secret = await client.links.create({ tenant_id: 'customer-42', x_requester: 'Example product' });
    response.end(`${gateway}/connect-account?link_token=${encodeURIComponent(secret)}`);
  } else if (request.url === '/accounts') {
    const mine = (await client.connections.list().all()).filter(({ tenant }) => tenant === 'customer-42');
    response.end(JSON.stringify(mine.map(({ id, name, state }) => ({ id, name, state }))));
  } else {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(page);
  }
});
const port = Number(process.env.PORT ?? 9001);
server.listen(port, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${port}/`));
