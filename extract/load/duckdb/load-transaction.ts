import type { DuckDBConnection } from '@duckdb/node-api';
import type { Landing } from '../../landing/landing.ts';
import { MEMORY_LIMIT } from './open.ts';
import type { Amounts } from './read-pages.ts';

/** The transaction of one entity's load, on a connection of its own. */
export interface LoadTransaction {
  readonly connection: DuckDBConnection;
  readonly entity: string;
  readonly landing: Landing;
  readonly amounts: Amounts;
  /** Pages whose rows were put straight into the empty raw table, and how many rows. */
  readonly direct: Set<string>;
  directRows: number;
}

/** DuckDB's limit for two loads side by side, when nothing is read any more. One alone needs no more than before. */
const LIMIT_OF_TWO = '384MB';

/** Begins and closes the transactions of loads. */
export function loadTransactions(connect: () => Promise<DuckDBConnection>) {
  let open = 0;
  let isAllRead = false;
  const setLimit = (connection: DuckDBConnection, to: string) => connection.run(`SET memory_limit = '${to}'`);
  return {
    /** Gives several loads the memory that reading used; other work on the warehouse never has it. */
    async allRead(): Promise<void> {
      isAllRead = true;
      if (open < 2) return;
      const connection = await connect();
      await setLimit(connection, LIMIT_OF_TWO).finally(() => connection.closeSync());
    },
    async begin(entity: string, landing: Landing, amounts: Amounts): Promise<LoadTransaction> {
      const connection = await connect();
      // Each thread that writes holds a block of 256 kB for every column: with the hundreds that are nested in an invoice,
      // two of them need more than the limit.
      open++;
      if (open === 1) await connection.run('SET threads = 1');
      if (open === 2 && isAllRead) await setLimit(connection, LIMIT_OF_TWO);
      await connection.run('BEGIN TRANSACTION');
      return { connection, entity, landing, amounts, direct: new Set(), directRows: 0 };
    },
    /** Closes the connection of a transaction that was committed or rolled back. */
    async close({ connection }: LoadTransaction): Promise<void> {
      if (--open === 0) {
        await connection.run('RESET threads');
        await setLimit(connection, MEMORY_LIMIT);
      }
      connection.closeSync();
    },
  };
}

export type LoadTransactions = ReturnType<typeof loadTransactions>;
