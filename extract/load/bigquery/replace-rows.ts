import { randomUUID } from 'node:crypto';
import type { BigqueryField, TableSchema } from '../../../schemas/columns.ts';
import type { Datasets } from '../../config.ts';
import type { TextRow } from '../warehouse.ts';
import type { BigqueryClient } from './client.ts';
import { type Jobs, type Labels, labelsOf } from './jobs.ts';
import { ndjsonOf } from './load-tables.ts';

/** Replaces a table's rows by one load job, which readers see as a whole or not at all; cells stay text until then. */
export async function replaceRows(
  jobs: Jobs,
  client: BigqueryClient,
  datasets: Datasets,
  replacement: {
    readonly table: TableSchema;
    readonly rows: readonly TextRow[];
    readonly fields: readonly BigqueryField[];
    readonly labels: Labels;
  },
): Promise<void> {
  const { table, rows, fields, labels } = replacement;
  const destinationTable = {
    projectId: client.projectId,
    datasetId: datasets[table.dataset],
    tableId: table.name,
  };
  await jobs.run(`replace_${table.name}_${randomUUID()}`, {
    configuration: {
      labels: labelsOf(labels),
      load: {
        destinationTable,
        sourceFormat: 'NEWLINE_DELIMITED_JSON',
        schema: { fields },
        maxBadRecords: 0,
        createDisposition: 'CREATE_NEVER',
        writeDisposition: 'WRITE_TRUNCATE',
      },
    },
    ndjson: ndjsonOf(table, rows),
  });
}
