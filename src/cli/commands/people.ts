import type { Command } from 'commander';
import type { Person } from '../../model/person.ts';
import { examples } from '../flags.ts';
import type { Kit } from '../kit.ts';
import { type ListFlags, printList, withList } from '../list-command.ts';
import { table } from '../output/table.ts';

type Flags = ListFlags & {
  readonly search?: string;
  readonly email?: string;
  readonly overdue?: boolean;
  readonly riskAbove?: string;
  readonly department?: string;
  readonly division?: string;
  readonly location?: string;
  readonly manager?: string;
  readonly archived?: boolean;
  readonly group?: string;
  readonly failedSince?: string;
  readonly admin?: boolean;
  readonly deleted?: boolean;
};

export function addPeople(program: Command, { context, action }: Kit): void {
  const command = program
    .command('people')
    .description('People with groups, risk, training and phishing in one record, as GET /api/v1/people serves them')
    .option('--search <text>', 'name, address or employee number holds this')
    .option('--email <address>', 'with this address')
    .option('--overdue', 'with training past due')
    .option('--risk-above <score>', 'risk score above this')
    .option('--department <name>', 'of this department')
    .option('--division <name>', 'of this division')
    .option('--location <name>', 'at this place')
    .option('--manager <address>', 'whose manager has this address')
    .option('--archived', 'archived people; --no-archived leaves them out')
    .option('--no-archived')
    .option('--group <id>', 'members of this group')
    .option('--failed-since <time>', 'who failed a phishing test since (2026-03-02)')
    .option('--admin', 'admins of the KnowBe4 account')
    .option('--deleted', 'people who are gone as well');
  withList(command)
    .addHelpText(
      'after',
      examples('people --overdue --department Sales', 'people --risk-above 60 --sort risk_score:desc --json'),
    )
    .action(
      action(async (flags: Flags) =>
        printList<Person>(context, flags, {
          filters: filtersOf(flags),
          read: (gateway, input) => gateway.directory.listPeople(input, everyPart),
          text: (rows) => peopleTable(rows, context.output.width),
          none: 'Nobody.',
        }),
      ),
    );
}

const everyPart = new Set(['training', 'phishing', 'risk'] as const);

/** Options by the filters of /api/v1/people. */
const filtersOf = (flags: Flags): Readonly<Record<string, unknown>> => {
  const filters = {
    search: flags.search,
    email: flags.email,
    overdue: flags.overdue,
    risk_above: flags.riskAbove,
    department: flags.department,
    division: flags.division,
    location: flags.location,
    manager_email: flags.manager,
    archived: flags.archived,
    group_id: flags.group,
    failed_since: flags.failedSince,
    admin: flags.admin,
    deleted: flags.deleted ? 'show' : undefined,
  };
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
};

const peopleTable = (rows: readonly Person[], width: number): string =>
  table(
    rows,
    [
      { title: 'id', value: ({ id }) => id },
      { title: 'name', value: ({ name }) => name, least: 14 },
      { title: 'email', value: ({ email }) => email, least: 16 },
      { title: 'status', value: ({ status }) => status, spare: true },
      { title: 'department', value: ({ department }) => department },
      { title: 'risk', value: ({ risk }) => risk?.score?.toFixed(1) ?? null, align: 'right' },
      { title: 'overdue', value: ({ training }) => training?.overdue ?? null, align: 'right' },
      { title: 'failed', value: ({ phishing }) => phishing?.failed ?? null, align: 'right' },
      { title: 'reported', value: ({ phishing }) => phishing?.reported ?? null, align: 'right', spare: true },
    ],
    width,
  );
