import type { Body, CallOperation, Query } from '../call.ts';
import { wholeList } from '../list.ts';
import type { CallOptions } from '../send.ts';

type KeyKind = 'scim' | 'events' | 'product';

/** KnowBe4 accounts and how they are read. A connection is named by its id or its name. */
export const connectionsOf = (call: CallOperation) => ({
  list: (options?: CallOptions) => wholeList(() => call('listConnections', {}, options)),
  get: (id: string, options?: CallOptions) => call('getConnection', { params: { id } }, options),
  /** Connects an account: its token is proven against KnowBe4 first. */
  connect: (body: Body<'connect'>, options?: CallOptions) => call('connect', { body }, options),
  update: (id: string, body: Body<'updateConnection'>, options?: CallOptions) =>
    call('updateConnection', { params: { id }, body }, options),
  /** Removes it; `purge` also what was mirrored. */
  remove: (id: string, query: Query<'removeConnection'> = {}, options?: CallOptions) =>
    call('removeConnection', { params: { id }, query }, options),
  replaceToken: (id: string, body: Body<'replaceToken'>, options?: CallOptions) =>
    call('replaceToken', { params: { id }, body }, options),
  /** Proves the stored token again. */
  check: (id: string, options?: CallOptions) => call('checkConnection', { params: { id } }, options),
  putKey: (id: string, kind: KeyKind, body: Body<'putKey'>, options?: CallOptions) =>
    call('putKey', { params: { id, kind }, body }, options),
  removeKey: (id: string, kind: KeyKind, options?: CallOptions) => call('removeKey', { params: { id, kind } }, options),
  pause: (id: string, options?: CallOptions) => call('pauseConnection', { params: { id } }, options),
  resume: (id: string, options?: CallOptions) => call('resumeConnection', { params: { id } }, options),
  /** Streams, budget, what waits for a decision, the last run. */
  status: (id: string, options?: CallOptions) => call('getConnectionStatus', { params: { id } }, options),
  /** What a sync would cost. */
  estimate: (id: string, query: Query<'estimateSync'> = {}, options?: CallOptions) =>
    call('estimateSync', { params: { id }, query }, options),
  /** Starts a sync; with `wait` the run is answered if it ends within 25 s. */
  sync: (id: string, { wait, ...body }: Body<'syncConnection'> & Query<'syncConnection'> = {}, options?: CallOptions) =>
    call('syncConnection', { params: { id }, query: wait === undefined ? {} : { wait }, body }, options),
  /** Erases one person everywhere, and keeps them out. */
  erasePerson: (id: string, userId: string, options?: CallOptions) =>
    call('erasePerson', { params: { id, userId } }, options),
  readmitPerson: (id: string, userId: string, options?: CallOptions) =>
    call('readmitPerson', { params: { id, userId } }, options),
  intake: {
    get: (id: string, options?: CallOptions) => call('getIntake', { params: { id } }, options),
    /** A new secret, shown once. */
    renew: (id: string, body: Body<'renewIntake'> = {}, options?: CallOptions) =>
      call('renewIntake', { params: { id }, body }, options),
    disable: (id: string, options?: CallOptions) => call('disableIntake', { params: { id } }, options),
  },
});

/** Syncs, and the removals that they found but did not make. */
export const syncOf = (call: CallOperation) => ({
  runs: {
    /** The newest ones. */
    list: (query: Query<'listRuns'> = {}, options?: CallOptions) =>
      wholeList(() => call('listRuns', { query }, options)),
    get: (id: string, options?: CallOptions) => call('getRun', { params: { id } }, options),
  },
  holds: {
    list: (query: Query<'listHolds'> = {}, options?: CallOptions) =>
      wholeList(() => call('listHolds', { query }, options)),
    /** Makes the removals. */
    confirm: (id: string, options?: CallOptions) => call('confirmHold', { params: { id } }, options),
    dismiss: (id: string, options?: CallOptions) => call('dismissHold', { params: { id } }, options),
  },
});
