import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Config } from '../config.ts';
import type { Landing } from '../landing/port.ts';
import { getVerified, type Manifest } from '../manifest.ts';
import type { RejectedLine } from '../rejected.ts';
import { tableName } from './duckdb-tables.ts';

const unzip = promisify(gunzip);

/** Replaces a run's rejected records by those of its landing; returns their number. */
export async function loadRejected(
  connection: DuckDBConnection,
  config: Pick<Config, 'datasets' | 'personalData'>,
  landing: Landing,
  manifest: Manifest,
): Promise<number> {
  const table = tableName(config.datasets, { dataset: 'logs', name: 'rejected_records' });
  const run = [manifest.entity, manifest.run_id];
  await connection.run(`DELETE FROM ${table} WHERE entity = $1 AND run_id = $2`, run);
  const insert = await connection.prepare(
    `INSERT INTO ${table} (entity, run_id, record_id, record, errors, rejected_at)
     VALUES ($1, $2, $3, $4, $5, $6::TIMESTAMPTZ)`,
  );
  let count = 0;
  for (const file of manifest.rejected) {
    const lines = (await unzip(await getVerified(landing, manifest, file))).toString('utf8').split('\n');
    for (const line of lines.filter(Boolean)) {
      const { id, record, errors, rejected_at }: RejectedLine = JSON.parse(line);
      // A record that broke its schema cannot be told apart into personal and other fields.
      const text = config.personalData === 'keep' ? record : '';
      insert.bind([...run, id, text, errors.join('; '), rejected_at]);
      await insert.run();
      count += 1;
    }
  }
  return count;
}
