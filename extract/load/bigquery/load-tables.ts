import { randomUUID } from 'node:crypto';
import { type BigqueryField, type Column, columnsOf, type TableSchema } from '../../../schemas/columns.ts';
import { readSchema } from '../../../schemas/schema-files.ts';
import type { Config } from '../../config.ts';
import { sha256 } from '../../landing/manifest.ts';
import type { GivenRows } from '../engine.ts';
import { rowParts } from '../row-parts.ts';
import type { TextRow } from '../warehouse.ts';
import type { BigqueryClient } from './client.ts';
import { BigqueryError } from './errors.ts';
import { type Job, type Jobs, type Labels, labelsOf } from './jobs.ts';
import { quoted } from './sql.ts';
import { ifFound } from './tables.ts';

/** Load tables expire after a day. Until then a repeated load finds and reuses them. */
const LOAD_TABLE_MS = 24 * 60 * 60 * 1000;

/**
 * Loads objects into a short-lived table by one job. Job and table are named by the objects' content and the columns, so
 * that asking twice loads once, also from another process.
 *
 * @param datasetId where load tables live.
 * @returns the table's name in SQL.
 * @throws WarehouseError naming the object and the position of a bad row, never its values.
 */
export async function loadObjects(
  client: BigqueryClient,
  jobs: Jobs,
  datasetId: string,
  load: {
    readonly objects: readonly { readonly uri: string; readonly sha256: string }[];
    readonly fields: readonly BigqueryField[];
    readonly ignoreUnknownValues: boolean;
    readonly labels: Labels;
    readonly now: Date;
  },
): Promise<string> {
  const { objects, fields, ignoreUnknownValues, labels } = load;
  const identity = sha256(JSON.stringify([objects, datasetId, fields, ignoreUnknownValues]));
  const tableId = `load_${labels.entity}_${identity.slice(0, 24)}`;
  const table = `${quoted(datasetId)}.${quoted(tableId)}`;
  const loaded = await createLoadTable(client, datasetId, tableId, fields, load.now);
  if (loaded > 0) return table;
  const destinationTable = { projectId: client.projectId, datasetId, tableId };
  const uris = objects.map(({ uri }) => uri);
  const job = objectsJob(destinationTable, { uris, fields, ignoreUnknownValues, labels });
  await jobs.run(tableId, {
    ...job,
    stillExists: async (earlier) =>
      rowsIn(await client.request('GET', `/datasets/${datasetId}/tables/${tableId}`)) === outputRows(earlier),
  });
  return table;
}

/** A load job that fills an empty table from objects. */
export function objectsJob(
  destinationTable: { readonly projectId: string; readonly datasetId: string; readonly tableId: string },
  load: {
    readonly uris: readonly string[];
    readonly fields: readonly BigqueryField[];
    readonly ignoreUnknownValues: boolean;
    readonly labels: Labels;
  },
) {
  return {
    configuration: {
      labels: labelsOf(load.labels),
      load: {
        sourceUris: load.uris,
        sourceFormat: 'NEWLINE_DELIMITED_JSON',
        destinationTable,
        schema: { fields: load.fields },
        maxBadRecords: 0,
        ignoreUnknownValues: load.ignoreUnknownValues,
        createDisposition: 'CREATE_NEVER',
        writeDisposition: 'WRITE_EMPTY',
      },
    },
  } as const;
}

interface Loads {
  readonly client: BigqueryClient;
  readonly jobs: Jobs;
  readonly config: Pick<Config, 'datasets'>;
}

/**
 * Loads rows that are given as text into a short-lived table of its own, by a job for each part that memory holds.
 *
 * @returns the table's name in SQL; undefined where there are no rows.
 */
export async function loadRows(
  { client, jobs, config }: Loads,
  load: Omit<RowsToLoad, 'rows'> & { readonly rows: GivenRows; readonly now: Date },
): Promise<string | undefined> {
  const { table, fields, now } = load;
  const datasetId = config.datasets.stage;
  const tableId = `load_${table.name}_${randomUUID().replaceAll('-', '')}`;
  const destinationTable = { projectId: client.projectId, datasetId, tableId };
  let parts = 0;
  for await (const rows of rowParts(load.rows)) {
    if (parts++ === 0) await createLoadTable(client, datasetId, tableId, fields, now);
    await jobs.run(`${tableId}_${parts}`, rowsJob(destinationTable, { ...load, rows }, 'WRITE_APPEND'));
  }
  return parts === 0 ? undefined : `${quoted(datasetId)}.${quoted(tableId)}`;
}

/** Replaces a table's rows by one load job, which readers see as a whole or not at all; cells stay text until then. */
export async function replaceRows({ client, jobs, config }: Loads, replacement: RowsToLoad): Promise<void> {
  const { dataset, name: tableId } = replacement.table;
  const destinationTable = { projectId: client.projectId, datasetId: config.datasets[dataset], tableId };
  await jobs.run(`replace_${tableId}_${randomUUID()}`, rowsJob(destinationTable, replacement));
}

/** Rows of ours, and where they belong. */
export interface RowsToLoad {
  readonly table: TableSchema;
  readonly rows: readonly TextRow[];
  readonly fields: readonly BigqueryField[];
  readonly labels: Labels;
}

/** A load job that makes these rows the whole content of a table, or adds them; cells stay text until then. */
function rowsJob(
  destinationTable: { readonly projectId: string; readonly datasetId: string; readonly tableId: string },
  { table, rows, fields, labels }: RowsToLoad,
  writeDisposition: 'WRITE_TRUNCATE' | 'WRITE_APPEND' = 'WRITE_TRUNCATE',
) {
  return {
    configuration: {
      labels: labelsOf(labels),
      load: {
        destinationTable,
        sourceFormat: 'NEWLINE_DELIMITED_JSON',
        schema: { fields },
        maxBadRecords: 0,
        createDisposition: 'CREATE_NEVER',
        writeDisposition,
      },
    },
    ndjson: ndjsonOf(table, rows),
  } as const;
}

/** Rows as NDJSON with every column of the table; cells stay text. */
function ndjsonOf({ columns }: TableSchema, rows: readonly TextRow[]): string {
  const line = (row: TextRow) => Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null]));
  return rows.map((row) => `${JSON.stringify(line(row))}\n`).join('');
}

/**
 * Creates a table that expires after a day. An existing table is kept for another day.
 *
 * @returns the number of its rows. A load job writes all rows or none, so a table with rows is loaded.
 */
export async function createLoadTable(
  client: BigqueryClient,
  datasetId: string,
  tableId: string,
  fields: readonly BigqueryField[],
  now: Date,
): Promise<number> {
  const expirationTime = String(now.getTime() + LOAD_TABLE_MS);
  const path = `/datasets/${datasetId}/tables`;
  const tableReference = { projectId: client.projectId, datasetId, tableId };
  const json = { tableReference, schema: { fields }, expirationTime };
  try {
    await client.request('POST', path, { json });
    return 0;
  } catch (error) {
    if (!(error instanceof BigqueryError && error.status === 409)) throw error;
    return rowsIn(await client.request('PATCH', `${path}/${tableId}`, { json: { expirationTime } }));
  }
}

interface TableList {
  readonly tables?: readonly {
    readonly tableReference: { readonly tableId: string };
    readonly expirationTime?: string;
  }[];
  readonly nextPageToken?: string;
}

/** The load tables in a dataset, and when each expires. */
export async function loadTables(client: BigqueryClient, datasetId: string) {
  const tables: { readonly name: string; readonly endsAt: Date | null }[] = [];
  let pageToken: string | undefined;
  do {
    const query = { maxResults: '1000', ...(pageToken !== undefined && { pageToken }) };
    const list = await ifFound(client.request<TableList>('GET', `/datasets/${datasetId}/tables`, { query }));
    for (const { tableReference, expirationTime } of list?.tables ?? []) {
      if (!tableReference.tableId.startsWith('load_')) continue;
      const endsAt = expirationTime === undefined ? null : new Date(Number(expirationTime));
      tables.push({ name: `${datasetId}.${tableReference.tableId}`, endsAt });
    }
    pageToken = list?.nextPageToken;
  } while (pageToken !== undefined);
  return tables;
}

function rowsIn({ numRows }: { readonly numRows?: string }): number {
  return Number(numRows ?? 0);
}

function outputRows({ statistics }: Job): number {
  return Number(statistics?.load?.outputRows ?? 0);
}

/**
 * The columns that are loaded for an entity: those of the raw table, in its order.
 *
 * Bookkeeping columns are left out, and personal ones if personal data are dropped.
 */
export function loadFields(
  entity: string,
  existing: readonly BigqueryField[],
  { personalData }: Pick<Config, 'personalData'>,
): readonly BigqueryField[] {
  const content = existing.filter(({ name }) => name === '_extra' || !name.startsWith('_'));
  return withoutPersonal(content, personalData === 'keep' ? [] : columnsOf(readSchema(entity)));
}

function withoutPersonal(
  fields: readonly BigqueryField[],
  columns: readonly Column[],
): readonly BigqueryField[] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  return fields.flatMap(({ name, type, mode, fields: nested }) => {
    const column = byName.get(name);
    if (column?.personal === true) return [];
    if (nested === undefined) return [{ name, type, mode }];
    const fieldsLeft = withoutPersonal(nested, column?.fields ?? []);
    return fieldsLeft.length === 0 ? [] : [{ name, type, mode, fields: fieldsLeft }];
  });
}
