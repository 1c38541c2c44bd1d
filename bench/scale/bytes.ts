import type { DuckDBConnection } from '@duckdb/node-api';
import type { Graph } from '../../engine/compile.ts';
import { identifier } from '../../engine/duckdb/sql/types.ts';
import { type CatalogTable, sourceTables } from '../../engine/googlesql/catalog.ts';
import { inDependencyOrder, resolveQuery, tableOf } from '../../engine/googlesql/resolve-query.ts';
import type { GoogleSql } from '../../engine/googlesql/server.ts';
import { isNode } from '../../engine/googlesql/tree.ts';

export interface BilledBytes {
  readonly queries: number;
  /** Tables that the queries read, counted once per query. Views count as the tables that they read. */
  readonly tablesRead: number;
  readonly read: number;
  /** The bytes read, but at least 10 MiB for each table of a query. */
  readonly billed: number;
}

/** https://cloud.google.com/bigquery/pricing#on_demand_pricing */
const MIN_BILLED_BYTES_PER_TABLE = 10 << 20;

/**
 * Estimates how many bytes BigQuery would read in one run of all models and assertions. By BigQuery's rule each query reads
 * whole columns, whose size depends on their type. Nested columns are counted as JSON text, which is more than in BigQuery.
 *
 * @param connection a connection to a warehouse in which the models have run
 */
export async function bytesOfModels(
  engine: GoogleSql,
  connection: DuckDBConnection,
  { projectDir, graph }: { readonly projectDir: string; readonly graph: Graph },
): Promise<BilledBytes> {
  const schemas = new Map(
    [...graph.declarations, ...graph.tables].map(({ target }) => [target.name, target.schema]),
  );
  const catalog = new Map<string, CatalogTable>(sourceTables().map((table) => [table.name, table]));
  const views = new Map<string, string>();
  const sizes = new Map<string, Promise<number>>();
  const total = { queries: 0, tablesRead: 0, read: 0, billed: 0 };

  const sizeOf = (table: string, column: string): Promise<number> => {
    const key = `${table}.${column}`;
    const relation = `${identifier(schemas.get(table) ?? '')}.${identifier(table)}`;
    const size = sizes.get(key) ?? columnBytes(connection, relation, column);
    sizes.set(key, size);
    return size;
  };
  /** Replaces each view by its query, as BigQuery does. */
  const inlined = (query: string) =>
    query.replace(/`[\w-]+\.\w+\.(\w+)`/g, (name, table: string) => views.get(table) ?? name);

  for (const action of [...inDependencyOrder(graph.tables), ...graph.assertions]) {
    const query = inlined(action.query);
    const origin = { projectDir, fileName: action.fileName };
    const statement = await resolveQuery(engine, query, { tables: [...catalog.values()] }, origin);
    catalog.set(action.target.name, tableOf(action.target.name, statement));
    if (action.type === 'view') {
      views.set(action.target.name, `(${query})`);
      continue;
    }
    const read = new Map<string, Set<string>>();
    columnsRead(statement, read);
    total.queries++;
    for (const [table, columns] of read) {
      const bytes = await Promise.all([...columns].map((column) => sizeOf(table, column)));
      const size = bytes.reduce((sum, one) => sum + one, 0);
      total.tablesRead++;
      total.read += size;
      total.billed += Math.max(size, MIN_BILLED_BYTES_PER_TABLE);
    }
  }
  return total;
}

/** Adds the columns that a resolved query scans to `found`, by table. */
function columnsRead(part: unknown, found: Map<string, Set<string>>): void {
  if (Array.isArray(part)) for (const item of part) columnsRead(item, found);
  else if (typeof part === 'object' && part !== null) {
    if (isNode(part) && part.kind === 'TableScan') {
      const { name } = part.table as { name: string };
      const columns = (part.columnList ?? []) as readonly { name: string }[];
      found.set(name, new Set([...(found.get(name) ?? []), ...columns.map((column) => column.name)]));
    }
    for (const field of Object.values(part)) columnsRead(field, found);
  }
}

/** https://cloud.google.com/bigquery/pricing#data */
const SIZES: Readonly<Record<string, string>> = {
  BIGINT: '8 * count(c)',
  DOUBLE: '8 * count(c)',
  DATE: '8 * count(c)',
  'TIMESTAMP WITH TIME ZONE': '8 * count(c)',
  BOOLEAN: 'count(c)',
  'DECIMAL(38,9)': '16 * count(c)',
  VARCHAR: 'sum(2 + strlen(c))',
};

async function columnBytes(connection: DuckDBConnection, relation: string, column: string): Promise<number> {
  const source = `(SELECT ${identifier(column)} AS c FROM ${relation})`;
  const [type] = (await connection.runAndReadAll(`SELECT typeof(c) FROM ${source} LIMIT 1`)).getRowsJson();
  if (type === undefined) return 0;
  const size = SIZES[String(type[0])] ?? 'sum(strlen(CAST(to_json(c) AS VARCHAR)))';
  const reader = await connection.runAndReadAll(`SELECT coalesce(${size}, 0) FROM ${source}`);
  return Number(reader.getRowsJson()[0]?.[0]);
}
