import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DuckDBInstance as Instance } from '@duckdb/node-api';
import { WarehouseError } from '../../../base/errors.ts';
import { DuckDBInstance } from './library.ts';

/** DuckDB would take four fifths of the machine as its cache; beyond this it uses its own temporary files. */
export const MEMORY_LIMIT = '384MB';

/**
 * Opens a DuckDB file, or creates it with its folder.
 *
 * @throws WarehouseError when another process has it open, or it is no DuckDB file of this version.
 */
export async function openFile(path: string): Promise<Instance> {
  try {
    await mkdir(dirname(path), { recursive: true });
    return await DuckDBInstance.create(path, { memory_limit: MEMORY_LIMIT });
  } catch (error) {
    throw notOpened(path, error instanceof Error ? error.message : '');
  }
}

function notOpened(path: string, message: string): WarehouseError {
  if (/could not set lock/i.test(message)) {
    const pid = /\(PID (\d+)\)/.exec(message)?.[1];
    const holder = pid === undefined ? 'another process' : `another process (PID ${pid})`;
    return new WarehouseError(`The warehouse file ${path} is open in ${holder}`, {
      remedy: 'Close it there (a DuckDB client, or another run) and run again.',
    });
  }
  if (
    /not a valid DuckDB database|version number|newer version|serializ|checksum|could not read enough bytes/i.test(
      message,
    )
  ) {
    return new WarehouseError(`${path} is no DuckDB database that this version can read`, {
      remedy:
        'Move it away or name another DUCKDB_PATH; `npm run replay -- all` then builds the raw tables again from the landing.',
    });
  }
  return new WarehouseError(`The warehouse file ${path} cannot be opened: ${message.split('\n')[0]}`, {
    remedy: 'Check DUCKDB_PATH and the rights on its folder.',
  });
}
