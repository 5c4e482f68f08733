import type { Writes } from '../folder.ts';
import type { CallServer } from './call-server.ts';

export const remoteScimIn = (call: CallServer): Writes['scimIn'] => ({
  tokens: {
    create: (name, { rotate = false, overlapSeconds } = {}) =>
      call('POST', `/sources/${encodeURIComponent(name)}/token`, { rotate, overlapSeconds }),
  },
});
