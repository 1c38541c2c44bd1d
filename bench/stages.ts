import { DuckDBInstance } from '@duckdb/node-api';

/** The seconds that a nightly run took to extract and load, and the seconds for everything else. */
export interface Stages {
  readonly extract: number;
  readonly transform: number;
}

/** Splits the time of a nightly run by its log. @param log standard error with one JSON line per event */
export function stagesOf(log: string, totalSeconds: number): Stages {
  const events = log.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    const { time, type } = JSON.parse(line) as { time: string; type?: string };
    return [{ ms: Date.parse(time), type }];
  });
  const firstMs = events.find(({ type }) => type === 'phase')?.ms ?? 0;
  const lastMs = events.findLast(({ type }) => type === 'done' || type === 'failed')?.ms ?? firstMs;
  const extract = (lastMs - firstMs) / 1000;
  return { extract, transform: totalSeconds - extract };
}

export interface Receipts {
  readonly calls: readonly { readonly entity: string; readonly calls: number }[];
  readonly added: number;
}

/** The calls and rows of the last run, from the warehouse's `ingestion_logs`. */
export async function lastReceipts(database: string): Promise<Receipts> {
  const instance = await DuckDBInstance.create(database, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(
      `SELECT entity, api_calls, records_new FROM st_logs_v2.ingestion_logs
       WHERE run_id = (SELECT max(run_id) FROM st_logs_v2.ingestion_logs) ORDER BY entity`,
    );
    const rows = reader.getRowObjectsJson();
    return {
      calls: rows.map((row) => ({ entity: String(row.entity), calls: Number(row.api_calls) })),
      added: rows.reduce((sum, row) => sum + Number(row.records_new), 0),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
