import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { fetch as undiciFetch } from 'undici';
import type { ConfiguredCsv, ConfiguredJson, ConfiguredLdap, ConfiguredSource } from '../config/sources.ts';
import { ForeknowError } from '../errors/errors.ts';
import { sleep } from '../lib/sleep.ts';
import { csvSource } from '../sources/csv/csv-source.ts';
import { inFolder } from '../sources/csv/folder.ts';
import type { CsvOptions, Locate } from '../sources/csv/options.ts';
import { overSftp } from '../sources/csv/sftp.ts';
import { handedIn, nothingToFetch, type Upload, uploadProof } from '../sources/csv/upload.ts';
import { jsonSource } from '../sources/json/json-source.ts';
import { ldapSource } from '../sources/ldap/ldap-source.ts';
import type { ScimInStore } from '../sources/scim-in-ports.ts';
import { scimInSource } from '../sources/scim-in-source.ts';
import type { Source } from '../sources/source.ts';
import { dispatcherOf, type EgressOptions } from './egress.ts';

export type OpenSourceDeps = {
  /** Null: what was pushed cannot be looked at. */
  readonly store: ScimInStore | null;
  /** Where files that are fetched or handed in are put while they are read: without a name, for the owner alone. */
  readonly spoolFolder: string;
  readonly now: () => Date;
  /** Proxy and certificates for sources that are asked over HTTPS. */
  readonly egress: EgressOptions;
};

const SETTLE_MS = 10_000;

/** @throws ForeknowError `config_invalid` where its settings cannot be */
export async function openSource(configured: ConfiguredSource, deps: OpenSourceDeps): Promise<Source> {
  switch (configured.kind) {
    case 'csv':
      return csvSource(csvOptions(configured), locate(configured, deps));
    case 'ldap':
      return ldapSource(await ldapOptions(configured));
    case 'json':
      return openJson(configured, deps.egress);
    case 'scim-in':
      if (deps.store === null) throw new TypeError('what was pushed is in the store');
      return scimInSource({ name: configured.name, store: deps.store });
  }
}

/** The source, reading what somebody hands in. @throws ForeknowError `invalid_request` for one that takes no files */
export function openUpload(configured: ConfiguredSource, upload: Upload, deps: OpenSourceDeps): Source {
  if (configured.kind !== 'csv') {
    throw new ForeknowError('invalid_request', {
      detail: `The source ${configured.name} takes no files: its kind is ${configured.kind}.`,
    });
  }
  const options = csvOptions(configured);
  const proof = uploadProof(upload, options.completeWhen);
  return csvSource({ ...options, completeWhen: proof }, handedIn(upload, deps.spoolFolder));
}

const csvOptions = (one: ConfiguredCsv): CsvOptions => ({
  name: one.name,
  encoding: one.encoding,
  delimiter: one.delimiter,
  id: one.id,
  columns: one.columns,
  lists: one.lists,
  groups: one.groups,
  active: one.active,
  completeWhen: one.completeWhen,
});

function locate(one: ConfiguredCsv, { spoolFolder, now }: OpenSourceDeps): Locate {
  const { from, completeWhen } = one;
  const beside = [completeWhen?.rowsFile, completeWhen?.digestFile].filter((name) => name !== undefined);
  if (from === 'upload') return nothingToFetch;
  if (from.startsWith('sftp://')) {
    return overSftp({
      ...{ address: from, hostKeys: one.hostKeys, beside, spoolFolder },
      ...{ key: one.key?.reveal(), passphrase: one.passphrase?.reveal(), password: one.password?.reveal() },
    });
  }
  // Half a file is told by its proof; only where there is none does time have to tell.
  const settleMs = one.settleMs ?? (completeWhen === undefined ? SETTLE_MS : 0);
  return inFolder({ path: from, beside, settleMs }, { now, sleep });
}

async function ldapOptions(one: ConfiguredLdap): Promise<Parameters<typeof ldapSource>[0]> {
  return {
    name: one.name,
    flavour: one.flavour,
    url: one.url,
    bases: one.base,
    bind: { dn: one.bind.dn, password: one.bind.password.reveal() },
    ...(one.filter === undefined ? {} : { filter: one.filter }),
    ...(one.startTls === undefined ? {} : { startTls: one.startTls }),
    ...(one.ca === undefined ? {} : { ca: await certificates(one.ca) }),
    groups: one.groups,
    active: one.active,
    ...(one.id === undefined ? {} : { id: one.id }),
    ...(one.attributes === undefined ? {} : { attributes: one.attributes }),
    ...(one.pageSize === undefined ? {} : { pageSize: one.pageSize }),
  };
}

async function openJson(one: ConfiguredJson, egress: EgressOptions): Promise<Source> {
  const { ca, auth, ...options } = one;
  const usual = egress.ca?.length ? { ca: [...rootCertificates, ...egress.ca] } : {};
  const dispatcher = dispatcherOf(egress, ca === undefined ? usual : { ca: await certificates(ca) });
  const source = jsonSource(
    { ...options, ...(auth === undefined ? {} : { auth: { header: auth.header, value: auth.value.reveal() } }) },
    { fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }), sleep },
  );
  return { ...source, close: () => dispatcher.close() };
}

const certificates = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ForeknowError('config_invalid', { detail: 'The certificates of the source (ca) cannot be read.', cause });
  });
