import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { compileProject } from '../../engine/compile.ts';
import { startGoogleSql } from '../../engine/googlesql/server.ts';
import { PROJECT } from '../processes.ts';
import { bytesOfModels } from './bytes.ts';
import { scalePage } from './scenarios.ts';

const { values: options } = parseArgs({
  options: {
    /** A DuckDB file after a nightly run. With it, the program prints what BigQuery would read for the models instead. */
    warehouse: { type: 'string' },
  },
});

process.stdout.write(`${options.warehouse === undefined ? scalePage() : await billed(options.warehouse)}\n`);

async function billed(path: string): Promise<string> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const engine = await startGoogleSql();
  try {
    const graph = await compileProject(PROJECT, {});
    const bytes = await bytesOfModels(engine, await instance.connect(), { projectDir: PROJECT, graph });
    const gib = (count: number) => `${(count / 2 ** 30).toFixed(1)} GiB`;
    return `${bytes.queries} queries on ${bytes.tablesRead} tables read ${gib(bytes.read)}, billed as ${gib(bytes.billed)}`;
  } finally {
    engine.close();
    instance.closeSync();
  }
}
