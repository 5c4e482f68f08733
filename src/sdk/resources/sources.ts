import type { Body, CallOperation, Query } from '../call.ts';
import { wholeList } from '../list.ts';
import type { CallOptions } from '../send.ts';

/** Places that know who works here. Reads that look wrong are let in by people, not by programs. */
export const sourcesOf = (call: CallOperation) => ({
  list: (options?: CallOptions) => wholeList(() => call('listSources', {}, options)),
  get: (name: string, options?: CallOptions) => call('getSource', { params: { name } }, options),
  /** Reads it now; when that takes long the read is answered as far as it has come. */
  read: (name: string, options?: CallOptions) => call('readSource', { params: { name } }, options),
  /** Hands in a file. */
  upload: (name: string, body: Body<'uploadToSource'>, options?: CallOptions) =>
    call('uploadToSource', { params: { name }, body }, options),
  /** Erases what it said of a person, and keeps them out. */
  erasePerson: (name: string, id: string, options?: CallOptions) =>
    call('eraseSourcePerson', { params: { name, id } }, options),
  /** Lets somebody in again who was erased. */
  readmitPerson: (name: string, id: string, options?: CallOptions) =>
    call('readmitSourcePerson', { params: { name, id } }, options),
  /** Forgets everything that it said. */
  forget: (name: string, options?: CallOptions) => call('forgetSource', { params: { name } }, options),
  /** The token with which a provider pushes to it, shown once. */
  createToken: (name: string, body: Body<'createSourceToken'> = {}, options?: CallOptions) =>
    call('createSourceToken', { params: { name }, body }, options),
  reads: {
    list: (query: Query<'listSourceReads'> = {}, options?: CallOptions) =>
      wholeList(() => call('listSourceReads', { query }, options)),
    /** Lets a quarantined one in; takes the secret of a person, and two of them. */
    accept: (id: string, body: Body<'acceptSourceRead'>, options?: CallOptions) =>
      call('acceptSourceRead', { params: { id }, body }, options),
    get: (id: string, options?: CallOptions) => call('getSourceRead', { params: { id } }, options),
  },
});
