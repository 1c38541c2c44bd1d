import type { DuckDBConnection } from '@duckdb/node-api';
import type { Landing } from '../../landing/landing.ts';
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

/** Begins and closes the transactions of loads. */
export function loadTransactions(connect: () => Promise<DuckDBConnection>) {
  let open = 0;
  return {
    async begin(entity: string, landing: Landing, amounts: Amounts): Promise<LoadTransaction> {
      const connection = await connect();
      // Each thread that writes holds a block of 256 kB for every column: with the hundreds that are nested in an invoice,
      // two of them need more than the limit.
      if (open++ === 0) await connection.run('SET threads = 1');
      await connection.run('BEGIN TRANSACTION');
      return { connection, entity, landing, amounts, direct: new Set(), directRows: 0 };
    },
    /** Closes the connection of a transaction that was committed or rolled back. */
    async close({ connection }: LoadTransaction): Promise<void> {
      if (--open === 0) await connection.run('RESET threads');
      connection.closeSync();
    },
  };
}

export type LoadTransactions = ReturnType<typeof loadTransactions>;
