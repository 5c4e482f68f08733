import type { CliConfig } from '../cli/cli.ts';

const given = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text);

/** The one place that reads the environment. Lower-case proxy variables are the older custom and read too. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): CliConfig {
  return Object.freeze({
    dataFolder: given(env.FOREKNOW_DATA),
    vaultKeys: given(env.FOREKNOW_VAULT_KEYS),
    databaseUrl: given(env.FOREKNOW_DATABASE_URL),
    proxy: given(env.HTTPS_PROXY) ?? given(env.https_proxy),
    noProxy: given(env.NO_PROXY) ?? given(env.no_proxy),
    noColor: given(env.NO_COLOR) !== null,
    log: given(env.FOREKNOW_LOG),
    configFile: given(env.FOREKNOW_CONFIG),
    telemetryEndpoint: given(env.OTEL_EXPORTER_OTLP_ENDPOINT),
    readEnv: (name: string) => given(env[name]),
  });
}
