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
import { BigqueryRefusal } from './errors.ts';

/** The columns of each table as they stand, by `dataset.table` with the datasets' own names. */
export type ExistingColumns = ReadonlyMap<string, readonly BigqueryField[]>;

interface Table {
  readonly schema?: { readonly fields?: readonly BigqueryField[] };
}

const SIDE_BY_SIDE = 8;

/**
 * Creates datasets and tables, and adds columns that a schema has gained since, nested ones too. Data is never
 * touched.
 *
 * @returns columns in the order in which they stand: added ones are last, whatever the schema's order.
 */
export async function prepareTables(
  client: BigqueryClient,
  datasets: Datasets,
  tables: readonly TableSchema[],
): Promise<ExistingColumns> {
  for (const dataset of Object.values(datasets)) await prepareDataset(client, dataset);
  const queue = new PQueue({ concurrency: SIDE_BY_SIDE });
  const prepared = tables.map((table) =>
    queue.add(async () => {
      const dataset = datasets[table.dataset];
      return [`${table.dataset}.${table.name}`, await prepareTable(client, dataset, table)] as const;
    }),
  );
  return new Map(await Promise.all(prepared));
}

/** Creates a dataset if it is missing; returns whether it was. @throws ConfigurationError when it is elsewhere. */
export async function prepareDataset(client: BigqueryClient, datasetId: string): Promise<boolean> {
  const { projectId, location } = client;
  const dataset = await found(client.request<{ location?: string }>('GET', `/datasets/${datasetId}`));
  if (dataset === undefined) {
    const json = { datasetReference: { projectId, datasetId }, location };
    await unlessTaken(client.request('POST', '/datasets', { json }));
    return true;
  }
  if (dataset.location !== undefined && dataset.location.toUpperCase() !== location.toUpperCase()) {
    throw new ConfigurationError(
      [`Dataset ${datasetId} is in ${dataset.location}, but BQ_LOCATION is ${location}`],
      `Set BQ_LOCATION=${dataset.location}, or name other datasets by BQ_DATASET_RAW and its like.`,
    );
  }
  return false;
}

/** Asks for the table itself: a query does not tell a dataset that is missing from one that is elsewhere. */
export async function hasTable(client: BigqueryClient, datasetId: string, table: string): Promise<boolean> {
  return (await found(client.request('GET', `/datasets/${datasetId}/tables/${table}`))) !== undefined;
}

async function prepareTable(
  client: BigqueryClient,
  datasetId: string,
  table: TableSchema,
): Promise<readonly BigqueryField[]> {
  const path = `/datasets/${datasetId}/tables`;
  const wanted = table.columns.map(bigqueryField);
  const standing = await found(client.request<Table>('GET', `${path}/${table.name}`));
  if (standing === undefined) {
    const json = {
      tableReference: { projectId: client.projectId, datasetId, tableId: table.name },
      description: table.description,
      schema: { fields: wanted },
      ...layoutOf(table.columns),
    };
    await unlessTaken(client.request('POST', path, { json }));
    return wanted;
  }
  const before = standing.schema?.fields ?? [];
  const fields = grown(before, wanted, `${datasetId}.${table.name}`);
  if (countOf(fields) > countOf(before)) {
    await client.request('PATCH', `${path}/${table.name}`, { json: { schema: { fields } } });
  }
  return fields;
}

/**
 * How a change log lies on disk. Loads look for stored versions by id, and staging takes the newest of each id: rows
 * of one id lie together. `as_of` leaves out what was received later: partitions by when it was. Months, for a night
 * brings too little for a partition of its own, and tables hold ten years within BigQuery's limits.
 */
function layoutOf(columns: readonly Column[]): object {
  if (!columns.some(({ name }) => name === '_extracted_at')) return {};
  return {
    timePartitioning: { type: 'MONTH', field: '_extracted_at' },
    clustering: { fields: ['id'] },
  };
}

/**
 * The standing columns and the new ones behind them.
 *
 * @throws WarehouseError when a column changed its type.
 */
function grown(
  standing: readonly BigqueryField[],
  wanted: readonly BigqueryField[],
  table: string,
  path = '',
): readonly BigqueryField[] {
  const byName = new Map(wanted.map((field) => [field.name.toLowerCase(), field]));
  const kept = standing.map((before) => {
    const after = byName.get(before.name.toLowerCase());
    if (after === undefined) return before;
    const name = `${path}${before.name}`;
    if (typeOf(before) !== typeOf(after)) {
      throw new WarehouseError(
        `${table}: column ${name} is ${typeOf(before)}, but its schema says ${typeOf(after)}`,
        {
          remedy:
            'Correct the schema, or drop the table and build it from the landing with `npm run replay`.',
        },
      );
    }
    if (before.fields === undefined || after.fields === undefined) return before;
    return { ...before, fields: grown(before.fields, after.fields, table, `${name}.`) };
  });
  const known = new Set(standing.map(({ name }) => name.toLowerCase()));
  return [...kept, ...wanted.filter(({ name }) => !known.has(name.toLowerCase()))];
}

/** The API takes and answers the names of either SQL. */
const SPELLINGS: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
  RECORD: 'STRUCT',
};

/** The type in GoogleSQL's words: `ARRAY<STRUCT>`, `INT64`. */
function typeOf({ type, mode }: Pick<BigqueryField, 'type' | 'mode'>): string {
  const name = SPELLINGS[type] ?? type;
  return mode === 'REPEATED' ? `ARRAY<${name}>` : name;
}

function countOf(fields: readonly BigqueryField[]): number {
  return fields.reduce((count, { fields: nested }) => count + 1 + countOf(nested ?? []), 0);
}

/** An answer, or undefined where there is no such thing. */
export async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (error instanceof BigqueryRefusal && error.status === 404) return undefined;
    throw error;
  });
}

/** Another process may create the same thing at the same time. */
async function unlessTaken(answer: Promise<unknown>): Promise<void> {
  await answer.catch((error: unknown) => {
    if (!(error instanceof BigqueryRefusal && error.status === 409)) throw error;
  });
}
