import PQueue from 'p-queue';
import { ConfigurationError, WarehouseError } from '../../../base/errors.ts';
import {
  type BigqueryField,
  bigqueryField,
  type Column,
  type TableSchema,
} from '../../../schemas/columns.ts';
import type { Datasets } from '../../config.ts';
import type { BigqueryClient } from './client.ts';
import { BigqueryError } from './errors.ts';

/** The existing columns of each table, by `dataset.table`, where `dataset` is a key of `Datasets`: `raw.raw_jobs`. */
export type ExistingColumns = ReadonlyMap<string, readonly BigqueryField[]>;

interface Table {
  readonly schema?: { readonly fields?: readonly BigqueryField[] };
}

const CONCURRENT_REQUESTS = 8;

/**
 * Creates missing datasets and tables, and adds columns that a schema has gained, also nested ones. Rows never change.
 *
 * @returns the columns in the order of the table: added ones are last, whatever the schema's order.
 */
export async function prepareTables(
  client: BigqueryClient,
  datasets: Datasets,
  tables: readonly TableSchema[],
): Promise<ExistingColumns> {
  for (const dataset of Object.values(datasets)) await prepareDataset(client, dataset);
  const queue = new PQueue({ concurrency: CONCURRENT_REQUESTS });
  const prepared = tables.map((table) =>
    queue.add(async () => {
      const dataset = datasets[table.dataset];
      return [`${table.dataset}.${table.name}`, await prepareTable(client, dataset, table)] as const;
    }),
  );
  return new Map(await Promise.all(prepared));
}

/** Creates a dataset and returns true if it is missing. @throws ConfigurationError if it is in another location. */
export async function prepareDataset(client: BigqueryClient, datasetId: string): Promise<boolean> {
  if (await hasDataset(client, datasetId)) return false;
  const { projectId, location } = client;
  const json = { datasetReference: { projectId, datasetId }, location };
  await ignoreAlreadyExists(client.request('POST', '/datasets', { json }));
  return true;
}

/** Whether a dataset exists. @throws ConfigurationError if it is in another location. */
export async function hasDataset(client: BigqueryClient, datasetId: string): Promise<boolean> {
  const { location } = client;
  const dataset = await ifFound(client.request<{ location?: string }>('GET', `/datasets/${datasetId}`));
  if (dataset === undefined) return false;
  if (dataset.location !== undefined && dataset.location.toUpperCase() !== location.toUpperCase()) {
    throw new ConfigurationError(
      [`Dataset ${datasetId} is in ${dataset.location}, but BQ_LOCATION is ${location}`],
      `Set BQ_LOCATION=${dataset.location}, or set other dataset names (BQ_DATASET_RAW, _STAGE, _MART, _LOGS).`,
    );
  }
  return true;
}

/** Requests the table itself: the error of a query does not distinguish a missing dataset from one in another location. */
export async function hasTable(client: BigqueryClient, datasetId: string, table: string): Promise<boolean> {
  return (await ifFound(client.request('GET', `/datasets/${datasetId}/tables/${table}`))) !== undefined;
}

async function prepareTable(
  client: BigqueryClient,
  datasetId: string,
  table: TableSchema,
): Promise<readonly BigqueryField[]> {
  const path = `/datasets/${datasetId}/tables`;
  const wanted = table.columns.map(bigqueryField);
  const existing = await ifFound(client.request<Table>('GET', `${path}/${table.name}`));
  if (existing === undefined) {
    const json = {
      tableReference: { projectId: client.projectId, datasetId, tableId: table.name },
      description: table.description,
      schema: { fields: wanted },
      ...tableLayout(table.columns),
    };
    await ignoreAlreadyExists(client.request('POST', path, { json }));
    return wanted;
  }
  const before = existing.schema?.fields ?? [];
  const fields = mergeColumns(before, wanted, `${datasetId}.${table.name}`);
  if (countFields(fields) > countFields(before)) {
    await client.request('PATCH', `${path}/${table.name}`, { json: { schema: { fields } } });
  }
  return fields;
}

/**
 * Partitioning and clustering of a raw table.
 *
 * Rows of one key are clustered, because loads look up versions by key and staging takes the newest version of each.
 * Partitions are by when rows were received, because `as_of` leaves out later ones. They are months: one night has too few
 * rows for a partition, and ten years of months stay within BigQuery's limits.
 */
function tableLayout(columns: readonly Column[]): object {
  if (!columns.some(({ name }) => name === '_extracted_at')) return {};
  return {
    timePartitioning: { type: 'MONTH', field: '_extracted_at' },
    clustering: { fields: columns.filter(({ required }) => required).map(({ name }) => name) },
  };
}

/**
 * The existing columns, followed by the new ones.
 *
 * @throws WarehouseError if a column has changed its type.
 */
function mergeColumns(
  existing: readonly BigqueryField[],
  wanted: readonly BigqueryField[],
  table: string,
  path = '',
): readonly BigqueryField[] {
  const byName = new Map(wanted.map((field) => [field.name.toLowerCase(), field]));
  const merged = existing.map((before) => {
    const after = byName.get(before.name.toLowerCase());
    if (after === undefined) return before;
    const name = `${path}${before.name}`;
    if (typeOf(before) !== typeOf(after)) {
      throw new WarehouseError(
        `${table}: column ${name} is ${typeOf(before)}, but its schema says ${typeOf(after)}`,
        {
          remedy:
            'Correct the schema, or drop the table and rebuild it from the landing with `npm run replay`.',
        },
      );
    }
    if (before.fields === undefined || after.fields === undefined) return before;
    return { ...before, fields: mergeColumns(before.fields, after.fields, table, `${name}.`) };
  });
  const known = new Set(existing.map(({ name }) => name.toLowerCase()));
  return [...merged, ...wanted.filter(({ name }) => !known.has(name.toLowerCase()))];
}

/** GoogleSQL names of the types for which the API also uses legacy SQL names. */
const GOOGLESQL_TYPES: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
  RECORD: 'STRUCT',
};

/** The type in GoogleSQL: `ARRAY<STRUCT>`, `INT64`. */
function typeOf({ type, mode }: Pick<BigqueryField, 'type' | 'mode'>): string {
  const name = GOOGLESQL_TYPES[type] ?? type;
  return mode === 'REPEATED' ? `ARRAY<${name}>` : name;
}

function countFields(fields: readonly BigqueryField[]): number {
  return fields.reduce((count, { fields: nested }) => count + 1 + countFields(nested ?? []), 0);
}

/** The answer, or undefined if it is 404. */
export async function ifFound<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (error instanceof BigqueryError && error.status === 404) return undefined;
    throw error;
  });
}

/** Ignores 409: another process may create the same dataset or table at the same time. */
async function ignoreAlreadyExists(answer: Promise<unknown>): Promise<void> {
  await answer.catch((error: unknown) => {
    if (!(error instanceof BigqueryError && error.status === 409)) throw error;
  });
}
