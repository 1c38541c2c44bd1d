import { randomUUID } from 'node:crypto';
import type { Datasets } from '../../config.ts';
import type { BigqueryClient } from './client.ts';
import type { Jobs } from './jobs.ts';
import { type RowsToLoad, rowsJob } from './load-tables.ts';

/** Replaces a table's rows by one load job, which readers see as a whole or not at all; cells stay text until then. */
export async function replaceRows(
  jobs: Jobs,
  client: BigqueryClient,
  datasets: Datasets,
  replacement: RowsToLoad,
): Promise<void> {
  const { table } = replacement;
  const destinationTable = {
    projectId: client.projectId,
    datasetId: datasets[table.dataset],
    tableId: table.name,
  };
  await jobs.run(`replace_${table.name}_${randomUUID()}`, rowsJob(destinationTable, replacement));
}
