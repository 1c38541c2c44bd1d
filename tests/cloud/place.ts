import { randomUUID } from 'node:crypto';
import { BigQuery } from '@google-cloud/bigquery';
import { Storage } from '@google-cloud/storage';
import { inject } from 'vitest';
import type { Datasets } from '../../extract/config.ts';
import { openBigquery } from '../../extract/load/bigquery/warehouse.ts';
import type { Query } from '../../extract/load/warehouse.ts';
import { cloudSettings } from './emulators.ts';

/** Datasets and a bucket for one test, the settings that name them, and a function to query them. */
export interface CloudPlace {
  readonly env: Readonly<Record<string, string>>;
  readonly datasets: Datasets;
  readonly query: Query;
}

/** @param datasets the project's own names where they are left out */
export async function cloudPlace(datasets = ownDatasets()): Promise<CloudPlace> {
  const emulators = inject('emulators');
  const { projectId, bigqueryUrl, storageUrl } = emulators;
  const bucket = `night-${randomUUID()}`;
  await new Storage({ projectId, apiEndpoint: storageUrl }).createBucket(bucket);
  const place = { projectId, location: 'US', maximumBytesBilled: null };
  const { query } = openBigquery({
    config: { datasets, personalData: 'keep' },
    place,
    runId: 'test',
    google: new BigQuery({ projectId, location: 'US', apiEndpoint: bigqueryUrl }),
  });
  const env = {
    ...cloudSettings(emulators),
    LANDING_URI: `gs://${bucket}/landing`,
    BQ_DATASET_RAW: datasets.raw,
    BQ_DATASET_STAGE: datasets.stage,
    BQ_DATASET_MART: datasets.mart,
    BQ_DATASET_LOGS: datasets.logs,
  };
  return { env, datasets, query };
}

export const DEFAULT_DATASETS: Datasets = {
  raw: 'st_raw_v2',
  stage: 'st_stage_v2',
  mart: 'st_mart_v2',
  logs: 'st_logs_v2',
};

function ownDatasets(): Datasets {
  const part = randomUUID().slice(0, 8);
  return { raw: `raw_${part}`, stage: `stage_${part}`, mart: `mart_${part}`, logs: `logs_${part}` };
}
