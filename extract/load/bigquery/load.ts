import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import PQueue from 'p-queue';
import { type BigqueryField, bigqueryField, rawTable } from '../../../schemas/columns.ts';
import { entity as entityNamed } from '../../../schemas/entities.ts';
import type { Config } from '../../config.ts';
import { decompress } from '../../landing/compression.ts';
import type { Landing } from '../../landing/landing.ts';
import { getVerified, objectPath, sha256 } from '../../landing/manifest.ts';
import type { Batch, LoadRequest, PageToLoad } from '../engine.ts';
import { batchStatements, collectBatch, takeCollection } from '../sql/batch.ts';
import type { Dialect } from '../sql/dialect.ts';
import type { LoadRelations } from '../sql/versions.ts';
import type { BigqueryClient } from './client.ts';
import type { Jobs, Labels } from './jobs.ts';
import { createLoadTable, loadFields, loadObjects, loadRows } from './load-tables.ts';
import { loadedValue } from './loaded-value.ts';
import { literal, quoted, script } from './sql.ts';
import type { ExistingColumns } from './tables.ts';

const zip = promisify(gzip);

/** Landed pages that are verified at a time, and batches that are loaded at a time, of an entity. */
const SIDE_BY_SIDE = 8;
/** BigQuery takes at most so many objects in one load job. */
const OBJECTS_PER_JOB = 10_000;

export interface Loading {
  readonly client: BigqueryClient;
  readonly jobs: Jobs;
  readonly config: Pick<Config, 'datasets' | 'personalData'>;
  readonly dialect: Dialect;
  readonly existing: ExistingColumns;
  /** The queue of pages that are made anew, of all entities. */
  readonly rewrites: PQueue;
  readonly labels: Labels;
}

/**
 * Loads each batch of pages by one load job, and the rows of the request's tables, into tables that expire.
 *
 * @returns the statements of the request with those of its batches between them.
 */
export async function stageLoad(loading: Loading, request: LoadRequest): Promise<readonly string[]> {
  const { entity, now } = request;
  const { dialect, existing } = loading;
  const columns = existing.get(`raw.raw_${entity}`) ?? [];
  const tables = await loadBatches(loading, request, columns);
  const loads = request.batches.map((batch, index): BatchLoad => {
    const table = tables[index] ?? '';
    return {
      ...{ entity: entityNamed(entity), entityName: entity, raw: dialect.table(rawTable(entity)) },
      columns: columns.map(({ name }) => name),
      rows: rowsOf(loading, request, table, columns),
      identities: table,
      isComplete: batch.isComplete,
      landed: batch.rows,
    };
  });
  const batches =
    loads.length > 1
      ? await collect(loading, request, columns, loads)
      : loads.flatMap((load) => batchStatements(dialect, load, load.landed));
  const relations: Record<string, string | undefined> = {};
  for (const [name, { table, rows }] of Object.entries(request.tables)) {
    const fields = existing.get(`${table.dataset}.${table.name}`) ?? table.columns.map(bigqueryField);
    relations[name] = await loadRows(loading, { table, rows, fields, now, labels: loading.labels });
  }
  return [...request.begin(relations), ...batches, ...request.end(relations)];
}

type BatchLoad = LoadRelations & { readonly entityName: string; readonly landed: number };

/**
 * Collects the batches of a rebuild in tables beside the raw one, which expire, by a script for each: every batch takes some
 * kilobytes, and BigQuery refuses scripts beyond a megabyte.
 *
 * @returns the statements that take the collection over into the raw table, emptied before.
 */
async function collect(
  { client, jobs, config, dialect, labels }: Loading,
  { entity, now }: LoadRequest,
  columns: readonly BigqueryField[],
  loads: readonly BatchLoad[],
): Promise<readonly string[]> {
  const dataset = config.datasets.stage;
  const create = async (kind: string, fields: readonly BigqueryField[]) => {
    const tableId = `load_${entity}_${kind}_${randomUUID().replaceAll('-', '')}`;
    await createLoadTable(client, dataset, tableId, fields, now);
    return `${quoted(dataset)}.${quoted(tableId)}`;
  };
  const [first] = loads;
  if (first === undefined) return [];
  const isIdentity = ({ name }: BigqueryField) => first.entity.key.includes(name) || name === '_extracted_at';
  const collection = {
    versions: await create('versions', columns),
    seen: await create('seen', columns.filter(isIdentity)),
  };
  for (const load of loads) {
    await jobs.query(script(collectBatch(dialect, load, load.landed, collection)), labels);
  }
  return takeCollection(dialect, first, collection);
}

/** Loads the batches of a request; returns a relation of each one's rows. */
async function loadBatches(
  loading: Loading,
  request: LoadRequest,
  columns: readonly BigqueryField[],
): Promise<readonly string[]> {
  const queue = new PQueue({ concurrency: SIDE_BY_SIDE });
  const reading = new PQueue({ concurrency: SIDE_BY_SIDE });
  try {
    const tables = request.batches.map((batch) =>
      queue.add(() => loadBatch(loading, request, { batch, columns, reading })),
    );
    return await Promise.all(tables);
  } finally {
    // After a failure, what has not begun is left.
    queue.clear();
    reading.clear();
  }
}

/** Loads a batch by one job over the list of its objects, or by as few as BigQuery allows. Returns a relation of its rows. */
async function loadBatch(
  { client, jobs, config, labels, rewrites }: Loading,
  { landing, now, entity }: LoadRequest,
  {
    batch,
    columns,
    reading,
  }: { readonly batch: Batch; readonly columns: readonly BigqueryField[]; readonly reading: PQueue },
): Promise<string> {
  const objects = await Promise.all(
    batch.pages.map((page) => (isMadeAnew(page) ? rewrites : reading).add(() => objectToLoad(landing, page))),
  );
  const tables: string[] = [];
  for (let at = 0; at < objects.length; at += OBJECTS_PER_JOB) {
    const table = await loadObjects(client, jobs, config.datasets.stage, {
      objects: objects.slice(at, at + OBJECTS_PER_JOB),
      fields: [...loadFields(entity, columns, config), ...LINE_FIELDS],
      ignoreUnknownValues: config.personalData === 'drop',
      labels,
      now,
    });
    tables.push(table);
  }
  const [only = '', ...others] = tables;
  if (others.length === 0) return only;
  return `(${tables.map((table) => `SELECT * FROM ${table}`).join(' UNION ALL ')})`;
}

/** What the extractor wrote at the end of each line. */
const LINE_FIELDS: readonly BigqueryField[] = [
  { name: '_row_hash', type: 'STRING', mode: 'NULLABLE' },
  { name: '_extracted_at', type: 'TIMESTAMP', mode: 'NULLABLE' },
  { name: '_page', type: 'STRING', mode: 'NULLABLE' },
];

/** BigQuery loads gzip, and no zstd: a landing that was copied from a folder may hold some. */
function isMadeAnew({ page, ndjson }: PageToLoad): boolean {
  return ndjson !== undefined || !page.file.endsWith('.gz');
}

/** The object that a load job reads, and its SHA-256: the landed page, or a copy below `load/` of lines that were made anew. */
export async function objectToLoad(
  landing: Landing,
  toLoad: PageToLoad,
): Promise<{ readonly uri: string; readonly sha256: string }> {
  const { run, page, ndjson } = toLoad;
  if (!isMadeAnew(toLoad)) {
    await getVerified(landing, run, page);
    return { uri: landing.uri(objectPath(run, page.file)), sha256: page.sha256 };
  }
  const lines = ndjson ? await ndjson() : await decompress(page.file, await getVerified(landing, run, page));
  const copy = await zip(lines);
  const hash = sha256(copy);
  const path = `load/${hash}.ndjson.gz`;
  await landing.put(path, copy);
  return { uri: landing.uri(path), sha256: hash };
}

/** The loaded lines as rows of the raw table, without `_generation`. */
function rowsOf(
  { config }: Loading,
  { entity, landing }: LoadRequest,
  table: string,
  columns: readonly BigqueryField[],
): string {
  const loaded = new Map(loadFields(entity, columns, config).map((field) => [field.name, field]));
  const values = columns
    .filter(({ name }) => name === '_extra' || !name.startsWith('_'))
    .map(
      (field) => `${loadedValue(quoted(field.name), field, loaded.get(field.name))} AS ${quoted(field.name)}`,
    );
  return `(
    SELECT ${values.join(', ')}, _row_hash, SUBSTR(_page, 1, STRPOS(_page, '/') - 1) AS _run_id, _extracted_at,
      CONCAT(${literal(`${landing.uri(entity)}/`)}, _page) AS _source_uri
    FROM ${table}
  )`;
}
