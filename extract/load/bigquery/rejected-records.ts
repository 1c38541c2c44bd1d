import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { BigqueryField } from '../../../schemas/columns.ts';
import { getVerified, type Manifest, objectPath } from '../../landing/manifest.ts';
import { quoteHighPrecisionNumbers } from '../../pages/high-precision-numbers.ts';
import { rejectedLines } from '../../pages/rejected-records.ts';
import { chunks, combineIntoLoadTable, type Loading, type PageOfRun } from './load-runs.ts';
import { loadObject } from './load-tables.ts';
import { putCopy } from './pages.ts';
import { literal } from './sql.ts';

const unzip = promisify(gunzip);

/** The columns of `RejectedLine`. */
const REJECTED_LINE: readonly BigqueryField[] = [
  { name: 'id', type: 'STRING', mode: 'NULLABLE' },
  { name: 'record', type: 'STRING', mode: 'NULLABLE' },
  { name: 'errors', type: 'STRING', mode: 'REPEATED' },
  { name: 'rejected_at', type: 'TIMESTAMP', mode: 'NULLABLE' },
];

/** The rejected records of runs after a second validation. */
export interface RejectedLoad {
  /** A table of those that still break their schema, with the columns of `rejected_records`; undefined if there are none. */
  readonly table: string | undefined;
  readonly rows: number;
  /** Runs that landed rejected records. */
  readonly runIds: readonly string[];
  /** Pages of the records that are valid now. */
  readonly nowValid: readonly PageOfRun[];
}

/** Validates the rejected records of runs again, and loads those that still break their schema into a load table. */
export async function loadRejected(
  loading: Loading,
  manifests: readonly Manifest[],
  existing: readonly BigqueryField[],
): Promise<RejectedLoad> {
  const { client, jobs, config, landing, labels, now } = loading;
  // In a record that broke its schema, personal fields cannot be separated from the others.
  const keepsText = config.personalData === 'keep';
  const files = manifests.flatMap((manifest) => manifest.rejected.map((file) => ({ manifest, file })));
  const queries: string[] = [];
  const nowValid: PageOfRun[] = [];
  let rows = 0;
  for (const { manifest, file } of files) {
    const { entity, run_id: runId } = manifest;
    const uri = landing.uri(objectPath(manifest, file.file));
    const text = (await unzip(await getVerified(landing, manifest, file))).toString('utf8');
    // Imported only here: most nights reject nothing, and loading the validator takes time.
    const { revalidate } = await import('../current-schema.ts');
    const { page, ndjson, rejected, rejectedAt } = revalidate(entity, file, text);
    if (page) {
      const loadUri = await putCopy(landing, quoteHighPrecisionNumbers(ndjson.toString('utf8')));
      nowValid.push({ runId, page: { page, loadUri, uri } });
    }
    if (rejected.length === 0) continue;
    const stillRejected = rejectedLines(rejected, rejectedAt);
    const loaded = await loadObject(client, jobs, config.datasets.stage, {
      uri: stillRejected === text ? uri : await putCopy(landing, stillRejected),
      sha256: file.sha256,
      fields: REJECTED_LINE.filter(({ name }) => keepsText || name !== 'record'),
      ignoreUnknownValues: !keepsText,
      labels,
      now,
    });
    rows += loaded.rows;
    queries.push(
      `SELECT ${literal(entity)} AS entity, ${literal(runId)} AS run_id, id AS record_id,
         ${keepsText ? 'record' : "''"} AS record, ARRAY_TO_STRING(errors, '; ') AS errors, rejected_at FROM ${loaded.table}`,
    );
  }
  const unions = chunks(queries).map((chunk) => chunk.join('\nUNION ALL '));
  return {
    table: queries.length === 0 ? undefined : await combineIntoLoadTable(loading, existing, unions),
    rows,
    runIds: [...new Set(files.map(({ manifest }) => manifest.run_id))],
    nowValid,
  };
}
