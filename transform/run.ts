import type { DuckDBConnection, Json } from '@duckdb/node-api';
import type { Catalog } from './catalog.ts';
import { sourceTables } from './catalog.ts';
import type { Action, Graph } from './compile.ts';
import { duckdbQuery, SETUP } from './duckdb/generate.ts';
import { identifier } from './duckdb/types.ts';
import { type GoogleSql, startGoogleSql } from './googlesql.ts';
import { inDependencyOrder, ModelError, modelError, resolveQuery, tableOf } from './model.ts';

export interface ActionResult {
  readonly name: string;
  readonly file: string;
  readonly kind: 'table' | 'view' | 'assertion';
  readonly tags: readonly string[];
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly seconds: number;
  /** Rows of a table, or rows that an assertion found. */
  readonly rows?: number;
  /** At most five of the rows that an assertion found. */
  readonly sample?: readonly Record<string, Json>[];
  readonly error?: string;
}

export interface RunGraphOptions {
  readonly projectDir: string;
  readonly graph: Graph;
  /** Opens a connection to the warehouse, its session in UTC; the run closes it. */
  readonly connect: () => Promise<DuckDBConnection>;
  readonly onResult?: (result: ActionResult) => void;
  readonly signal?: AbortSignal;
}

/** As many as there are cores to use; each query uses threads of its own. */
const SIDE_BY_SIDE = 2;
const SAMPLE_ROWS = 5;

interface Prepared {
  readonly action: Action;
  readonly kind: ActionResult['kind'];
  readonly sql?: string;
  readonly error?: string;
}

/**
 * Runs the compiled graph on DuckDB in dependency order, independent actions side by side: views and tables are
 * replaced, assertions counted. What reads something that failed is skipped. Never throws for a model's own error:
 * the result says which file and line.
 */
export async function runGraph(options: RunGraphOptions): Promise<ActionResult[]> {
  const { graph, connect, signal } = options;
  const connections = await Promise.all(Array.from({ length: SIDE_BY_SIDE }, connect));
  try {
    await setUp(connections[0], graph);
    const engine = await startGoogleSql();
    const prepared = await prepare(engine, options).finally(() => engine.close());
    return await runAll(prepared, connections, options.onResult, signal);
  } finally {
    for (const connection of connections) connection.closeSync();
  }
}

async function setUp(connection: DuckDBConnection | undefined, graph: Graph): Promise<void> {
  const schemas = new Set(graph.tables.map(({ target }) => target.schema));
  const statements = [
    ...[...schemas].map((schema) => `CREATE SCHEMA IF NOT EXISTS ${identifier(schema)}`),
    ...SETUP,
  ];
  for (const statement of statements) await connection?.run(statement);
}

/** Resolves and translates every action; the catalogue grows with each model's own columns. */
async function prepare(
  engine: GoogleSql,
  { projectDir, graph, signal }: RunGraphOptions,
): Promise<Prepared[]> {
  const relations = new Map(
    [...graph.declarations, ...graph.tables].map(({ target }) => [
      target.name,
      `${identifier(target.schema)}.${identifier(target.name)}`,
    ]),
  );
  const relation = (name: string) => relations.get(name) ?? identifier(name);
  const catalog: Catalog & { tables: Catalog['tables'][number][] } = { tables: sourceTables() };
  const isAssertion = new Set(graph.assertions);
  const prepared: Prepared[] = [];
  for (const action of inDependencyOrder([...graph.tables, ...graph.assertions])) {
    signal?.throwIfAborted();
    const kind = isAssertion.has(action) ? 'assertion' : action.type === 'view' ? 'view' : 'table';
    const origin = { projectDir, fileName: action.fileName };
    try {
      const statement = await resolveQuery(engine, action.query, catalog, origin);
      if (kind !== 'assertion') catalog.tables.push(tableOf(action.target.name, statement));
      prepared.push({ action, kind, sql: duckdbQuery(statement, relation) });
    } catch (cause) {
      const error = modelError(cause, action.query, origin);
      if (!(error instanceof ModelError)) throw error;
      prepared.push({ action, kind, error: error.message });
    }
  }
  return prepared;
}

async function runAll(
  prepared: readonly Prepared[],
  connections: readonly DuckDBConnection[],
  onResult: RunGraphOptions['onResult'],
  signal: AbortSignal | undefined,
): Promise<ActionResult[]> {
  const results = new Map<string, ActionResult>();
  const known = new Set(prepared.map(({ action }) => action.target.name));
  const waiting = [...prepared];
  const needs = ({ action }: Prepared) =>
    (action.dependencyTargets ?? []).map(({ name }) => name).filter((name) => known.has(name));
  const isReady = (item: Prepared) => needs(item).every((name) => results.has(name));
  let wake: () => void = () => {};
  let running = 0;

  const worker = async (connection: DuckDBConnection): Promise<void> => {
    while (waiting.length > 0) {
      signal?.throwIfAborted();
      const index = waiting.findIndex(isReady);
      const [item] = index < 0 ? [] : waiting.splice(index, 1);
      if (!item) {
        if (running === 0) throw new Error('The graph has a circle of dependencies');
        await new Promise<void>((resolve) => {
          const before = wake;
          wake = () => {
            before();
            resolve();
          };
        });
        continue;
      }
      running++;
      const isBlocked = needs(item).some((name) => {
        const needed = results.get(name);
        return needed?.kind !== 'assertion' && needed?.status !== 'passed';
      });
      const result = await runOne(item, connection, isBlocked);
      results.set(item.action.target.name, result);
      running--;
      onResult?.(result);
      wake();
    }
  };
  await Promise.all(connections.map(worker));
  return [...results.values()];
}

async function runOne(
  { action, kind, sql, error }: Prepared,
  connection: DuckDBConnection,
  isBlocked: boolean,
): Promise<ActionResult> {
  const started = performance.now();
  const { name, schema } = action.target;
  const common = { name, file: action.fileName, kind, tags: action.tags ?? [] };
  const seconds = () => (performance.now() - started) / 1000;
  if (sql === undefined)
    return { ...common, status: 'failed', seconds: 0, ...(error !== undefined && { error }) };
  if (isBlocked) return { ...common, status: 'skipped', seconds: 0 };
  try {
    const found =
      kind === 'assertion' ? await check(connection, sql) : await build(connection, kind, schema, name, sql);
    const passed = kind !== 'assertion' || found.rows === 0;
    return { ...common, status: passed ? 'passed' : 'failed', seconds: seconds(), ...found };
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'unknown error';
    return { ...common, status: 'failed', seconds: seconds(), error: `${action.fileName}: ${message}` };
  }
}

async function build(
  connection: DuckDBConnection,
  kind: 'table' | 'view' | 'assertion',
  schema: string,
  name: string,
  sql: string,
): Promise<{ rows?: number }> {
  const relation = `${identifier(schema)}.${identifier(name)}`;
  // A model may have been of the other kind in the run before.
  const [stored] = await rows(
    connection,
    `SELECT table_type FROM information_schema.tables WHERE table_schema = '${schema}' AND table_name = '${name}'`,
  );
  if (stored && (stored.table_type === 'VIEW') !== (kind === 'view')) {
    await connection.run(`DROP ${stored.table_type === 'VIEW' ? 'VIEW' : 'TABLE'} ${relation}`);
  }
  await connection.run(`CREATE OR REPLACE ${kind === 'view' ? 'VIEW' : 'TABLE'} ${relation} AS ${sql}`);
  if (kind === 'view') return {};
  const [counted] = await rows(connection, `SELECT count(*) AS n FROM ${relation}`);
  return { rows: Number(counted?.n ?? 0) };
}

async function check(
  connection: DuckDBConnection,
  sql: string,
): Promise<Pick<ActionResult, 'rows' | 'sample'>> {
  const [counted] = await rows(connection, `SELECT count(*) AS n FROM (${sql})`);
  const found = Number(counted?.n ?? 0);
  return {
    rows: found,
    ...(found > 0 && { sample: await rows(connection, `SELECT * FROM (${sql}) LIMIT ${SAMPLE_ROWS}`) }),
  };
}

async function rows(connection: DuckDBConnection, sql: string): Promise<Record<string, Json>[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}
