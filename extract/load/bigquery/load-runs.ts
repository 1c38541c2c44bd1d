import { randomBytes } from 'node:crypto';
import PQueue from 'p-queue';
import type { BigqueryField } from '../../../schemas/columns.ts';
import type { Config } from '../../config.ts';
import type { Landing } from '../../landing/landing.ts';
import type { Manifest } from '../../landing/manifest.ts';
import type { BigqueryClient } from './client.ts';
import { combineQuery, type LoadedPage } from './combine-pages.ts';
import type { Jobs, Labels } from './jobs.ts';
import { createLoadTable, loadFields, loadObject } from './load-tables.ts';
import { type LoadablePage, loadablePage } from './pages.ts';
import { quoted } from './sql.ts';

export interface Loading {
  readonly client: BigqueryClient;
  readonly jobs: Jobs;
  readonly config: Pick<Config, 'datasets' | 'personalData'>;
  readonly landing: Landing;
  readonly labels: Labels;
  readonly now: Date;
  /** The queue of pages that must be rewritten, of all entities. */
  readonly rewrites: PQueue;
}

/** Load jobs at a time. Each loads one page into its own table, so that each row's page is known. */
const CONCURRENT_LOAD_JOBS = 20;
/** Pages that one query combines. BigQuery reads at most 1,000 tables in one query. */
const PAGES_PER_QUERY = 200;

/** A page, and the run that landed it. */
export interface PageOfRun {
  readonly runId: string;
  readonly page: LoadablePage;
}

/** Loads the pages of runs, and other pages of these runs, into one load table with the raw table's columns. */
export async function loadRuns(
  loading: Loading,
  manifests: readonly Manifest[],
  others: readonly PageOfRun[],
  existing: readonly BigqueryField[],
): Promise<{ readonly table: string; readonly rows: number } | undefined> {
  const { client, jobs, config, landing, labels, now, rewrites } = loading;
  const fields = loadFields(labels.entity, existing, config);
  const pages = manifests.flatMap((manifest) =>
    manifest.pages.map((page) => async () => ({
      runId: manifest.run_id,
      page: await loadablePage(landing, manifest, page, rewrites),
    })),
  );
  const queue = new PQueue({ concurrency: CONCURRENT_LOAD_JOBS });
  const loaded = await Promise.all(
    [...pages, ...others.map((other) => async () => other)].map((pageOfRun) =>
      queue.add(async (): Promise<LoadedPage & { rows: number }> => {
        const { runId, page: loadable } = await pageOfRun();
        const { page, loadUri, uri } = loadable;
        const object = { uri: loadUri, sha256: page.sha256, fields, labels, now };
        const ignoreUnknownValues = config.personalData === 'drop';
        const table = await loadObject(client, jobs, config.datasets.stage, {
          ...object,
          ignoreUnknownValues,
        });
        return { ...table, runId, extractedAt: page.extracted_at, uri };
      }),
    ),
  );
  if (loaded.length === 0) return undefined;
  const queries = chunks(loaded).map((chunk) => combineQuery(chunk, existing, fields));
  const table = await combineIntoLoadTable(loading, existing, queries);
  return { table, rows: loaded.reduce((rows, page) => rows + page.rows, 0) };
}

/** Creates a load table and inserts the rows of the queries. */
export async function combineIntoLoadTable(
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

export function chunks<T>(items: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / PAGES_PER_QUERY);
  return Array.from({ length: count }, (_, index) =>
    items.slice(index * PAGES_PER_QUERY, (index + 1) * PAGES_PER_QUERY),
  );
}
