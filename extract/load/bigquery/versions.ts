import type { BigqueryField } from '../../../schemas/columns.ts';
import type { Entity } from '../../../schemas/entities.ts';
import { isNewestVersion, oldestFirst } from '../newest-version.ts';
import { quoted } from './sql.ts';

/** Tables and columns of one load. */
export interface VersionNames {
  readonly raw: string;
  readonly load: string;
  readonly entity: Pick<Entity, 'key' | 'changeField'>;
  readonly existing: readonly BigqueryField[];
}

/**
 * Adds each loaded row whose content differs from the version before it.
 *
 * Versions are ordered by change instant, then by when they were received. A row is not added if it is stored already, or
 * if it repeats the content of a stored version and is older than the newest one. A content that comes back (A, B, A) is
 * added. The same rules apply among the loaded rows, because a rebuild loads the rows of many nights in one step. A row is
 * identified by key, content and the instant at which it was received.
 */
export function insertOfNewVersions({ raw, load, entity, existing }: VersionNames): string {
  const key = quoted(entity.key);
  const changed = quoted(entity.changeField);
  const columns = existing.map(({ name }) => quoted(name));
  const identity = `${key} AS key, ${changed} AS changed, _extracted_at, _row_hash`;
  return `
    INSERT INTO ${raw} (${columns.join(', ')})
    WITH stored AS (
      SELECT ${identity} FROM ${raw} WHERE ${key} IN (SELECT ${key} FROM ${load})
    ),
    newest AS (
      SELECT * FROM stored WHERE TRUE
      QUALIFY ${isNewestVersion('key', 'changed')}
    ),
    same_content AS (SELECT DISTINCT key, _row_hash FROM stored),
    same_page AS (SELECT DISTINCT key, _row_hash, _extracted_at FROM stored),
    received AS (
      SELECT
        *,
        MIN(_extracted_at) OVER (PARTITION BY key, _row_hash) AS first_received,
        MAX(COALESCE(changed, ${EARLIEST})) OVER (
          PARTITION BY key ORDER BY _extracted_at, _row_hash
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS newest_before
      FROM (SELECT DISTINCT ${identity} FROM ${load})
    ),
    candidates AS (
      SELECT l.key, l.changed, l._extracted_at, l._row_hash
      FROM received AS l
      LEFT JOIN newest ON newest.key = l.key
      LEFT JOIN same_content AS same ON same.key = l.key AND same._row_hash = l._row_hash
      LEFT JOIN same_page AS page
        ON page.key = l.key AND page._row_hash = l._row_hash AND page._extracted_at = l._extracted_at
      WHERE page.key IS NULL
        AND NOT (
          same.key IS NOT NULL
          AND COALESCE(l.changed, ${EARLIEST}) < COALESCE(newest.changed, ${EARLIEST})
        )
        AND NOT (
          l.first_received < l._extracted_at
          AND COALESCE(l.changed, ${EARLIEST}) < COALESCE(l.newest_before, ${EARLIEST})
        )
    ),
    in_order AS (
      SELECT
        *,
        LAG(_row_hash) OVER (PARTITION BY key ORDER BY ${oldestFirst('changed')}) AS hash_before
      FROM (
        SELECT key, changed, _extracted_at, _row_hash, TRUE AS is_loaded FROM candidates
        UNION ALL
        SELECT key, changed, _extracted_at, _row_hash, FALSE AS is_loaded FROM newest
      )
    ),
    chosen AS (
      SELECT key, _extracted_at, _row_hash
      FROM in_order
      WHERE is_loaded AND (hash_before IS NULL OR hash_before <> _row_hash)
    )
    SELECT ${columns.map((column) => `l.${column}`).join(', ')}
    FROM ${load} AS l
    JOIN chosen AS c
      ON c.key = l.${key} AND c._extracted_at = l._extracted_at AND c._row_hash = l._row_hash
    WHERE TRUE
    QUALIFY ROW_NUMBER() OVER (
      PARTITION BY l.${key}, l._row_hash, l._extracted_at ORDER BY l._source_uri
    ) = 1`;
}

/** Earlier than any change instant. */
const EARLIEST = "TIMESTAMP '0001-01-01 00:00:00+00'";

/** Counts distinct versions among the loaded rows. */
export function countOfVersions({ load, entity }: VersionNames): string {
  return `SELECT COUNT(*) FROM (SELECT DISTINCT ${quoted(entity.key)}, _row_hash FROM ${load})`;
}

/** Counts those of them that are in the raw table. */
export function countOfVisible({ raw, load, entity }: VersionNames): string {
  const key = quoted(entity.key);
  return `
    SELECT COUNT(*)
    FROM (SELECT DISTINCT ${key} AS key, _row_hash FROM ${load}) AS l
    JOIN (SELECT DISTINCT ${key} AS key, _row_hash FROM ${raw}) AS r
      ON r.key = l.key AND r._row_hash = l._row_hash`;
}
