import { afterEach } from 'vitest';
import { type Emulator, type EmulatorOptions, type Surface, startEmulator } from './index.ts';

const running: Emulator[] = [];
afterEach(async () => {
  for (const emulator of running.splice(0)) await emulator.close();
});

/** A small emulator whose clock stands still until it is moved; it ends with the test. */
export async function anEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({ people: 60, limits: false, clock: { now: () => 0 }, ...options });
  running.push(emulator);
  return emulator;
}

/** Whatever was said: a test states what it expects of it. */
type Json = ReturnType<typeof JSON.parse>;
type Said = { readonly status: number; readonly headers: Headers; readonly text: string; readonly body: Json };

/** One call over the network. `path` follows the address of the surface; a body that is no text is sent as JSON. */
export async function ask(
  emulator: Emulator,
  surface: Surface,
  path = '',
  { method = 'GET', token = emulator.tokens[surface], body }: { method?: string; token?: string; body?: unknown } = {},
): Promise<Said> {
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const response = await fetch(`${emulator.addresses[surface]}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(text !== undefined && { body: text }),
  });
  const answer = await response.text();
  return { status: response.status, headers: response.headers, text: answer, body: readable(answer) };
}

function readable(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a query answers: `data`, `errors` or both. */
export const query = async (emulator: Emulator, text: string, variables: Record<string, unknown> = {}): Promise<Json> =>
  (await ask(emulator, 'product', '', { method: 'POST', body: { query: text, variables } })).body;
