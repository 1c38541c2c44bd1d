import type { DuckDBConnection } from '@duckdb/node-api';
import { type Column, columnsOf, duckdbType, rawTable, readSchema } from '../../schemas/columns.ts';
import type { Config } from '../config.ts';
import { entity as entityNamed } from '../entities.ts';
import type { ReadablePage } from './duckdb-pages.ts';
import { literal, quoted, rows } from './duckdb-sql.ts';
import { tableName } from './duckdb-tables.ts';

export interface LoadCounts {
  readonly loaded: number;
  readonly versions: number;
  readonly visible: number;
  readonly new: number;
}

type LoadConfig = Pick<Config, 'datasets' | 'personalData'>;

/** DuckDB refuses longer lines unless told. */
const DEFAULT_LONGEST_LINE = 16 * 1024 * 1024;

/**
 * Reads pages into a load table and adds to the raw table the versions it does not have. Runs inside the caller's
 * transaction.
 */
export async function loadPages(
  connection: DuckDBConnection,
  config: LoadConfig,
  run: { readonly entity: string; readonly runId: string },
  pages: readonly ReadablePage[],
): Promise<LoadCounts> {
  if (pages.length === 0) return { loaded: 0, versions: 0, visible: 0, new: 0 };
  const raw = tableName(config.datasets, rawTable(run.entity));
  const load = `temp.main.${quoted(`load_${run.entity}`)}`;
  const { key, changeField } = entityNamed(run.entity);
  const names = { raw, load, key: quoted(key), change: quoted(changeField) };

  await connection.run(
    `CREATE OR REPLACE TEMP TABLE ${quoted(`load_${run.entity}`)} AS ${loadQuery(config, run, pages)}`,
  );
  try {
    const inserted = await connection.run(insertOfNewVersions(names));
    const [counts] = await rows(
      connection,
      `SELECT (SELECT count(*) FROM ${load}) AS loaded, count(*) AS versions, count(*) FILTER (visible) AS visible
       FROM (
         SELECT (l.key, l._row_hash) IN (SELECT (r.${names.key}, r._row_hash) FROM ${raw} AS r) AS visible
         FROM (SELECT DISTINCT ${names.key} AS key, _row_hash FROM ${load}) AS l
       )`,
    );
    return {
      loaded: Number(counts?.loaded),
      versions: Number(counts?.versions),
      visible: Number(counts?.visible),
      new: inserted.rowsChanged,
    };
  } finally {
    await connection.run(`DROP TABLE IF EXISTS ${load}`).catch(() => {});
  }
}

/** The landed pages as typed rows with their bookkeeping columns. */
function loadQuery(
  config: LoadConfig,
  run: { readonly entity: string; readonly runId: string },
  pages: readonly ReadablePage[],
): string {
  const keep = (column: Column) => config.personalData === 'keep' || column.personal !== true;
  const columns = columnsOf(readSchema(run.entity));
  const read = columns.map((column) => ({ column, type: readType(column, keep) }));
  const structure = read
    .filter(({ type }) => type !== undefined)
    .map(({ column, type }) => `${quoted(column.name)}: ${literal(type ?? '')}`);
  const typed = read.map(({ column, type }) => {
    const wanted = duckdbType(column);
    const value = type === undefined ? 'NULL' : quoted(column.name);
    return `${type === wanted ? value : `CAST(${value} AS ${wanted})`} AS ${quoted(column.name)}`;
  });
  const content = [...columns.map(({ name }) => name), '_extra'];
  const files = pages.map(
    ({ file, page, uri }) => `(${[file, page.extracted_at, uri].map(literal).join(', ')})`,
  );
  const longestLine = Math.max(DEFAULT_LONGEST_LINE, ...pages.map(({ page }) => page.longest_line + 1024));

  return `
    WITH typed AS (
      SELECT ${typed.join(', ')}, CAST(_extra AS JSON) AS _extra, filename
      FROM read_ndjson(
        [${pages.map(({ file }) => literal(file)).join(', ')}],
        columns = {${structure.join(', ')}, "_extra": 'VARCHAR'},
        filename = true, maximum_object_size = ${longestLine}
      )
    )
    SELECT
      typed.* EXCLUDE (filename),
      sha256(concat_ws('|', ${content.map(hashed).join(', ')})) AS _row_hash,
      ${literal(run.runId)} AS _run_id,
      CAST(page.extracted_at AS TIMESTAMPTZ) AS _extracted_at,
      page.uri AS _source_uri
    FROM typed
    JOIN (VALUES ${files.join(', ')}) AS page (file, extracted_at, uri) ON page.file = typed.filename`;
}

/**
 * Numbers that must stay exact are read as text and cast as a whole. Fields that are left out of a STRUCT here are
 * NULL after the cast.
 *
 * @returns undefined for a column that is not kept.
 */
function readType(column: Column, keep: (column: Column) => boolean): string | undefined {
  if (!keep(column)) return undefined;
  const list = column.repeated ? '[]' : '';
  if (column.type === 'NUMERIC' || column.type === 'JSON') return `VARCHAR${list}`;
  if (column.type !== 'STRUCT') return duckdbType(column);
  const fields = (column.fields ?? []).flatMap((field) => {
    const type = readType(field, keep);
    return type === undefined ? [] : [`${quoted(field.name)} ${type}`];
  });
  return fields.length === 0 ? undefined : `STRUCT(${fields.join(', ')})${list}`;
}

/** Name, length and text of a value, so that no two contents read alike; a NULL is left out, so that a new column changes no hash. */
function hashed(name: string): string {
  const text = `CAST(${quoted(name)} AS VARCHAR)`;
  return `${literal(`${name}:`)} || strlen(${text}) || ':' || ${text}`;
}

/**
 * Adds each loaded row whose content differs from the version before it. Versions are ordered by change instant, then
 * by when they were received. What is stored word for word, or is an older state that is stored already, is no news;
 * a state that comes back (A, B, A) is.
 */
function insertOfNewVersions(names: { raw: string; load: string; key: string; change: string }): string {
  const { raw, load, key, change } = names;
  return `
    INSERT INTO ${raw} BY NAME
    WITH stored AS (
      SELECT ${key} AS key, ${change} AS changed, _extracted_at, _row_hash
      FROM ${raw}
      WHERE ${key} IN (SELECT ${key} FROM ${load})
    ),
    newest AS (
      SELECT *
      FROM stored
      QUALIFY row_number() OVER (PARTITION BY key ORDER BY changed DESC NULLS LAST, _extracted_at DESC, _row_hash DESC) = 1
    ),
    candidates AS (
      SELECT l.rowid AS load_row, l.${key} AS key, l.${change} AS changed, l._extracted_at, l._row_hash
      FROM ${load} AS l
      LEFT JOIN newest ON newest.key = l.${key}
      LEFT JOIN (
        SELECT key, _row_hash, list(_extracted_at) AS received FROM stored GROUP BY ALL
      ) AS same ON same.key = l.${key} AND same._row_hash = l._row_hash
      WHERE same.key IS NULL
        OR NOT (list_contains(same.received, l._extracted_at) OR coalesce(l.${change} < newest.changed, l.${change} IS NULL AND newest.changed IS NOT NULL))
    ),
    in_order AS (
      SELECT load_row, _row_hash, lag(_row_hash) OVER (PARTITION BY key ORDER BY changed NULLS FIRST, _extracted_at, _row_hash) AS hash_before
      FROM (
        FROM candidates
        UNION ALL BY NAME
        SELECT NULL AS load_row, * FROM newest
      )
    )
    SELECT * FROM ${load}
    WHERE rowid IN (SELECT load_row FROM in_order WHERE load_row IS NOT NULL AND _row_hash IS DISTINCT FROM hash_before)`;
}
