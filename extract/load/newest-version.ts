/**
 * A condition for QUALIFY that keeps the newest version of each record.
 *
 * It is SQL that DuckDB and BigQuery read alike. The staging views have the same order in `includes/staging.js`.
 *
 * @param key SQL expression of the record's key.
 * @param changedAt SQL expression of the record's change instant; a version without one is the oldest.
 */
export function isNewestVersion(key: string, changedAt: string): string {
  return `row_number() over (
      partition by ${key} order by ${changedAt} desc nulls last, _extracted_at desc, _row_hash desc
    ) = 1`;
}

/** The same order from the oldest version to the newest, for ORDER BY. */
export function oldestFirst(changedAt: string): string {
  return `${changedAt} nulls first, _extracted_at, _row_hash`;
}
