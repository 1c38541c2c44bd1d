import { DuckDBInstance } from '@duckdb/node-api';
import type { Ended } from './processes.ts';
import type { Phase } from './programs/program.ts';

/** The phases of a night, as the results name them. */
export const PHASES = ['start', 'read', 'load', 'models'] as const;

/**
 * Splits a nightly run by its log: start, until the first entity begins; read, until the last one is landed, while others
 * are loaded already; load, until all are; models, with assertions and report.
 *
 * @param log standard error with one JSON line per event
 */
export function phasesOf(
  log: string,
  { startedMs, seconds }: Pick<Ended, 'startedMs' | 'seconds'>,
): readonly Phase[] {
  const events = log.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    const { time, type, phase } = JSON.parse(line) as { time: string; type?: string; phase?: string };
    return [{ at: (Date.parse(time) - startedMs) / 1000, type, phase }];
  });
  const startedAt = events.find(({ type }) => type === 'phase')?.at ?? 0;
  const loadedAt = events.findLast(({ type }) => type === 'done' || type === 'failed')?.at ?? startedAt;
  const readAt = events.findLast(({ phase }) => phase === 'loading')?.at ?? loadedAt;
  const ends = { start: startedAt, read: readAt, load: loadedAt, models: seconds };
  return PHASES.map((name, index) => ({
    name,
    seconds: ends[name] - (index === 0 ? 0 : ends[PHASES[index - 1] ?? name]),
  }));
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
