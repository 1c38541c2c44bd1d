import type { DuckDBConnection } from '@duckdb/node-api';
import type { Action } from '../../engine/compile.ts';
import { duckdbQuery } from '../../engine/duckdb/sql/generate.ts';
import { identifier } from '../../engine/duckdb/sql/types.ts';
import { bareNames, type CatalogTable, sourceTables } from '../../engine/googlesql/catalog.ts';
import { inDependencyOrder, tableOf } from '../../engine/googlesql/resolve-query.ts';
import type { GoogleSql } from '../../engine/googlesql/server.ts';
import { createTable, openMemory } from './engines.ts';
import type { randomTenant } from './random-tenant.ts';

/** A model with DuckDB's SQL for its query, which reads tables by their bare names. */
export interface Model {
  readonly name: string;
  readonly sql: string;
}

/** Graphs of other variables, and those with a wrong definition, share most queries: each is analysed once. */
const analysed = new Map<string, { readonly model: Model; readonly table: CatalogTable }>();

/** Translates models, in the order in which they are built. Of the sources each query gets only those that it reads. */
export async function translated(engine: GoogleSql, actions: readonly Action[]): Promise<readonly Model[]> {
  const tables = new Map<string, CatalogTable>(sourceTables().map((table) => [table.name, table]));
  const models: Model[] = [];
  for (const { target, query, dependencyTargets = [] } of inDependencyOrder(actions)) {
    const { name } = target;
    const sql = bareNames(query);
    const read = dependencyTargets.flatMap((needed) => tables.get(needed.name) ?? []);
    const key = JSON.stringify([name, sql, read]);
    let known = analysed.get(key);
    if (known === undefined) {
      const statement = await engine.analyze(sql, { tables: read });
      known = { model: { name, sql: duckdbQuery(statement, identifier) }, table: tableOf(name, statement) };
      analysed.set(key, known);
    }
    tables.set(name, known.table);
    models.push(known.model);
  }
  return models;
}

/** A database in memory with the tenant's source tables and the models over them. The caller closes it. */
export async function built(
  models: readonly Model[],
  rows: ReturnType<typeof randomTenant>,
): Promise<DuckDBConnection> {
  const connection = await openMemory();
  for (const { name, columns } of sourceTables())
    await createTable(connection, { name, columns, rows: rows.get(name) ?? [] });
  for (const { name, sql } of models) await connection.run(`CREATE TABLE ${identifier(name)} AS ${sql}`);
  return connection;
}
