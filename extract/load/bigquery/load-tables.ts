import { type BigqueryField, type Column, columnsOf, readSchema } from '../../../schemas/columns.ts';
import type { Config } from '../../config.ts';
import { sha256 } from '../../landing/manifest.ts';
import type { BigqueryClient } from './client.ts';
import { BigqueryError } from './errors.ts';
import { type Job, type Jobs, type Labels, labelsOf } from './jobs.ts';
import { ifFound } from './tables.ts';

/** Load tables expire after a day. Until then a repeated load finds and reuses them. */
const LOAD_TABLE_MS = 24 * 60 * 60 * 1000;

export interface LoadTable {
  readonly table: string;
  readonly rows: number;
}

/**
 * Loads one landed object into a load table.
 *
 * The names of job and table derive from the object's content and the columns. So the same object is loaded only once,
 * even by several processes.
 *
 * @param datasetId the dataset of load tables.
 * @throws WarehouseError with the object and the position of a bad row, never its values.
 */
export async function loadObject(
  client: BigqueryClient,
  jobs: Jobs,
  datasetId: string,
  object: {
    readonly uri: string;
    /** Hash of the object, or of the landed object from which it was made. */
    readonly sha256: string;
    readonly fields: readonly BigqueryField[];
    readonly ignoreUnknownValues: boolean;
    readonly labels: Labels;
    readonly now: Date;
  },
): Promise<LoadTable> {
  const { uri, fields, ignoreUnknownValues, labels } = object;
  const identity = sha256(JSON.stringify([uri, object.sha256, datasetId, fields, ignoreUnknownValues]));
  const tableId = `load_${labels.entity}_${identity.slice(0, 24)}`;
  const table = `\`${datasetId}\`.\`${tableId}\``;
  const loaded = await createLoadTable(client, datasetId, tableId, fields, object.now);
  if (loaded > 0) return { table, rows: loaded };
  const load = {
    sourceUris: [uri],
    sourceFormat: 'NEWLINE_DELIMITED_JSON',
    destinationTable: { projectId: client.projectId, datasetId, tableId },
    schema: { fields },
    maxBadRecords: 0,
    ignoreUnknownValues,
    createDisposition: 'CREATE_NEVER',
    writeDisposition: 'WRITE_EMPTY',
  };
  const job = await jobs.run(tableId, {
    configuration: { labels: labelsOf(labels), load },
    stillExists: async (earlier) =>
      rowsIn(await client.request('GET', `/datasets/${datasetId}/tables/${tableId}`)) === outputRows(earlier),
  });
  return { table, rows: outputRows(job) };
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
