import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadRecord } from '../../sources/ports.ts';
import type { Writes } from '../folder.ts';
import type { CallServer } from './call-server.ts';

const LOOK_MS = 1000;

const pathOf = (name: string): string => `/sources/${encodeURIComponent(name)}`;

/** A long read goes on when the call is answered: it is looked at until it has ended. */
export function remoteSources(call: CallServer): Writes['sources'] {
  const ended = async (begun: Promise<ReadRecord>): Promise<ReadRecord> => {
    let read = await begun;
    while (read.state === 'reading') {
      await sleep(LOOK_MS);
      read = await call('GET', `/source-reads/${encodeURIComponent(read.id)}`);
    }
    return read;
  };
  return {
    read: (name) => ended(call('POST', `${pathOf(name)}/read`)),
    upload: async (name, { content, name: file, rows, sha256 }) => {
      const text = (await buffer(content)).toString('base64');
      const body = { content: text, encoding: 'base64', name: file, rows, sha256 };
      return ended(call('POST', `${pathOf(name)}/upload`, body));
    },
    erasePerson: async (name, id) =>
      (await call<{ wasKnown: boolean }>('DELETE', `${pathOf(name)}/people/${encodeURIComponent(id)}`)).wasKnown,
    readmitPerson: async (name, id) =>
      (await call<{ readmitted: boolean }>('POST', `${pathOf(name)}/people/${encodeURIComponent(id)}/readmit`))
        .readmitted,
    forget: async (name) => (await call<{ people: number }>('DELETE', pathOf(name))).people,
  };
}
