import type { Acting } from './acting.ts';
import type { SourceUseCases } from './sources.ts';

/** The use cases of sources, with what changes something written into the audit log. People are named by a keyed hash. */
export function administeredSources(sources: SourceUseCases, act: Acting): SourceUseCases {
  const reading = <T>(name: string, work: () => Promise<T>): Promise<T> =>
    act({ action: 'source.read', target: name.slice(0, 100) }, work, {
      writes: {
        endSourceRead: ({ read: { id, source, people } }) => ({
          target: source,
          details: { read: id, people },
          results: ['state'],
        }),
      },
    });
  return {
    ...sources,
    read: (name, by, signal) => reading(name, () => sources.read(name, by, signal)),
    upload: (name, upload, by, signal) => reading(name, () => sources.upload(name, upload, by, signal)),
    accept: (id, digest, approver) =>
      act({ action: 'source.read_accepted', target: id.slice(0, 100) }, () => sources.accept(id, digest, approver), {
        writes: {
          acceptSourceRead: ({ readId, digest: seen, approval }) => ({
            target: readId,
            details: { digest: seen, approver: approval.by },
            results: ['outcome'],
          }),
        },
      }),
    erasePerson: (name, sourceId) =>
      act({ action: 'source.person_erased', target: name.slice(0, 100) }, () => sources.erasePerson(name, sourceId), {
        writes: {
          eraseSourcePerson: ({ source, marks }) => ({ target: `person ${marks[0]}`, details: { source } }),
        },
      }),
    readmitPerson: (name, said) =>
      act({ action: 'source.person_readmitted', target: name.slice(0, 100) }, () => sources.readmitPerson(name, said), {
        writes: {
          readmitSourcePerson: ({ source, marks }) => ({ target: `person ${marks[0]}`, details: { source } }),
        },
      }),
    forget: (name) =>
      act({ action: 'source.forgotten', target: name.slice(0, 100) }, () => sources.forget(name), {
        writes: { dropSource: ({ source }) => ({ target: source, results: ['people'] }) },
      }),
  };
}
