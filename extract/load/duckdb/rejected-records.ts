import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Config } from '../../config.ts';
import type { Landing } from '../../landing/landing.ts';
import { getVerified, type LandedPage, type Manifest, objectPath } from '../../landing/manifest.ts';
import { rows } from './sql.ts';
import { tableName } from './tables.ts';

const unzip = promisify(gunzip);
const REJECTED = { dataset: 'logs', name: 'rejected_records' } as const;

/** A run's rejected records after a second validation: how many are still rejected, and which are valid now. */
export interface RejectedLoad {
  readonly rejected: number;
  readonly nowValid: readonly {
    readonly page: LandedPage;
    readonly ndjson: Buffer;
    readonly uri: string;
  }[];
}

/** Validates a run's landed rejected records again, and stores those that still break their schema. */
export async function loadRejected(
  connection: DuckDBConnection,
  config: Pick<Config, 'datasets' | 'personalData'>,
  landing: Landing,
  manifest: Manifest,
): Promise<RejectedLoad> {
  const table = tableName(config.datasets, REJECTED);
  const run = [manifest.entity, manifest.run_id];
  await connection.run(`DELETE FROM ${table} WHERE entity = $1 AND run_id = $2`, run);
  const insert = await connection.prepare(
    `INSERT INTO ${table} (entity, run_id, record_id, record, errors, rejected_at)
     VALUES ($1, $2, $3, $4, $5, $6::TIMESTAMPTZ)`,
  );
  let count = 0;
  const nowValid = [];
  for (const file of manifest.rejected) {
    const text = (await unzip(await getVerified(landing, manifest, file))).toString('utf8');
    // Imported only here: most nights reject nothing, and loading the validator takes time.
    const { revalidate } = await import('../current-schema.ts');
    const { page, ndjson, rejected, rejectedAt } = revalidate(manifest.entity, file, text);
    if (page) nowValid.push({ page, ndjson, uri: landing.uri(objectPath(manifest, file.file)) });
    for (const { id, text: record, errors } of rejected) {
      // In a record that broke its schema, personal fields cannot be separated from the others.
      const storedText = config.personalData === 'keep' ? record : '';
      insert.bind([...run, id, storedText, errors.join('; '), rejectedAt]);
      await insert.run();
      count += 1;
    }
  }
  return { rejected: count, nowValid };
}

/** Ids of the entity's rejected records. Records without an id are left out. */
export async function rejectedIds(
  connection: DuckDBConnection,
  config: Pick<Config, 'datasets'>,
  entity: string,
): Promise<readonly string[]> {
  const found = await rows(
    connection,
    `SELECT DISTINCT record_id FROM ${tableName(config.datasets, REJECTED)}
     WHERE entity = $entity AND record_id IS NOT NULL ORDER BY record_id`,
    { entity },
  );
  return found.map(({ record_id }) => String(record_id));
}
