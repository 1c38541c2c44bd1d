import { compileProject, type Graph } from '../../engine/compile.ts';
import { startGoogleSql } from '../../engine/googlesql/server.ts';
import { duckdbRows, openMemory } from '../engine/engines.ts';

/** The inputs of a model or an assertion, as one query per table. */
export type Inputs = Readonly<Record<string, string>>;

/**
 * Runs models and assertions over planted inputs and returns their rows, each cell as text in column order. A model that is
 * not among the inputs is computed by its own query from those that are. The caller must close it.
 */
export async function openPlanted() {
  const engine = await startGoogleSql();
  const connection = await openMemory();
  const graphs = new Map<string, Promise<Graph>>();

  async function rowsOf(
    name: string,
    inputs: Inputs,
    variables: Readonly<Record<string, string>> = {},
  ): Promise<string[][]> {
    const key = JSON.stringify(variables);
    const compiling = graphs.get(key) ?? compileProject(process.cwd(), variables);
    graphs.set(key, compiling);
    const { tables, assertions } = await compiling;
    const queryOf = (of: string) =>
      [...tables, ...assertions].find(({ target }) => target.name === of)?.query;
    if (queryOf(name) === undefined) throw new Error(`the project has no ${name}`);
    const filled = (of: string, query: string): string =>
      query.replace(/`local\.\w+\.(\w+)`/g, (_, table: string) => {
        const own = inputs[table] ?? queryOf(table);
        if (own === undefined) throw new Error(`${of} reads ${table} too`);
        return `(${inputs[table] === undefined ? filled(table, own) : own})`;
      });
    const sql = filled(name, queryOf(name) ?? '');
    const rows = await duckdbRows(connection, await engine.analyze(sql, { tables: [] }));
    if (rows === 'ERROR') throw new Error(`${name} could not run`);
    return rows;
  }

  return {
    rowsOf,
    close() {
      engine.close();
      connection.closeSync();
    },
  };
}

/** A query of constant rows with these columns; without rows it returns none. */
export function rows(
  columns: Readonly<Record<string, string>>,
  ...all: readonly (readonly string[])[]
): string {
  const typed = Object.entries(columns);
  const select = (cells: readonly string[]) =>
    `select ${typed.map(([name, type], at) => `cast(${cells[at] ?? 'null'} as ${type}) as ${name}`).join(', ')}`;
  return all.length > 0
    ? all.map(select).join(' union all ')
    : `${select([])} from (select 1 as n) where n > 1`;
}
