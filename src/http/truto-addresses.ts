const resources = [
  ...['unified', 'proxy', 'custom', 'batch-request'],
  ...['integrated-account', 'link-token', 'webhook', 'log'],
  ...['sync-job', 'sync-job-run', 'sync-job-run-state', 'sync-job-cron-trigger'],
  ...['integration', 'environment', 'environment-integration', 'api-token'],
];
const pattern = new RegExp(`^/+(?:${resources.join('|')})(?:[/?]|$)`);

/** Whether an address is one of Truto's: its errors have Truto's shape, known to us or not. */
export const isTrutoAddress = (url: string): boolean => pattern.test(url);
