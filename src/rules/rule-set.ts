import type { FieldValues, ManagedField } from '../model/managed-field.ts';
import type { JoinedPerson } from '../model/source-person.ts';

export const matchKeys = ['provisioning_guid', 'employee_number', 'email', 'alias'] as const;
export type MatchKey = (typeof matchKeys)[number];

export const situations = [
  'linked',
  'found',
  'absent',
  'archived',
  'ambiguous',
  'doubled',
  'gone',
  'terminated',
  'unscoped',
  'vanished',
  'unmanaged',
  'foreign',
] as const;
export type Situation = (typeof situations)[number];

/** What an approval may be asked for. `tripped_guard` is any step that a guard named. */
export const approvalKinds = [
  'create',
  'update',
  'restore',
  'archive',
  'group_create',
  'group_rename',
  'member_add',
  'member_remove',
  'tripped_guard',
] as const;
export type ApprovalKind = (typeof approvalKinds)[number];

/** Shares are 0–1 of active people. */
export type GuardLimits = {
  readonly source_shrink: { readonly share: number; readonly people: number };
  readonly archive_share: { readonly share: number; readonly people: number };
  readonly group_shrink: { readonly share: number; readonly people: number };
  readonly create_burst: { readonly share: number };
  /** A field that is newly blank for more than `blank`, or changed for more than `changed` of people. */
  readonly data: { readonly blank: number; readonly changed: number };
  /** People (by address) and groups (by name) that no step touches. */
  readonly protected: readonly string[];
};

export type Settings = {
  readonly match: readonly MatchKey[];
  /** Only groups whose names begin so are created, filled or emptied; null: none is. */
  readonly ownedPrefix: string | null;
  readonly joiners: {
    /** Days before `hired_on` at which a person may be created. */
    readonly leadDays: number;
    readonly need: readonly ManagedField[];
    readonly otherwise: 'hold' | 'skip';
  };
  readonly movers: { readonly leaveOldGroupsAfterDays: number };
  readonly leavers: {
    /** Complete reads (deliveries) in turn without a person before they count as gone. */
    readonly absentReads: number;
    readonly waitDays: number;
    readonly then: 'archive' | 'hold';
  };
  readonly rehires: { readonly then: 'restore' | 'hold' };
  /** What to do in situations that may be decided otherwise than usual. */
  readonly situations: Readonly<
    Partial<Record<Situation, 'update' | 'create' | 'archive' | 'hold' | 'ignore' | 'ask'>>
  >;
  readonly guards: GuardLimits;
  /** How many people must approve a kind of step: 0 = applies by itself in mode `auto`. */
  readonly approval: Readonly<Record<ApprovalKind, 0 | 1 | 2>>;
  /** The builder of a plan may not be its only approver. */
  readonly fourEyes: boolean;
};

/** What a rule said of a person, for `explain`. `value` is what decided. */
export type RuleTrace = {
  /** Where it stands: `scope.include`, `groups.new hires`, `map.email`. */
  readonly rule: string;
  readonly holds: boolean;
  readonly because: readonly { readonly test: string; readonly holds: boolean; readonly value: string | null }[];
};

export type EvaluatedPerson = {
  readonly person: JoinedPerson;
  readonly inScope: boolean;
  /** What the person is to have at KnowBe4; a field that no rule maps is absent. */
  readonly fields: FieldValues;
  /** The rule that made each field: `map.email`. */
  readonly because: Readonly<Partial<Record<ManagedField, string>>>;
  /** By what an account is found. Addresses in lower case. */
  readonly keys: {
    /** Every written form of an `objectGUID` counts; compared by `sameGuid`. */
    readonly guid: string | null;
    readonly employeeNumber: string | null;
    readonly email: string | null;
    readonly aliases: readonly string[];
  };
  /** The rules say that they have left; `since` is a day when a date said so. */
  readonly leaver: { readonly since: string | null; readonly rule: string } | null;
  /** The day they begin, when a source says one. */
  readonly hiredOn: string | null;
  /**
   * Names of groups, each with the name of the rule that put them there: `new hires`. Empty for who is out of scope. A leaver keeps the groups that the rules give:
   * whoever plans neither adds nor removes a leaver, so that nothing moves while they are waited for.
   */
  readonly groups: readonly { readonly group: string; readonly rule: string }[];
  /** What could not be worked out: they are held. In words, naming rule and field. */
  readonly problems: readonly string[];
};

export type DesiredGroup = {
  readonly name: string;
  /** Its name in the file: `new hires`. */
  readonly rule: string;
  /** Keys of the people (`JoinedPerson.key`) in scope, leavers among them; `at_least` counts no leaver. */
  readonly members: ReadonlySet<string>;
  /** Alarm when a member is not enrolled in this campaign in time. */
  readonly expect: { readonly enrolledIn: string; readonly withinMs: number } | null;
};

export type Evaluation = {
  readonly people: readonly EvaluatedPerson[];
  /** Every group that a rule fills, also those that nobody is in now. */
  readonly groups: readonly DesiredGroup[];
};

export type EvaluationOptions = {
  readonly now: Date;
  /** IANA name in which days begin. */
  readonly timeZone: string;
};

/** A rule file that was read, checked and merged with those it extends. */
export type RuleSet = {
  /** `sha256:` over the merged rules, whatever their layout. */
  readonly digest: string;
  readonly settings: Settings;
  /** Attributes of sources that it reads, and so have to be kept. */
  readonly attributes: ReadonlySet<string>;
  /** Those of them that it names itself. */
  readonly named: ReadonlySet<string>;
  /** Everybody at once: groups by manager and least sizes need the whole company. Never throws for a person; their `problems` tell. */
  evaluate(people: readonly JoinedPerson[], options: EvaluationOptions): Evaluation;
  /** Every rule for one person, the others being there for managers and groups. */
  explain(key: string, people: readonly JoinedPerson[], options: EvaluationOptions): readonly RuleTrace[];
};

/** What is wrong with a rule file, or worth a look. Quotes words of the file, so it belongs to those who may read the file. */
export type RuleProblem = {
  /** As the file was named; of an overlay the file where the words stand. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** `groups.rules[2].when.department`; empty for the file as a whole. */
  readonly path: string;
  readonly words: string;
  /** What to do, where that can be said: the nearest right name. */
  readonly hint: string | null;
};
