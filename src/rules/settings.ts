import type { WrittenFile } from './file-form.ts';
import { type Placed, problemAt, type Report } from './form.ts';
import { type ApprovalKind, approvalKinds, type GuardLimits, matchKeys, type Settings } from './rule-set.ts';

const defaults: GuardLimits = {
  source_shrink: { share: 0.05, people: 5 },
  archive_share: { share: 0.02, people: 3 },
  group_shrink: { share: 0.3, people: 5 },
  create_burst: { share: 0.1 },
  data: { blank: 0.05, changed: 0.2 },
  protected: [],
};

/** What the file says, with defaults for the rest. */
export function settingsOf(file: WrittenFile, report: Report): Settings {
  const { joiners, movers, leavers, rehires, approval } = file;
  return {
    match: file.match ?? matchKeys,
    ownedPrefix: file.groups?.owned?.prefix ?? null,
    joiners: {
      leadDays: joiners?.lead ?? 0,
      need: joiners?.need ?? ['email'],
      otherwise: joiners?.otherwise ?? 'hold',
    },
    movers: { leaveOldGroupsAfterDays: movers?.leave_old_groups_after ?? 0 },
    leavers: {
      absentReads: leavers?.absent?.archive_after ?? 2,
      waitDays: leavers?.wait ?? 0,
      // biome-ignore lint/suspicious/noThenProperty: the file's word; it holds a text and is never awaited
      then: leavers?.then?.value ?? 'archive',
    },
    rehires: {
      // biome-ignore lint/suspicious/noThenProperty: the file's word; it holds a text and is never awaited
      then: rehires?.then ?? 'restore',
    },
    situations: file.situations ?? {},
    guards: guardsOf(file.guards ?? {}),
    approval: approvalOf(approval ?? {}, report),
    fourEyes: approval?.four_eyes ?? false,
  };
}

type WrittenGuards = NonNullable<WrittenFile['guards']>;
type Limit = { readonly share: number; readonly people: number };

function guardsOf(written: WrittenGuards): GuardLimits {
  const limit = (name: 'source_shrink' | 'archive_share' | 'group_shrink'): Limit => {
    const value = written[name];
    if (value === undefined) return defaults[name];
    return typeof value === 'number' ? { ...defaults[name], share: value } : { ...defaults[name], ...value };
  };
  return {
    source_shrink: limit('source_shrink'),
    archive_share: limit('archive_share'),
    group_shrink: limit('group_shrink'),
    create_burst: { share: written.create_burst ?? defaults.create_burst.share },
    data: { ...defaults.data, ...written.data },
    protected: (written.protected ?? []).map(({ value }) => value),
  };
}

/** One approver for all, two different people for what a guard named, unless the file says otherwise. */
function approvalOf(written: NonNullable<WrittenFile['approval']>, report: Report): Settings['approval'] {
  const needed = new Map<ApprovalKind, 0 | 1 | 2>();
  const take = (kinds: readonly Placed<ApprovalKind>[] | undefined, people: 0 | 1 | 2): void => {
    for (const { value, at, path } of kinds ?? []) {
      if (needed.has(value)) report(problemAt(at, path, `${value} stands twice under approval`));
      if (people === 0 && value === 'tripped_guard') {
        report(problemAt(at, path, 'a guard that tripped needs somebody who looks', 'Put it under one or two.'));
      }
      needed.set(value, people);
    }
  };
  take(written.auto, 0);
  take(written.one, 1);
  take(written.two, 2);
  const usual = (kind: ApprovalKind): 0 | 1 | 2 => (kind === 'tripped_guard' ? 2 : 1);
  return Object.fromEntries(
    approvalKinds.map((kind) => [kind, needed.get(kind) ?? usual(kind)]),
  ) as Settings['approval'];
}
