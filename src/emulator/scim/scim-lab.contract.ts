import type { Emulator } from '../index.ts';
import { ask, query } from '../lab.contract.ts';
import type { User } from '../world/records.ts';

export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const KNOWBE4 = 'urn:ietf:params:scim:schemas:extension:knowbe4:kmsat:2.0:User';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** A user as a pusher sends it. `more` goes over it. */
export const userBody = (userName: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  schemas: [USER, ENTERPRISE],
  externalId: `key-${userName.split('@')[0]}`,
  userName,
  name: { givenName: 'Amara', familyName: 'Lindqvist' },
  emails: [{ primary: true, type: 'work', value: userName }],
  active: true,
  ...more,
});

/** The calls of a pusher, each of which has to succeed; what it gets back. */
export const pusher = (emulator: Emulator) => {
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await ask(emulator, 'scim', path, { method, body });
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  };
  return {
    call,
    post: async (userName: string, more?: Record<string, unknown>): Promise<string> =>
      (await call('POST', '/Users', userBody(userName, more))).id,
    put: (id: string, body: unknown) => call('PUT', `/Users/${id}`, body),
    patch: (id: string, ...operations: readonly unknown[]) =>
      call('PATCH', `/Users/${id}`, { schemas: [PATCH], Operations: operations }),
    delete: (id: string) => call('DELETE', `/Users/${id}`),
    group: async (displayName: string, members: readonly string[] = []): Promise<string> =>
      (await call('POST', '/Groups', { displayName, members: members.map((value) => ({ value })) })).id,
    patchGroup: (id: string, ...operations: readonly unknown[]) =>
      call('PATCH', `/Groups/${id}`, { schemas: [PATCH], Operations: operations }),
    /** The user of that name. */
    find: async (userName: string) =>
      (await call('GET', `/Users?filter=${encodeURIComponent(`userName eq ${JSON.stringify(userName)}`)}`))
        .Resources[0],
  };
};

type Row = {
  action: string;
  type: string;
  status: string;
  email: string | null;
  group: string | null;
  error: string | null;
};
type Report = {
  id: number;
  status: string;
  testMode: boolean;
  createdAt: string;
  completedAt: string | null;
  userUpdates: Record<string, number>;
  groupUpdates: Record<string, number>;
  membershipUpdates: Record<string, number>;
};

const counts = '{ archived changed claimed created deleted unarchived errors success }';

/** Reports of syncs, the newest first. */
export const reports = async (emulator: Emulator): Promise<Report[]> =>
  (
    await query(
      emulator,
      `{ ldapSyncReports(all: true) { nodes { id status testMode createdAt completedAt userUpdates ${counts} groupUpdates ${counts} membershipUpdates ${counts} } } }`,
    )
  ).data.ldapSyncReports.nodes;

/** The rows of a report, by default of the newest. */
export async function rowsOf(emulator: Emulator, id?: number): Promise<Row[]> {
  const report = id ?? (await reports(emulator))[0]!.id;
  const answer = await query(
    emulator,
    `query($id: Int!) { ldapSyncReportItems(ldapSyncReportId: $id, all: true) { nodes { action type status email group error } } }`,
    { id: report },
  );
  return answer.data.ldapSyncReportItems.nodes;
}

const WINDOW = 900_000;

/** Runs the sync and lets a quarter of an hour go by, so that the next one may run. @returns `CREATED ada@…` for each row about a person, `CLAIMED group NAME` … */
export async function sync(emulator: Emulator): Promise<string[]> {
  const { id } = emulator.mutate({ kind: 'scim-force-sync' });
  const rows = await rowsOf(emulator, Number(id));
  emulator.advance(WINDOW);
  return rows.map(({ action, type, email, group, error }) => {
    const what = type === 'USER' ? [email] : type === 'GROUP' ? ['group', group] : [email, 'in', group];
    return [action, ...what, ...(error ? [`! ${error}`] : [])].filter((word) => word !== null).join(' ');
  });
}

/** Somebody whom the Reporting API shows, an active person before an archived one. */
export async function seen(emulator: Emulator, email: string): Promise<User | undefined> {
  const all: User[] = [];
  for (let page = 1; page < 100; page += 1) {
    const { body } = await ask(emulator, 'reporting', `/v1/users?per_page=500&page=${page}`);
    all.push(...body);
    if (body.length < 500) break;
  }
  const found = all.filter((user) => user.email.toLowerCase() === email.toLowerCase());
  return found.find(({ status }) => status === 'active') ?? found[0];
}

/** What somebody is enrolled in, part by part. */
export const enrolledIn = (emulator: Emulator, userId: number): string[] =>
  emulator
    .truth()
    .enrollments.filter(({ user }) => user.id === userId)
    .map(({ campaign_name }) => campaign_name);
