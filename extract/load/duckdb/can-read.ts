import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { entity as entityNamed } from '../../../schemas/entities.ts';
import type { Config } from '../../config.ts';
import { readIdentities, readRows } from './read-pages.ts';

/** Whether the statements of a load can read these lines. */
export async function canRead(
  connect: () => Promise<DuckDBConnection>,
  lines: { readonly entity: string; readonly ndjson: Buffer; readonly personalData: Config['personalData'] },
): Promise<boolean> {
  const { entity, ndjson, personalData } = lines;
  const folder = await mkdtemp(join(tmpdir(), 'servicetitan-recheck-'));
  const connection = await connect();
  try {
    const path = join(folder, 'lines.ndjson');
    await writeFile(path, ndjson);
    const files = [{ path, longestLine: ndjson.length }];
    const options = { personalData, amounts: 'DECIMAL(38,9)', landingUri: '' } as const;
    await connection.run(`SELECT hash(COLUMNS(*)) FROM (${readRows(entity, files, options)})`);
    await connection.run(`SELECT hash(COLUMNS(*)) FROM (${readIdentities(entityNamed(entity), files)})`);
    return true;
  } catch {
    return false;
  } finally {
    connection.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}
