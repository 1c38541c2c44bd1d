/**
 * The order of a record's versions, newest first, for ORDER BY.
 *
 * It is SQL that DuckDB and BigQuery read alike. The staging views have the same order in `includes/staging.js`. A complete
 * read that shows a record in an older state opens a new generation; within a generation the later change is newer.
 *
 * @param changedAt SQL expression of the record's change instant; a version without one is the oldest.
 */
export function newestFirst(changedAt: string): string {
  return `coalesce(_generation, 0) desc, ${changedAt} desc nulls last, _extracted_at desc`;
}

/**
 * A condition for QUALIFY that keeps the newest version of each record.
 *
 * @param key SQL expression of the record's key.
 */
export function isNewestVersion(key: string, changedAt: string): string {
  return `row_number() over (partition by ${key} order by ${newestFirst(changedAt)}) = 1`;
}
