import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { BigqueryField } from '../../../schemas/columns.ts';
import { getVerified, type Manifest, objectPath } from '../../landing/manifest.ts';
import { quoteHighPrecisionNumbers } from '../../pages/high-precision-numbers.ts';
import { rejectedLines } from '../../pages/rejected-records.ts';
import { combined, type Loading, type PageOfRun, portions } from './load-runs.ts';
import { loadObject } from './load-tables.ts';
import { putCopy } from './pages.ts';
import { literal } from './sql.ts';

const unzip = promisify(gunzip);

/** Of `RejectedLine`. */
const REJECTED_LINE: readonly BigqueryField[] = [
  { name: 'id', type: 'STRING', mode: 'NULLABLE' },
  { name: 'record', type: 'STRING', mode: 'NULLABLE' },
  { name: 'errors', type: 'STRING', mode: 'REPEATED' },
  { name: 'rejected_at', type: 'TIMESTAMP', mode: 'NULLABLE' },
];

/** What came of the rejected records of runs. */
export interface RejectedLoad {
  /** Those that still break their schema, with the columns of `rejected_records`; undefined when there are none. */
  readonly table: string | undefined;
  readonly rows: number;
  /** Runs that landed any. */
  readonly runIds: readonly string[];
  /** Those that fit by now. */
  readonly readmitted: readonly PageOfRun[];
}

/** Tries the rejected records of runs again, and loads those that still break their schema into a short-lived table. */
export async function loadRejected(
  loading: Loading,
  manifests: readonly Manifest[],
  standing: readonly BigqueryField[],
): Promise<RejectedLoad> {
  const { client, jobs, config, landing, labels, now } = loading;
  // A record that broke its schema cannot be told apart into personal and other fields.
  const isKept = config.personalData === 'keep';
  const files = manifests.flatMap((manifest) => manifest.rejected.map((file) => ({ manifest, file })));
  const queries: string[] = [];
  const readmitted: PageOfRun[] = [];
  let rows = 0;
  for (const { manifest, file } of files) {
    const { entity, run_id: runId } = manifest;
    const uri = landing.uri(objectPath(manifest, file.file));
    const text = (await unzip(await getVerified(landing, manifest, file))).toString('utf8');
    // Most nights reject nothing, and to read the validator's files takes time.
    const { revalidate } = await import('../current-schema.ts');
    const { page, ndjson, rejected, rejectedAt } = revalidate(entity, file, text);
    if (page) {
      const loadUri = await putCopy(landing, quoteHighPrecisionNumbers(ndjson.toString('utf8')));
      readmitted.push({ runId, page: { page, loadUri, uri } });
    }
    if (rejected.length === 0) continue;
    const left = rejectedLines(rejected, rejectedAt);
    const loaded = await loadObject(client, jobs, config.datasets.stage, {
      uri: left === text ? uri : await putCopy(landing, left),
      sha256: file.sha256,
      fields: REJECTED_LINE.filter(({ name }) => isKept || name !== 'record'),
      ignoreUnknownValues: !isKept,
      labels,
      now,
    });
    rows += loaded.rows;
    queries.push(
      `SELECT ${literal(entity)} AS entity, ${literal(runId)} AS run_id, id AS record_id,
         ${isKept ? 'record' : "''"} AS record, ARRAY_TO_STRING(errors, '; ') AS errors, rejected_at FROM ${loaded.table}`,
    );
  }
  const unions = portions(queries).map((portion) => portion.join('\nUNION ALL '));
  return {
    table: queries.length === 0 ? undefined : await combined(loading, standing, unions),
    rows,
    runIds: [...new Set(files.map(({ manifest }) => manifest.run_id))],
    readmitted,
  };
}
