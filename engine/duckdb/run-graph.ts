import type { DuckDBConnection } from '@duckdb/node-api';
import type { ReplacedKeys } from '../../extract/load/duckdb/readable-copy.ts';
import type { ActionResult } from '../action-result.ts';
import type { Graph } from '../compile.ts';
import { startedWhenNeeded } from '../googlesql/started-when-needed.ts';
import type { KeptQueries } from '../kept-queries.ts';
import { type PreparedAction, prepareGraph } from '../prepare-graph.ts';
import type { BuildMemory } from './build-memory.ts';

import { keyColumnsOf } from './by-key/keyed-query.ts';
import { BY_KEY, type ByKeyLimits } from './by-key/replace-rows.ts';
import { dropDeleted } from './drop-deleted.ts';
import { type AppliedOrSkipped, type Apply, startApplying } from './skip-unchanged.ts';
import { SETUP } from './sql/macros.ts';
import { identifier } from './sql/types.ts';

export interface RunGraphOptions {
  readonly projectDir: string;
  readonly graph: Graph;
  /** Opens a connection to the warehouse with UTC as its time zone. The run closes it. */
  readonly connect: () => Promise<DuckDBConnection>;
  /** Skips tables and assertions whose query, inputs and rows have not changed since they were built or checked. */
  readonly skipUnchanged?: boolean;
  /** What a process that builds again and again keeps. */
  readonly memory?: BuildMemory;
  readonly onResult?: (result: ActionResult) => void;
  /** Told of each table that went with its model, as `dataset.table`. */
  readonly onDropped?: (table: string) => void;
  /** Told of each table in which only the rows of some keys were replaced; the relation lasts until the warehouse is closed. */
  readonly onReplaced?: (table: string, keys: ReplacedKeys) => void;
  /** When only the rows of changed keys are replaced; by default in a large warehouse where few change. */
  readonly limits?: ByKeyLimits;
  readonly signal?: AbortSignal;
}

/** Actions that run at the same time: one per core, since each query uses several threads. */
const CONCURRENCY = 2;

/**
 * Resolves every action of the graph with GoogleSQL. This needs no warehouse, so it can start early.
 *
 * @param options `kept` by an earlier process: GoogleSQL is asked only for the other queries
 */
export async function resolveGraph({
  memory,
  kept,
  ...options
}: Pick<RunGraphOptions, 'projectDir' | 'graph' | 'signal' | 'memory'> & {
  readonly kept?: KeptQueries;
}): Promise<readonly PreparedAction[]> {
  if (memory) return prepareGraph(memory.engine, { ...options, queries: memory.queries });
  const engine = startedWhenNeeded();
  const actions = await prepareGraph(engine, {
    ...options,
    ...(kept && { queries: kept.queries }),
  }).finally(() => engine.close());
  kept?.save();
  return actions;
}

/**
 * Runs the compiled graph on DuckDB in dependency order; independent actions run at the same time. Views and tables are
 * stored, assertion rows are counted, tables of deleted models are dropped. An action that reads a failed one is skipped. An
 * error in a model is a result with file and line, not an exception. An action that runs out of memory is run once more on
 * its own.
 *
 * @param resolved the promise of `resolveGraph` for the same graph, if it was started earlier
 */
export async function runGraph(
  options: RunGraphOptions,
  resolved: Promise<readonly PreparedAction[]> = resolveGraph(options),
): Promise<ActionResult[]> {
  const { graph, connect, memory, onResult, onDropped, onReplaced, signal } = options;
  const { skipUnchanged = false, limits = BY_KEY } = options;
  const prepared = await resolved;
  const connections = await Promise.all(Array.from({ length: CONCURRENCY }, connect));
  try {
    const [connection] = connections;
    if (!connection) return [];
    await setUp(connection, graph);
    for (const table of await dropDeleted(connection, graph)) onDropped?.(table);
    const { apply, end } = await startApplying(connection, {
      ...{ graph, skipUnchanged, memory, onReplaced, limits },
      keyColumns: keyColumnsOf(prepared),
    });
    const results = await runAll(prepared, connections, { apply, onResult, signal });
    await end();
    return results;
  } finally {
    for (const connection of connections) connection.closeSync();
  }
}

/**
 * Memory of DuckDB while models are built, more than a load has: of twelve nights at the real volume that followed a killed one
 * on a busy machine, two ran out of 192 MB. On its own, each model can be built within 160.
 */
const MEMORY_LIMIT = '256MB';

async function setUp(connection: DuckDBConnection, graph: Graph): Promise<void> {
  const schemas = new Set(graph.tables.map(({ target }) => target.schema));
  const statements = [
    ...[...schemas].map((schema) => `CREATE SCHEMA IF NOT EXISTS ${identifier(schema)}`),
    ...SETUP,
    `SET memory_limit = '${MEMORY_LIMIT}'`,
  ];
  for (const statement of statements) await connection.run(statement);
}

async function runAll(
  prepared: readonly PreparedAction[],
  connections: readonly DuckDBConnection[],
  run: {
    readonly apply: Apply;
    readonly onResult: RunGraphOptions['onResult'];
    readonly signal: AbortSignal | undefined;
  },
): Promise<ActionResult[]> {
  const results = new Map<string, ActionResult>();
  const known = new Set(prepared.map(({ action }) => action.target.name));
  const waiting = [...prepared];
  const needs = ({ action }: PreparedAction) =>
    (action.dependencyTargets ?? []).map(({ name }) => name).filter((name) => known.has(name));
  const isReady = (item: PreparedAction) => needs(item).every((name) => results.has(name));
  let wake: () => void = () => {};
  let running = 0;
  /** Those that ran out of memory: all share one limit, so each is run once more while no other runs. */
  const heavy = new Set<PreparedAction>();
  let isHeavyRunning = false;
  const next = () => {
    const again = waiting.find((item) => heavy.has(item));
    if (isHeavyRunning || (again && running > 0)) return undefined;
    return again ?? waiting.find(isReady);
  };

  const worker = async (connection: DuckDBConnection): Promise<void> => {
    while (waiting.length > 0) {
      run.signal?.throwIfAborted();
      const item = next();
      if (!item) {
        if (running === 0) throw new Error('The graph has a dependency cycle');
        await new Promise<void>((resolve) => {
          const before = wake;
          wake = () => {
            before();
            resolve();
          };
        });
        continue;
      }
      waiting.splice(waiting.indexOf(item), 1);
      running++;
      isHeavyRunning = heavy.has(item);
      const isBlocked = needs(item).some((name) => {
        const needed = results.get(name);
        return needed?.kind !== 'assertion' && needed?.status !== 'passed';
      });
      const result = await runOne(item, isBlocked, () => run.apply(item, connection));
      running--;
      isHeavyRunning = false;
      if (result.error?.includes(OUT_OF_MEMORY) && !heavy.has(item)) {
        heavy.add(item);
        waiting.unshift(item);
      } else {
        results.set(item.action.target.name, result);
        run.onResult?.(result);
      }
      wake();
    }
  };
  // Closing a connection while its query runs would block DuckDB for ever, so wait for every worker to end. A worker that
  // stops wakes the others, because they may wait for an action that it did not run.
  const ends = await Promise.allSettled(connections.map((one) => worker(one).finally(() => wake())));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
  return [...results.values()];
}

async function runOne(
  prepared: PreparedAction,
  isBlocked: boolean,
  work: () => Promise<AppliedOrSkipped>,
): Promise<ActionResult> {
  const started = performance.now();
  const { action, kind, error: refusal, excerpt } = prepared;
  const common = { name: action.target.name, file: action.fileName, kind, tags: action.tags ?? [] };
  const seconds = () => (performance.now() - started) / 1000;
  if (refusal !== undefined) {
    return { ...common, status: 'failed', seconds: 0, error: refusal, ...(excerpt && { excerpt }) };
  }
  if (isBlocked) return { ...common, status: 'skipped', seconds: 0 };
  try {
    const found = await work();
    const passed = kind !== 'assertion' || found.rows === 0;
    return { ...common, status: passed ? 'passed' : 'failed', seconds: seconds(), ...found };
  } catch (cause) {
    const error = `${action.fileName}: ${reasonOf(cause)}`;
    return { ...common, status: 'failed', seconds: seconds(), error };
  }
}

const OUT_OF_MEMORY = ': Out of Memory Error';

/** DuckDB errors of these kinds quote only queries and files. Others may quote a record, so only their kind is printed. */
function reasonOf(cause: unknown): string {
  const line = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : '';
  if (/^(Binder|Catalog|Parser|IO|Out of Memory) Error/.test(line)) return line;
  return /^[A-Z][\w ]{0,40} Error/.exec(line)?.[0] ?? 'unknown error';
}
