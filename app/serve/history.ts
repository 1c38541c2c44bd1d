import type { Session } from '../pipeline/session.ts';

/** A row of `ingestion_logs`: a run of an entity, also of another process. Times are ISO 8601 text. */
export interface LoggedRun {
  readonly entity_type: string;
  readonly run_id: string;
  readonly mode: string;
  readonly status: string;
  readonly start_time: string | null;
  readonly end_time: string | null;
  readonly records_fetched: number | null;
  readonly records_inserted: number | null;
  readonly duration_ms: number | null;
  readonly error_message: string | null;
}

type Cell = string | null;

/** The newest runs of an entity. */
export function recentRuns(session: Session, entity: string, most: number): Promise<readonly LoggedRun[]> {
  return loggedRuns(session, `entity = '${entity}'`, most);
}

/** The results of a run, one for each of its entities. */
export function entitiesOfRun(session: Session, runId: string): Promise<readonly LoggedRun[]> {
  return loggedRuns(session, `run_id = '${runId}'`, 1000);
}

/** @param condition becomes part of the query unescaped, so callers must have validated its names */
async function loggedRuns(
  { warehouse, config }: Session,
  condition: string,
  most: number,
): Promise<readonly LoggedRun[]> {
  const found = await warehouse.query<Record<string, Cell>>(
    `select entity, run_id, mode, status, start_time, end_time, records_read, records_new, error
       from ${config.datasets.logs}.ingestion_logs
       where ${condition}
       order by start_time desc, run_id desc, entity
       limit ${most}`,
  );
  return found.map((row) => {
    const [start, end] = [instant(row.start_time), instant(row.end_time)];
    return {
      entity_type: String(row.entity),
      run_id: String(row.run_id),
      start_time: start?.toISOString() ?? null,
      end_time: end?.toISOString() ?? null,
      status: String(row.status),
      records_fetched: count(row.records_read),
      records_inserted: count(row.records_new),
      duration_ms: start && end ? end.getTime() - start.getTime() : null,
      error_message: row.error ?? null,
      mode: String(row.mode),
    };
  });
}

/** When the entities of a run that failed were last read to their end; null if they never were. */
export function lastReads(
  session: Session,
  rows: readonly LoggedRun[],
): Promise<readonly { readonly entity: string; readonly readAt: string | null }[]> {
  return Promise.all(
    rows.filter(hasFailed).map(async ({ entity_type: entity }) => ({
      entity,
      readAt: (await lastSync(session, entity)).lastSyncTime,
    })),
  );
}

export function hasFailed({ status }: LoggedRun): boolean {
  return status === 'failed' || status === 'abandoned';
}

/** When the entity was last loaded from its cursor, and up to which change; null if it never was. */
export async function lastSync({ warehouse, config }: Session, entity: string) {
  const { logs } = config.datasets;
  const [row] = await warehouse.query<Record<string, Cell>>(
    `select
       (select max(end_time) from ${logs}.ingestion_logs
        where entity = '${entity}' and status = 'success' and mode in ('incremental', 'full')) as loaded,
       (select max(watermark) from ${logs}.sync_state where entity = '${entity}') as watermark`,
  );
  return {
    lastSyncTime: instant(row?.loaded)?.toISOString() ?? null,
    watermark: instant(row?.watermark)?.toISOString() ?? null,
  };
}

/** The warehouse writes instants as text in UTC: `2025-10-27 16:00:00.123+00`. */
function instant(text: Cell | undefined): Date | undefined {
  return text ? new Date(text.replace(' ', 'T').replace(/\+00(:?00)?$/, 'Z')) : undefined;
}

function count(text: Cell | undefined): number | null {
  return text === null || text === undefined ? null : Number(text);
}
