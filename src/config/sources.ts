import type { CsvEncoding } from '../model/csv-encoding.ts';
import type { Secret } from './secret.ts';

/** Who works here, by what stands in a column or at a path: one of both lists is there. */
type ConfiguredActivity = {
  readonly of: string;
  readonly is: readonly string[] | undefined;
  readonly isNot: readonly string[] | undefined;
};

type Common = {
  readonly name: string;
  /** Minutes between reads; null: only when somebody asks. */
  readonly everyMinutes: number | null | undefined;
};

export type ConfiguredCsv = Common & {
  readonly kind: 'csv';
  /** `upload`; a path, absolute, whose last part may hold `*`; or `sftp://USER@HOST[:PORT]/PATH`. */
  readonly from: string;
  readonly hostKeys: readonly string[];
  readonly key: Secret | undefined;
  readonly passphrase: Secret | undefined;
  readonly password: Secret | undefined;
  readonly encoding: 'auto' | CsvEncoding | undefined;
  readonly delimiter: string | undefined;
  readonly id: string;
  readonly columns: Readonly<Record<string, string>> | undefined;
  /** Attribute → separator. */
  readonly lists: Readonly<Record<string, string>> | undefined;
  readonly groups: string | undefined;
  readonly active: ConfiguredActivity | undefined;
  /** One of them is there. */
  readonly completeWhen:
    | {
        readonly trailer: string | undefined;
        readonly rowsFile: string | undefined;
        readonly digestFile: string | undefined;
        readonly rowCountColumn: string | undefined;
      }
    | undefined;
  readonly settleMs: number | undefined;
};

export type ConfiguredLdap = Common & {
  readonly kind: 'ldap';
  readonly url: string;
  readonly flavour: 'ad' | 'openldap';
  readonly base: readonly string[];
  readonly filter: string | undefined;
  readonly bind: { readonly dn: string; readonly password: Secret };
  /** Path of a PEM file. */
  readonly ca: string | undefined;
  readonly startTls: boolean | undefined;
  readonly groups:
    | {
        readonly by: 'member_of' | 'search' | 'none' | undefined;
        readonly bases: readonly string[] | undefined;
        readonly filter: string | undefined;
        readonly nested: boolean | undefined;
      }
    | undefined;
  readonly active: ConfiguredActivity | undefined;
  readonly id: string | undefined;
  readonly attributes: Readonly<Record<string, string>> | undefined;
  readonly pageSize: number | undefined;
};

export type ConfiguredJson = Common & {
  readonly kind: 'json';
  readonly url: string;
  readonly auth: { readonly header: string | undefined; readonly value: Secret } | undefined;
  /** Path of a PEM file. */
  readonly ca: string | undefined;
  readonly items: string | undefined;
  readonly next:
    | {
        readonly link: boolean | undefined;
        readonly path: string | undefined;
        readonly cursorParameter: string | undefined;
        readonly pageParameter: string | undefined;
        readonly firstPage: number | undefined;
        readonly offsetParameter: string | undefined;
      }
    | undefined;
  readonly pageSize: { readonly parameter: string; readonly value: number } | undefined;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly groups: string | undefined;
  readonly active: ConfiguredActivity | undefined;
  readonly completeWhen: { readonly total: string } | undefined;
};

export type ConfiguredScimIn = {
  readonly name: string;
  readonly kind: 'scim-in';
  readonly profile: 'entra' | 'okta' | undefined;
};

export type ConfiguredSource = ConfiguredCsv | ConfiguredLdap | ConfiguredJson | ConfiguredScimIn;

/** How several sources make one person. */
export type ConfiguredPeople = {
  /** Names of sources; the first is asked first. */
  readonly from: readonly string[];
  readonly join: readonly string[];
  /** Attribute, or `*`, → name of a source. */
  readonly prefer: Readonly<Record<string, string>>;
};

/** `file`: absolute. */
export type ConfiguredRules = { readonly file: string; readonly connection: string };

/** What a connection of the file says of provisioning. */
export type ConfiguredProvisioning = {
  readonly mode: 'observe' | 'propose' | 'auto' | undefined;
  readonly everyMinutes: number | null | undefined;
  readonly approvalsExpireMs: number | undefined;
  /** ISO. */
  readonly freezes: readonly { readonly from: string; readonly until: string; readonly reason: string | null }[];
};
