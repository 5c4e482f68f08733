import { type ManagedField, managedFields } from '../model/managed-field.ts';
import type { Budget } from './budget.ts';
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
  ...['userPrincipalName', 'sAMAccountName', 'userAccountControl', 'proxyAddresses', 'objectGUID', 'dn', 'uid'],
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

type NamesOf = {
  readonly mapped: ReadonlySet<ManagedField>;
  /** Names that the file says its sources have, null when it does not say. */
  readonly declared: readonly string[] | null;
  /** Names that the sources really have, null when nobody has looked. */
  readonly known: ReadonlySet<string> | null;
  readonly budget: Budget;
  readonly report: Report;
};

export function createNames({ mapped, declared, known, budget, report }: NamesOf): Names {
  const attributes = new Set<string>();
  const doubtful: RuleProblem[] = [];
  const own = new Set<string>();
  const sure = new Set<string>([...computed, ...(declared ?? []), ...(known ?? [])]);
  const isClosed = declared !== null || known !== null;
  const near = (name: string): string | null => {
    if (name.toLowerCase() === 'memberof') return 'Write member_of: GROUP.';
    const names = new Set([...mapped, ...sure, ...own, ...(isClosed ? [] : usual)]);
    return hintNear(
      name,
      [...names].filter((one) => one !== name),
    );
  };
  const hints = new Map<string, string | null>();
  const unknown = (name: string, at: Place, path: string): void => {
    if (isClosed) {
      const words = declared === null ? `no source has ${name}` : `${name} is not among attributes`;
      report(problemAt(at, path, words, near(name)));
    } else {
      if (!hints.has(name)) {
        if (!budget.spend('undeclaredNames', 1, at, path)) return;
        hints.set(name, near(name));
      }
      const hint = hints.get(name)!;
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
