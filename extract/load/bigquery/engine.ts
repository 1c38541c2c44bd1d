import PQueue from 'p-queue';
import type { Config } from '../../config.ts';
import type { Engine, Row } from '../engine.ts';
import type { Dialect } from '../sql/dialect.ts';
import { type BigqueryClient, type BigqueryPlace, bigqueryClient } from './client.ts';
import { BigqueryError } from './errors.ts';
import { bigqueryJobs, type JobOptions } from './jobs.ts';
import { stageLoad } from './load.ts';
import { loadTables, replaceRows } from './load-tables.ts';
import { rowsOf } from './rows.ts';
import { literal, quoted, script, tableName } from './sql.ts';
import { type ExistingColumns, hasTable, prepareTables } from './tables.ts';
import { checkWriteAccess } from './write-access.ts';

/** A statement takes seconds here, so that leases last longer than DuckDB's. */
const LEASE_MS = 180_000;
/** Statements of a second or two go before loads, which take many times as long. */
const PRIORITY = { short: 1, load: 0 };

export interface BigqueryOptions extends JobOptions {
  readonly config: Pick<Config, 'datasets' | 'personalData'>;
  readonly place: BigqueryPlace;
  /** Label of every job. */
  readonly runId: string;
  /** Google's client, where it is not to be made from the environment. */
  readonly google?: Parameters<typeof bigqueryClient>[1];
  /** The requests that may start in a second, where a test has its own. */
  readonly budget?: PQueue;
}

export interface BigqueryEngine extends Engine {
  /** For other requests to the same place; they are counted among the warehouse's. */
  readonly client: BigqueryClient;
}

/** Runs statements in BigQuery; nothing is asked before it is prepared. */
export function bigqueryEngine({
  config,
  place,
  runId,
  google,
  budget,
  ...options
}: BigqueryOptions): BigqueryEngine {
  const { datasets } = config;
  const client = bigqueryClient(place, google, budget && { budget });
  const jobs = bigqueryJobs(client, options);
  const dialect: Dialect = { literal, column: quoted, table: (table) => tableName(datasets, table) };
  let existing: ExistingColumns = new Map();
  // Transactions that change one table abort each other: those of this process take turns. One that waits to be retried
  // lets others go before it, because heartbeats must not wait as long as a lease lasts.
  const turns = new PQueue({ concurrency: 1 });
  // A page that is made anew is held several times over, and takes one processor.
  const rewrites = new PQueue({ concurrency: 1 });

  const labels = (entity: string) => ({ run: runId, entity });
  const run = async (sql: string, entity: string): Promise<readonly Row[]> =>
    rowsOf(client, await jobs.query(sql, labels(entity)));
  const transact = async (
    given: readonly string[] | (() => readonly string[]),
    entity: string,
    kind: keyof typeof PRIORITY,
  ): Promise<readonly Row[]> => {
    const scriptNow = () => {
      const statements = typeof given === 'function' ? given() : given;
      return statements.length === 0 ? undefined : script(statements);
    };
    const job = await jobs.queryInTurn(scriptNow, labels(entity), (attempt) =>
      turns.add(attempt, { priority: PRIORITY[kind] }),
    );
    return job === undefined ? [] : rowsOf(client, job);
  };

  return {
    client,
    dialect,
    leaseMs: LEASE_MS,
    isShared: true,
    async prepare(tables) {
      existing = await prepareTables(client, datasets, tables);
    },
    query: run,
    transact: (statements, entity) => transact(statements, entity, 'short'),
    raised(error, message) {
      if (!(error instanceof BigqueryError)) return undefined;
      return error.find(new RegExp(`${message}([ \\d]*)`))?.[1]?.trim();
    },
    refusedContent: (error) =>
      error instanceof BigqueryError && error.reason === 'invalid' && error.find(/JSON|row|field/i) !== null,
    async load(request) {
      const { entity } = request;
      const loading = { client, jobs, config, dialect, existing, rewrites, labels: labels(entity) };
      return transact(await stageLoad(loading, request), entity, 'load');
    },
    replace: (table, rows) => {
      const fields = existing.get(`${table.dataset}.${table.name}`) ?? [];
      return replaceRows({ client, jobs, config }, { table, rows, fields, labels: labels(table.name) });
    },
    checkWriteAccess: (dataset) => checkWriteAccess(client, jobs, datasets[dataset], labels('doctor')),
    hasTable: ({ dataset, name }) => hasTable(client, datasets[dataset], name),
    loadTables: () => loadTables(client, datasets.stage),
    cost: jobs.cost,
    close() {},
  };
}
