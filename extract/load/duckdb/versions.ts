import type { DuckDBConnection } from '@duckdb/node-api';
import { rawTable } from '../../../schemas/columns.ts';
import { entity as entityNamed } from '../../../schemas/entities.ts';
import type { Config } from '../../config.ts';
import { isNewestVersion, oldestFirst } from '../newest-version.ts';
import type { Counts } from '../receipt.ts';
import { clearResolved } from './clear-resolved.ts';
import { type Amounts, loadTableQuery } from './load-table.ts';
import type { ReadablePage } from './pages.ts';
import { quoted, rows } from './sql.ts';
import { tableName } from './tables.ts';

/**
 * Reads pages into a load table and adds to the raw table the versions that it does not have.
 *
 * Runs in the caller's transaction.
 */
export async function loadPages(
  connection: DuckDBConnection,
  config: Pick<Config, 'datasets' | 'personalData'>,
  run: { readonly entity: string; readonly runId: string },
  pages: readonly ReadablePage[],
  amounts: Amounts,
): Promise<Pick<Counts, 'loaded' | 'versions' | 'visible' | 'new'>> {
  const { key, changeField } = entityNamed(run.entity);
  const names = {
    raw: tableName(config.datasets, rawTable(run.entity)),
    load: quoted(`load_${run.entity}`),
    key: quoted(key),
    changed: quoted(changeField),
  };
  const query = loadTableQuery(config, run, pages, amounts);
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${names.load} AS ${query}`);
  const { rowsChanged } = await connection.run(insertOfNewVersions(names));
  const [counts] = await rows(connection, countOfVersions(names));
  await clearResolved(connection, config, run.entity, names.load);
  await connection.run(`DROP TABLE ${names.load}`);
  return {
    loaded: Number(counts?.loaded),
    versions: Number(counts?.versions),
    visible: Number(counts?.visible),
    new: rowsChanged,
  };
}

interface Names {
  readonly raw: string;
  readonly load: string;
  readonly key: string;
  readonly changed: string;
}

/**
 * Adds each loaded row whose content differs from the version before it.
 *
 * Versions are ordered by change instant, then by when they were received. A row is not added if it is stored already, or
 * if it repeats the content of a stored version and is older than the newest one. A content that comes back (A, B, A) is
 * added.
 */
function insertOfNewVersions({ raw, load, key, changed }: Names): string {
  return `
    INSERT INTO ${raw} BY NAME
    WITH stored AS (
      SELECT ${key} AS key, ${changed} AS changed, _extracted_at, _row_hash
      FROM ${raw}
      WHERE ${key} IN (SELECT ${key} FROM ${load})
    ),
    newest AS (
      SELECT *
      FROM stored
      QUALIFY ${isNewestVersion('key', 'changed')}
    ),
    same_content AS (
      SELECT key, _row_hash, list(_extracted_at) AS received FROM stored GROUP BY ALL
    ),
    candidates AS (
      SELECT
        l.rowid AS load_row, l.${key} AS key, l.${changed} AS changed, l._extracted_at, l._row_hash
      FROM ${load} AS l
      LEFT JOIN newest ON newest.key = l.${key}
      LEFT JOIN same_content AS same ON same.key = l.${key} AND same._row_hash = l._row_hash
      WHERE same.key IS NULL
        OR NOT (
          list_contains(same.received, l._extracted_at)
          OR coalesce(l.${changed}, '-infinity') < coalesce(newest.changed, '-infinity')
        )
    ),
    in_order AS (
      SELECT
        load_row,
        _row_hash,
        lag(_row_hash) OVER (PARTITION BY key ORDER BY ${oldestFirst('changed')}) AS hash_before
      FROM (
        FROM candidates
        UNION ALL BY NAME
        SELECT NULL AS load_row, * FROM newest
      )
    )
    SELECT *
    FROM ${load}
    WHERE rowid IN (
      SELECT load_row
      FROM in_order
      WHERE load_row IS NOT NULL AND _row_hash IS DISTINCT FROM hash_before
    )`;
}

/** Counts loaded rows, their distinct versions, and those of them that are in the raw table. */
function countOfVersions({ raw, load, key }: Names): string {
  return `
    WITH versions AS (SELECT DISTINCT ${key} AS key, _row_hash FROM ${load}),
    stored AS (
      SELECT DISTINCT ${key} AS key, _row_hash FROM ${raw} WHERE ${key} IN (SELECT key FROM versions)
    )
    SELECT
      (SELECT count(*) FROM ${load}) AS loaded,
      (SELECT count(*) FROM versions) AS versions,
      (SELECT count(*) FROM versions SEMI JOIN stored USING (key, _row_hash)) AS visible`;
}
