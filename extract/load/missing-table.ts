import { BigqueryError } from './bigquery/errors.ts';

/** Whether a query of either warehouse failed because a table, or in BigQuery its dataset, does not exist. */
export function isMissingTable(error: unknown): boolean {
  if (error instanceof BigqueryError) return error.find(/^not found: (table|dataset) /i) !== null;
  return error instanceof Error && /^Catalog Error: Table with name \S+ does not exist/.test(error.message);
}
