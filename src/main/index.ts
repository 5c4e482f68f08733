/** The gateway as a library: everything `foreknow up` runs, in your own process. Not affiliated with KnowBe4. */
import { type Gateway, type GatewayOptions, openGateway } from '../gateway/gateway.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { type Served, type ServeOptions, serve } from './serve.ts';
import { version } from './version.ts';

export type { Gateway, GatewayOptions } from '../gateway/gateway.ts';
export type * from '../gateway/types.ts';
export type { ServeOptions } from './serve.ts';

export type StartOptions = GatewayOptions &
  ServeOptions & {
    /** Refresh connections by themselves; default true. */
    readonly scheduler?: boolean;
  };

export type Server = Served & { readonly gateway: Gateway };

/**
 * Opens the data folder, starts the scheduler and listens. `close` ends all three.
 * @throws ForeknowError `store_locked` when another server holds the folder, `conflict` when the port is taken
 */
export async function startServer(options: StartOptions): Promise<Server> {
  const gateway = await openGateway({ ...options, metrics: options.metrics ?? createMetrics({ version }) });
  try {
    const served = await serve(gateway, options);
    gateway.startWork({ scheduled: options.scheduler ?? true });
    const close = async (): Promise<void> => {
      await served.close();
      await gateway.close();
    };
    return { url: served.url, gateway, close };
  } catch (error) {
    await gateway.close();
    throw error;
  }
}
