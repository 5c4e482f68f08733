import { type ManagedField, managedFields } from '../model/managed-field.ts';
import { hintNear, problemAt, type Report } from './form.ts';
import type { RuleProblem } from './rule-set.ts';
import type { Place } from './tree.ts';

/** Attributes as directories and HR systems usually call them: what is written nearly so, and is none of the file's own, was meant so. */
const usual = [
  ...managedFields,
  ...['hired_on', 'terminated_on', 'status', 'employee_type', 'account_disabled', 'manager', 'building', 'floor'],
  ...['cost_center', 'company', 'country', 'city', 'state', 'office', 'legal_entity', 'contract_type', 'worker_type'],
  ...[
    'givenName',
    'sn',
    'cn',
    'mail',
    'title',
    'displayName',
    'physicalDeliveryOfficeName',
    'telephoneNumber',
    'mobile',
  ],
  ...[
    'employeeID',
    'employeeNumber',
    'employeeType',
    'department',
    'departmentNumber',
    'division',
    'distinguishedName',
  ],
  ...[
    'userPrincipalName',
    'sAMAccountName',
    'userAccountControl',
    'proxyAddresses',
    'objectGUID',
    'memberOf',
    'dn',
    'uid',
  ],
  ...['preferredLanguage', 'userName', 'userType', 'externalId', 'accountExpires', 'whenCreated', 'co', 'l', 'o', 'ou'],
  ...Array.from({ length: 15 }, (_, at) => `extensionAttribute${at + 1}`),
];

/** What is computed for everybody, whatever the sources have. */
const computed = ['account_disabled'] as const;

/** The names that a rule file may use, and what it used of them. */
export type Names = {
  readonly mapped: ReadonlySet<ManagedField>;
  /** Attributes of sources that were read. */
  readonly attributes: Set<string>;
  /** Names that nobody has declared and that look like nothing known. */
  readonly doubtful: RuleProblem[];
  /** A name in a condition: a mapped field, else an attribute of the sources. */
  use(name: string, at: Place, path: string): void;
  /** A name in an expression of the mapping: an attribute of the sources. */
  useRaw(name: string, at: Place, path: string): void;
  /** A name of an attribute, as a mapping takes it: that is how it becomes known. */
  useAttribute(name: string, at: Place, path: string): void;
};

/**
 * @param declared names that the file says its sources have, null when it does not say
 * @param known names that the sources really have, null when nobody has looked
 */
export function createNames(
  mapped: ReadonlySet<ManagedField>,
  declared: readonly string[] | null,
  known: ReadonlySet<string> | null,
  report: Report,
): Names {
  const attributes = new Set<string>();
  const doubtful: RuleProblem[] = [];
  const own = new Set<string>();
  const sure = new Set<string>([...computed, ...(declared ?? []), ...(known ?? [])]);
  const isClosed = declared !== null || known !== null;
  const near = (name: string): string | null =>
    hintNear(
      name,
      [...new Set([...mapped, ...sure, ...own, ...(isClosed ? [] : usual)])].filter((one) => one !== name),
    );
  const unknown = (name: string, at: Place, path: string): void => {
    if (isClosed) {
      const words = declared === null ? `no source has ${name}` : `${name} is not among attributes`;
      report(problemAt(at, path, words, near(name)));
    } else {
      const hint = near(name);
      const words = `${name} is no field that is mapped, and no attribute that is known`;
      if (hint !== null)
        report(problemAt(at, path, words, `${hint} If the sources have ${name}, list it under attributes.`));
      else
        doubtful.push(
          problemAt(
            at,
            path,
            `${name} is taken for an attribute of the sources`,
            'List it under attributes when it is.',
          ),
        );
    }
  };
  return {
    mapped,
    attributes,
    doubtful,
    use(name, at, path) {
      if ((mapped as ReadonlySet<string>).has(name)) return;
      if (!sure.has(name) && !own.has(name) && (isClosed || !usual.includes(name))) unknown(name, at, path);
      if (!(computed as readonly string[]).includes(name)) attributes.add(name);
    },
    useRaw(name, at, path) {
      if ((mapped as ReadonlySet<string>).has(name) && !sure.has(name) && !own.has(name)) {
        const hint = 'An expression in map reads what the sources have: name their attribute.';
        report(problemAt(at, path, `${name} is made by the mapping`, hint));
      } else if (!sure.has(name) && !own.has(name) && (isClosed || !usual.includes(name))) unknown(name, at, path);
      if (!(computed as readonly string[]).includes(name)) attributes.add(name);
    },
    useAttribute(name, at, path) {
      if (isClosed && !sure.has(name)) unknown(name, at, path);
      own.add(name);
      attributes.add(name);
    },
  };
}
