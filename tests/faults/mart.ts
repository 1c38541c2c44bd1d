import { DuckDBInstance } from '@duckdb/node-api';
import { apply } from '../../transform/apply.ts';
import { compileProject } from '../../transform/compile.ts';
import { SETUP } from '../../transform/duckdb/generate.ts';
import { startGoogleSql } from '../../transform/googlesql.ts';
import { type PreparedAction, prepareGraph } from '../../transform/prepare.ts';
import { contents, PROJECT } from '../e2e/command.ts';
import { note } from './ledger.ts';

let prepared: Promise<readonly PreparedAction[]> | undefined;

async function prepare(): Promise<readonly PreparedAction[]> {
  const graph = await compileProject(PROJECT, {});
  const engine = await startGoogleSql();
  return prepareGraph(engine, { projectDir: PROJECT, graph }).finally(() => engine.close());
}

/** Builds both marts from their raw tables; names the tables that differ. */
export async function sameMart(ours: string, undisturbed: string): Promise<readonly string[]> {
  prepared ??= prepare();
  const marts: Record<string, string>[] = [];
  for (const path of [ours, undisturbed]) {
    await build(path, await prepared);
    marts.push(await contents(path));
  }
  const [found = {}, expected = {}] = marts;
  const tables = Object.keys(expected).filter((name) => name.startsWith('st_mart_v2.'));
  note({ martTables: tables.length });
  return tables.filter((name) => found[name] !== expected[name]).map((name) => `${name} differs`);
}

async function build(path: string, actions: readonly PreparedAction[]): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    for (const { action } of actions)
      await connection.run(`CREATE SCHEMA IF NOT EXISTS "${action.target.schema}"`);
    for (const statement of SETUP) await connection.run(statement);
    for (const action of actions) {
      if (action.error !== undefined) throw new Error(action.error);
      if (action.kind !== 'assertion') await apply(action, connection);
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
