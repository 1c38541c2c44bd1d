import { randomBytes } from 'node:crypto';
import PQueue from 'p-queue';
import type { BigqueryField } from '../../schemas/columns.ts';
import type { Config } from '../config.ts';
import type { Landing } from '../landing/port.ts';
import { getVerified, type Manifest, objectPath } from '../manifest.ts';
import type { BigqueryClient } from './bigquery-client.ts';
import { combineQuery, type LoadedPage } from './bigquery-combine.ts';
import type { Jobs, Labels } from './bigquery-jobs.ts';
import { createLoadTable, loadFields, loadObject } from './bigquery-load-tables.ts';
import { loadablePage } from './bigquery-pages.ts';
import { literal, quoted } from './bigquery-sql.ts';

export interface Loading {
  readonly client: BigqueryClient;
  readonly jobs: Jobs;
  readonly config: Pick<Config, 'datasets' | 'personalData'>;
  readonly landing: Landing;
  readonly labels: Labels;
  readonly now: Date;
}

/** Load jobs at a time; each reads one page, which is what tells the pages' rows apart. */
const SIDE_BY_SIDE = 20;
/** Pages that one query puts together; BigQuery reads at most 1,000 tables in one. */
const PORTION = 200;

/** Loads the pages of runs into one short-lived table that has the raw table's columns. */
export async function loadRuns(
  loading: Loading,
  manifests: readonly Manifest[],
  standing: readonly BigqueryField[],
): Promise<{ readonly table: string; readonly rows: number } | undefined> {
  const { client, jobs, config, landing, labels, now } = loading;
  const fields = loadFields(labels.entity, standing, config);
  const pages = manifests.flatMap((manifest) => manifest.pages.map((page) => ({ manifest, page })));
  const queue = new PQueue({ concurrency: SIDE_BY_SIDE });
  const loaded = await Promise.all(
    pages.map(({ manifest, page }) =>
      queue.add(async (): Promise<LoadedPage & { rows: number }> => {
        const { loadUri, uri } = await loadablePage(landing, manifest, page);
        const object = { uri: loadUri, sha256: page.sha256, fields, labels, now };
        const ignoreUnknownValues = config.personalData === 'drop';
        const table = await loadObject(client, jobs, config.datasets.stage, {
          ...object,
          ignoreUnknownValues,
        });
        return { ...table, runId: manifest.run_id, extractedAt: page.extracted_at, uri };
      }),
    ),
  );
  if (loaded.length === 0) return undefined;
  const queries = portions(loaded).map((portion) => combineQuery(portion, standing, fields));
  const table = await combined(loading, standing, queries);
  return { table, rows: loaded.reduce((rows, page) => rows + page.rows, 0) };
}

/** Of `RejectedLine`. */
const REJECTED_LINE: readonly BigqueryField[] = [
  { name: 'id', type: 'STRING', mode: 'NULLABLE' },
  { name: 'record', type: 'STRING', mode: 'NULLABLE' },
  { name: 'errors', type: 'STRING', mode: 'REPEATED' },
  { name: 'rejected_at', type: 'TIMESTAMP', mode: 'NULLABLE' },
];

/** Loads the rejected records of runs into one short-lived table that has the columns of `rejected_records`. */
export async function loadRejected(
  loading: Loading,
  manifests: readonly Manifest[],
  standing: readonly BigqueryField[],
): Promise<
  { readonly table: string; readonly rows: number; readonly runIds: readonly string[] } | undefined
> {
  const { client, jobs, config, landing, labels, now } = loading;
  const queries: string[] = [];
  const runIds = new Set<string>();
  let rows = 0;
  for (const manifest of manifests) {
    for (const file of manifest.rejected) {
      await getVerified(landing, manifest, file);
      const loaded = await loadObject(client, jobs, config.datasets.stage, {
        uri: landing.uri(objectPath(manifest, file.file)),
        sha256: file.sha256,
        fields: REJECTED_LINE,
        ignoreUnknownValues: false,
        labels,
        now,
      });
      rows += loaded.rows;
      runIds.add(manifest.run_id);
      // A record that broke its schema cannot be told apart into personal and other fields.
      const record = config.personalData === 'keep' ? 'record' : "''";
      queries.push(
        `SELECT ${literal(manifest.entity)} AS entity, ${literal(manifest.run_id)} AS run_id, id AS record_id,
           ${record} AS record, ARRAY_TO_STRING(errors, '; ') AS errors, rejected_at FROM ${loaded.table}`,
      );
    }
  }
  if (queries.length === 0) return undefined;
  const unions = portions(queries).map((portion) => portion.join('\nUNION ALL '));
  return { table: await combined(loading, standing, unions), rows, runIds: [...runIds] };
}

/** Appends the queries' rows to a new load table. */
async function combined(
  { client, jobs, config, labels, now }: Loading,
  fields: readonly BigqueryField[],
  queries: readonly string[],
): Promise<string> {
  const datasetId = config.datasets.stage;
  const tableId = `load_${labels.entity}_${randomBytes(12).toString('hex')}`;
  await createLoadTable(client, datasetId, tableId, fields, now);
  const table = `${quoted(datasetId)}.${quoted(tableId)}`;
  const columns = fields.map(({ name }) => quoted(name)).join(', ');
  for (const [index, query] of queries.entries()) {
    await jobs.query(`INSERT INTO ${table} (${columns}) ${query}`, labels, `${tableId}_${index}`);
  }
  return table;
}

function portions<T>(items: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / PORTION);
  return Array.from({ length: count }, (_, index) => items.slice(index * PORTION, (index + 1) * PORTION));
}
