import type { DuckDBConnection } from '@duckdb/node-api';
import type PQueue from 'p-queue';
import { rawTable } from '../../../schemas/columns.ts';
import type { Landing } from '../../landing/landing.ts';
import type { PageToLoad } from '../engine.ts';
import type { Dialect } from '../sql/dialect.ts';
import type { EarlyLoad } from '../warehouse.ts';
import type { PageInserts } from './insert-pages.ts';
import type { LoadTransaction, LoadTransactions } from './load-transaction.ts';
import { rows } from './sql.ts';

/** Lines that are loaded by one statement while later pages are read. */
const EARLY_BYTES = 48 * 1024 * 1024;

export interface DuckdbEarlyLoad extends EarlyLoad {
  /** Waits for what was begun and hands it over; without a transaction when no page was loaded yet. */
  handOver(): Promise<{ readonly transaction?: LoadTransaction | undefined; readonly failure?: unknown }>;
}

/**
 * Loads pages into empty raw tables while later pages are read. One entity at a time: an open transaction keeps its rows in
 * memory, and several would share DuckDB's limit.
 */
export function earlyLoads(options: {
  readonly dialect: Dialect;
  readonly connect: () => Promise<DuckDBConnection>;
  readonly transactions: LoadTransactions;
  readonly insertDirectly: PageInserts['insertDirectly'];
  /** The queue of statements that load. */
  readonly queue: PQueue;
}) {
  const { dialect, connect, transactions, insertDirectly, queue } = options;
  /** The early load whose turn it is. */
  let current: object | undefined;

  return function loadEarly(entity: string, landing: Landing): DuckdbEarlyLoad {
    const begun: Promise<void>[] = [];
    const self = {};
    let pending: PageToLoad[] = [];
    let bytes = 0;
    let transaction: LoadTransaction | undefined;
    let isEmpty: boolean | undefined;
    let failure: unknown;

    const pass = () => {
      if (current === self) current = undefined;
    };
    const insert = async (pages: readonly PageToLoad[]) => {
      if (failure !== undefined || isEmpty === false) return;
      try {
        isEmpty ??= await hasNoRows(entity);
        if (!isEmpty) return pass();
        transaction ??= await transactions.begin(entity, landing, 'DECIMAL(18,9)');
        await insertDirectly(transaction, pages);
      } catch (error) {
        failure = error;
      }
    };
    const end = async () => {
      await Promise.all(begun);
      pass();
    };
    return {
      add(run, page) {
        // What is read again has rows in the table by then.
        if (page.again || isEmpty === false) return;
        pending.push({ run, page });
        bytes += page.line_bytes;
        if (bytes < EARLY_BYTES) return;
        current ??= self;
        if (current !== self) return;
        const pages = pending;
        begun.push(queue.add(() => insert(pages)));
        pending = [];
        bytes = 0;
      },
      async handOver() {
        await end();
        return { transaction, failure };
      },
      async abandon() {
        await end();
        if (transaction === undefined) return;
        await transaction.connection.run('ROLLBACK').catch(() => {});
        await transactions.close(transaction);
      },
    };
  };

  async function hasNoRows(entity: string): Promise<boolean> {
    const connection = await connect();
    try {
      return (
        (await rows(connection, `SELECT 1 FROM ${dialect.table(rawTable(entity))} LIMIT 1`)).length === 0
      );
    } finally {
      connection.closeSync();
    }
  }
}
