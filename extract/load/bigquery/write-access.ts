import { randomBytes } from 'node:crypto';
import type { BigqueryClient } from './client.ts';
import type { Jobs, Labels } from './jobs.ts';
import { createLoadTable } from './load-tables.ts';
import { quoted } from './sql.ts';
import { prepareDataset } from './tables.ts';

/** Creates a table in the dataset, inserts a row and drops the table. A missing dataset is created and dropped too. */
export async function checkWriteAccess(
  client: BigqueryClient,
  jobs: Jobs,
  datasetId: string,
  labels: Labels,
): Promise<void> {
  const isNew = await prepareDataset(client, datasetId);
  const tableId = `doctor_probe_${randomBytes(6).toString('hex')}`;
  await createLoadTable(
    client,
    datasetId,
    tableId,
    [{ name: 'one', type: 'INTEGER', mode: 'NULLABLE' }],
    new Date(),
  );
  try {
    await jobs.query(`INSERT INTO ${quoted(datasetId)}.${quoted(tableId)} (one) VALUES (1)`, labels);
  } finally {
    await client.request('DELETE', `/datasets/${datasetId}/tables/${tableId}`);
    if (isNew) await client.request('DELETE', `/datasets/${datasetId}`);
  }
}
