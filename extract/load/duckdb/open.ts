import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DuckDBInstance as Instance } from '@duckdb/node-api';
import { WarehouseError } from '../../../base/errors.ts';
import { DuckDBInstance } from './library.ts';

/** By default DuckDB uses 80 % of the machine's memory. Beyond this limit it uses temporary files. */
export const MEMORY_LIMIT = '192MB';

/**
 * Freed memory goes back to the system once it is this much. By default DuckDB waits for hundreds of megabytes, and its
 * threads that would give memory back do not run while a load uses one thread.
 */
const FLUSH_THRESHOLD = '4MB';

/**
 * Opens a DuckDB file, or creates it with its folder.
 *
 * @param isReadOnly opens an existing file beside other readers
 * @throws WarehouseError if another process has it open, or if this version cannot read it.
 */
export async function openFile(path: string, isReadOnly = false): Promise<Instance> {
  try {
    if (!isReadOnly) await mkdir(dirname(path), { recursive: true });
    return await DuckDBInstance.create(path, {
      memory_limit: MEMORY_LIMIT,
      allocator_flush_threshold: FLUSH_THRESHOLD,
      allocator_bulk_deallocation_flush_threshold: FLUSH_THRESHOLD,
      ...(isReadOnly && { access_mode: 'READ_ONLY' }),
    });
  } catch (error) {
    throw openFailure(path, error instanceof Error ? error.message : '');
  }
}

/**
 * Attaches a DuckDB file to a database in memory, so that queries can read it but not write to it.
 *
 * @param copy attached instead while another process writes to the file, if the copy exists
 * @returns the database in memory, the name of the attached one, and whether that is the copy
 * @throws WarehouseError if another process has the file open for writing and there is no copy
 */
export async function attachForReading(
  path: string,
  copy: string,
): Promise<{ instance: Instance; database: string; isCopy: boolean }> {
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: MEMORY_LIMIT });
  const connection = await instance.connect();
  const attach = (file: string) =>
    connection.run(`ATTACH '${file.replaceAll("'", "''")}' AS warehouse (READ_ONLY)`);
  let isCopy = false;
  try {
    await attach(path).catch((error: Error) => {
      isCopy = LOCKED.test(error.message) && existsSync(copy);
      if (!isCopy) throw error;
      return attach(copy);
    });
    return { instance, database: 'warehouse', isCopy };
  } catch (error) {
    throw openFailure(path, error instanceof Error ? error.message : '');
  } finally {
    connection.closeSync();
  }
}

const LOCKED = /could not set lock/i;

function openFailure(path: string, message: string): WarehouseError {
  if (LOCKED.test(message)) {
    const pid = /\(PID (\d+)\)/.exec(message)?.[1];
    const holder = pid === undefined ? 'another process' : `another process (PID ${pid})`;
    return new WarehouseError(`The warehouse file ${path} is open in ${holder}`, {
      remedy: 'Close it there (a DuckDB client, or another run), then run again.',
    });
  }
  if (
    /not a valid DuckDB database|version number|newer version|serializ|checksum|could not read enough bytes/i.test(
      message,
    )
  ) {
    return new WarehouseError(`${path} is not a DuckDB database that this version can read`, {
      remedy:
        'Move it away or set another DUCKDB_PATH; then `npm run replay -- all` rebuilds the raw tables from the landing.',
    });
  }
  return new WarehouseError(`The warehouse file ${path} cannot be opened: ${message.split('\n')[0]}`, {
    remedy: 'Check DUCKDB_PATH and the permissions of its folder.',
  });
}
