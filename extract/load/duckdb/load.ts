import type { DuckDBConnection } from '@duckdb/node-api';
import PQueue from 'p-queue';
import type { TableSchema } from '../../../schemas/columns.ts';
import type { Config } from '../../config.ts';
import type { GivenRows, LoadRequest, Row } from '../engine.ts';
import { rowParts } from '../row-parts.ts';
import type { Dialect } from '../sql/dialect.ts';
import { type DuckdbEarlyLoad, earlyLoads } from './early-load.ts';
import { pageInserts } from './insert-pages.ts';
import { type LoadTransaction, loadTransactions } from './load-transaction.ts';
import { inlineRows, rolledBack, runAll } from './sql.ts';

/**
 * Loads pages into raw tables; one statement at a time, because each is as large as memory allows. When all is read, the
 * memory and the core of reading are free for a second one.
 */
export function duckdbLoads(options: {
  readonly config: Pick<Config, 'datasets' | 'personalData'>;
  readonly dialect: Dialect;
  readonly connect: () => Promise<DuckDBConnection>;
}) {
  const { config, dialect, connect } = options;
  const queue = new PQueue({ concurrency: 1 });
  const transactions = loadTransactions(connect);
  const { insertDirectly, insertBatch } = pageInserts(config, dialect);

  async function attempt(request: LoadRequest, transaction: LoadTransaction): Promise<readonly Row[]> {
    const { connection } = transaction;
    try {
      const relations: Record<string, string | undefined> = {};
      for (const [name, { table, rows: values }] of Object.entries(request.tables))
        relations[name] = await relationOf(connection, `given_${name}`, table, values);
      await runAll(connection, request.begin(relations));
      for (const [index, batch] of request.batches.entries())
        await insertBatch(transaction, batch, index === 0);
      const last = await runAll(connection, request.end(relations));
      await connection.run('COMMIT');
      return last;
    } catch (error) {
      throw await rolledBack(connection, error);
    } finally {
      await transactions.close(transaction);
    }
  }

  async function load(request: LoadRequest): Promise<readonly Row[]> {
    const { entity, landing } = request;
    const early = await (request.early as DuckdbEarlyLoad | undefined)?.handOver();
    return queue.add(async () => {
      try {
        if (early?.failure !== undefined && early.transaction) {
          const failed = await rolledBack(early.transaction.connection, early.failure);
          await transactions.close(early.transaction);
          throw failed;
        }
        const transaction =
          early?.transaction ?? (await transactions.begin(entity, landing, 'DECIMAL(18,9)'));
        return await attempt(request, transaction);
      } catch (error) {
        // An amount of 10^9 or more: everything once more with room for it.
        if (!isTooNarrow(error)) throw error;
        return await attempt(request, await transactions.begin(entity, landing, 'DECIMAL(38,9)'));
      }
    });
  }

  async function allRead(): Promise<void> {
    await transactions.allRead();
    queue.concurrency = 2;
  }

  return { load, allRead, loadEarly: earlyLoads({ dialect, connect, transactions, insertDirectly, queue }) };
}

/** Rows in a temporary table; undefined for none. */
async function relationOf(
  connection: DuckDBConnection,
  name: string,
  table: TableSchema,
  values: GivenRows,
): Promise<string | undefined> {
  let relation: string | undefined;
  for await (const part of rowParts(values)) {
    const into = relation === undefined ? `CREATE OR REPLACE TEMP TABLE ${name} AS` : `INSERT INTO ${name}`;
    await connection.run(`${into} SELECT * FROM ${inlineRows(table, part)}`);
    relation = name;
  }
  return relation;
}

/** Whether a cast of amounts to 64 bits is why a transaction was given up. */
function isTooNarrow(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && cause.message.includes('DECIMAL(18,9)');
}
