import { randomUUID } from 'node:crypto';
import { BigQuery } from '@google-cloud/bigquery';
import { Storage } from '@google-cloud/storage';
import { describe, inject } from 'vitest';
import { gcsLanding } from '../../extract/landing/gcs.ts';
import { openBigquery } from '../../extract/load/bigquery/warehouse.ts';
import { declaredTables } from '../../schemas/columns.ts';
import { warehouseContract } from '../extract/load/warehouse-contract.ts';

const { bigqueryUrl, storageUrl, projectId } = (inject as (name: string) => Record<string, string>)(
  'emulators',
) as {
  [name in 'bigqueryUrl' | 'storageUrl' | 'projectId']: string;
};
const bucket = `contract-${randomUUID()}`;
await new Storage({ projectId, apiEndpoint: storageUrl }).createBucket(bucket);
const google = new BigQuery({ projectId, location: 'US', apiEndpoint: bigqueryUrl });
/** The tables that the tests write. */
const TABLES = declaredTables().filter(({ name }) =>
  /^(raw_(estimates|jobs|projects|payments|invoices|customers)|sync_state|ingestion_logs|rejected_records|vanished_records)$/.test(
    name,
  ),
);

describe('the BigQuery warehouse on the emulator', () => {
  warehouseContract(async () => {
    const part = randomUUID().replaceAll('-', '').slice(0, 8);
    const datasets = {
      raw: `raw_${part}`,
      stage: `stage_${part}`,
      mart: `mart_${part}`,
      logs: `logs_${part}`,
    };
    const open = async (personalData: 'keep' | 'drop') => {
      const warehouse = openBigquery({
        config: { datasets, personalData },
        place: { projectId, location: 'US', maximumBytesBilled: null },
        runId: 'contract',
        google,
      });
      await warehouse.prepare(TABLES);
      return warehouse;
    };
    return {
      warehouse: await open('keep'),
      landing: gcsLanding({ bucket, prefix: part, apiUrl: storageUrl }),
      raw: datasets.raw,
      logs: datasets.logs,
      withoutPersonalData: () => open('drop'),
    };
  });
});
