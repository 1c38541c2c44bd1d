/** Keeps only rows that were loaded or logged by the instant `as_of`. By default `as_of` is empty and all rows are kept. */
function asOf(row, loadedAt = '_extracted_at') {
  const instant = dataform.projectConfig.vars.as_of;
  return instant ? `${row}.${loadedAt} <= timestamp '${instant}'` : 'true';
}

/**
 * Keeps the newest version of each record: by its generation, which a complete read opens when it shows an older state, then
 * by its own change time, then by when it was read.
 */
function isNewest(row) {
  return `row_number() over (
  partition by ${row}.id
  order by coalesce(${row}._generation, 0) desc, ${row}.modifiedOn desc, ${row}._extracted_at desc
) = 1`;
}

/** Whether the mart is built as of now, not as of an earlier instant. */
function isNow() {
  return dataform.projectConfig.vars.as_of ? 'false' : 'true';
}

module.exports = { asOf, isNewest, isNow };
