import type { Pool } from 'pg';

/**
 * What tells this database from a copy of it: the cluster, its timeline (another one after a recovery) and the database in it.
 * @returns null where the server does not say
 */
export async function homeOf(pool: Pool): Promise<string | null> {
  const text = `select system_identifier || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || '/' ||
    (select oid from pg_database where datname = current_database()) as home from pg_control_system()`;
  try {
    const { rows } = await pool.query<{ home: string }>(text);
    return rows[0]?.home ?? null;
  } catch {
    return null; // not every server lets everybody ask
  }
}
