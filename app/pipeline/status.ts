import type { Config } from '../../extract/config.ts';
import { instantOf } from '../../extract/load/instant.ts';
import type { Query } from '../../extract/load/warehouse.ts';

/** State of the pipeline according to its logs. Instants are ISO 8601 text. */
export interface Status {
  readonly night: NightStatus | null;
  readonly entities: readonly EntityStatus[];
}

/**
 * The last nightly run: of the runs for the latest run date, the one that read most entities. A later `extract` of some
 * entities is no part of it.
 */
export interface NightStatus {
  readonly runDate: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly succeeded: number;
  readonly failed: number;
  readonly running: number;
  readonly calls: number;
  readonly newRows: number;
}

export interface EntityStatus {
  readonly entity: string;
  /** End of the last successful run that read from the cursor. */
  readonly loadedAt: string | null;
  /** The newest change that was read. It is the cursor of lists, and of feeds whose token is lost. */
  readonly watermark: string | null;
  readonly hasToken: boolean;
  readonly lease: { readonly owner: string; readonly until: string } | null;
  /** Newest first. */
  readonly runs: readonly RunStatus[];
}

export interface RunStatus {
  readonly runId: string;
  readonly mode: string;
  readonly runDate: string | null;
  readonly status: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly calls: number | null;
  /** Rows at each step; null if the run did not get that far or the API does not count. */
  readonly source: number | null;
  readonly read: number | null;
  readonly landed: number | null;
  readonly loaded: number | null;
  readonly visible: number | null;
  readonly new: number | null;
  readonly rejected: number | null;
  readonly error: string | null;
}

/** Runs of each entity that `status` shows. */
export const LAST_RUNS = 3;

type Cells<Name extends string> = Readonly<Record<Name, string | null>>;
type StateRow = Cells<'entity' | 'watermark' | 'lease_owner' | 'lease_until' | 'loaded_at'> & {
  readonly has_token: boolean;
};
type RunRow = Cells<
  | 'entity'
  | 'run_id'
  | 'mode'
  | 'run_date'
  | 'status'
  | 'start_time'
  | 'end_time'
  | 'api_calls'
  | 'error'
  | 'records_source'
  | 'records_read'
  | 'records_landed'
  | 'records_loaded'
  | 'records_visible'
  | 'records_new'
  | 'records_rejected'
>;

/** Runs that read from the cursor, as nightly runs do. */
const FROM_CURSOR = "mode in ('incremental', 'full')";

/**
 * Reads the state of every entity with its last `runs` runs. Adds the latest run from the cursor, and the latest of another
 * kind, if they are not among those: a sweep may have made many runs since.
 */
export async function readStatus(query: Query, { logs }: Config['datasets'], runs: number): Promise<Status> {
  const states = await query<StateRow>(
    `select s.entity, cast(s.watermark as string) as watermark, s.continuation_token is not null as has_token,
       s.lease_owner, cast(s.lease_until as string) as lease_until, cast(max(l.end_time) as string) as loaded_at
     from ${logs}.sync_state as s
     left join ${logs}.ingestion_logs as l
       on l.entity = s.entity and l.status = 'success' and l.${FROM_CURSOR}
     group by s.entity, s.watermark, s.continuation_token, s.lease_owner, s.lease_until
     order by s.entity`,
  );
  const rows = await query<RunRow>(
    `select entity, run_id, mode, cast(run_date as string) as run_date, status, cast(start_time as string) as start_time,
       cast(end_time as string) as end_time, api_calls, records_source, records_read, records_landed, records_loaded,
       records_visible, records_new, records_rejected, error
     from ${logs}.ingestion_logs
     where true
     qualify row_number() over (partition by entity order by start_time desc, run_id desc) <= ${runs}
       or row_number() over (partition by entity, ${FROM_CURSOR} order by start_time desc, run_id desc) = 1
       or (${FROM_CURSOR} and run_date = max(case when ${FROM_CURSOR} then run_date end) over ())
     order by entity, start_time desc, run_id desc`,
  );
  const entities = states.map((state) => {
    const own = rows.filter(({ entity }) => entity === state.entity);
    // The night's runs may be older than the last ones of the entity.
    return entityStatus(
      state,
      own.filter(
        (row, index) => index < runs || row === own.find((each) => isFromCursor(each) === isFromCursor(row)),
      ),
    );
  });
  return { night: nightStatus(rows), entities };
}

function isFromCursor({ mode }: Pick<RunRow, 'mode'>): boolean {
  return mode === 'incremental' || mode === 'full';
}

function entityStatus(state: StateRow, rows: readonly RunRow[]): EntityStatus {
  return {
    entity: state.entity ?? '',
    loadedAt: iso(state.loaded_at),
    watermark: iso(state.watermark),
    hasToken: state.has_token,
    lease:
      state.lease_owner === null ? null : { owner: state.lease_owner, until: iso(state.lease_until) ?? '' },
    runs: rows.map(runStatus),
  };
}

function runStatus(row: RunRow): RunStatus {
  return {
    runId: row.run_id ?? '',
    mode: row.mode ?? '',
    runDate: row.run_date,
    status: row.status ?? '',
    startedAt: iso(row.start_time) ?? '',
    endedAt: iso(row.end_time),
    calls: number(row.api_calls),
    source: number(row.records_source),
    read: number(row.records_read),
    landed: number(row.records_landed),
    loaded: number(row.records_loaded),
    visible: number(row.records_visible),
    new: number(row.records_new),
    rejected: number(row.records_rejected),
    error: row.error,
  };
}

/** Sums up the last nightly run; backfills, sweeps and replays do not count. */
function nightStatus(rows: readonly RunRow[]): NightStatus | null {
  const fromCursor = rows.filter(isFromCursor);
  const runDate = fromCursor
    .map(({ run_date }) => run_date ?? '')
    .sort()
    .at(-1);
  if (runDate === undefined) return null;
  const byRun = new Map<string, RunStatus[]>();
  for (const row of fromCursor.filter(({ run_date }) => run_date === runDate)) {
    const run = runStatus(row);
    byRun.set(run.runId, [...(byRun.get(run.runId) ?? []), run]);
  }
  // Run ids begin with their instant.
  const [night = []] = [...byRun]
    .sort(([id, own], [other, others]) => others.length - own.length || (id < other ? 1 : -1))
    .map(([, own]) => own);
  const count = (...statuses: readonly string[]) =>
    night.filter(({ status }) => statuses.includes(status)).length;
  const ends = night.map(({ endedAt }) => endedAt);
  return {
    runDate,
    startedAt: night.map(({ startedAt }) => startedAt).sort()[0] ?? '',
    endedAt: ends.includes(null) ? null : (ends.sort().at(-1) ?? null),
    succeeded: count('success'),
    failed: count('failed', 'abandoned'),
    running: count('running'),
    calls: night.reduce((sum, { calls }) => sum + (calls ?? 0), 0),
    newRows: night.reduce((sum, run) => sum + (run.new ?? 0), 0),
  };
}

function iso(text: string | null): string | null {
  return text === null ? null : instantOf(text).toISOString();
}

function number(text: string | null): number | null {
  return text === null ? null : Number(text);
}
