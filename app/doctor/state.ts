import type { Datasets } from '../../extract/config.ts';
import { BigqueryError } from '../../extract/load/bigquery/errors.ts';
import { instantOf } from '../../extract/load/instant.ts';
import type { Warehouse } from '../../extract/load/warehouse.ts';
import { type Entity, entities, findEntity } from '../../schemas/entities.ts';
import { type Check, type DoctorContext, type Finding, failed, ok, warning } from './check.ts';
import { named, withLog } from './log.ts';

interface TableState {
  readonly entity: string;
  readonly has_cursor: boolean;
  readonly watermark: string | null;
  /** Rows of the raw table. */
  readonly rows_stored: string;
  /** Rows that the log says were loaded. */
  readonly rows_logged: string | null;
  /** Rows of the raw table whose run is not in the log. */
  readonly rows_unlogged: string;
}

/** Checks that raw tables have the rows that state and log say they have. */
export const state: Check = {
  name: 'state',
  needs: ['WAREHOUSE', 'DUCKDB_PATH', 'BQ_'],
  run: (context) =>
    withLog(context, async (warehouse) => {
      const { datasets } = context.config;
      let known: readonly Entity[] = entities;
      try {
        known = await loadedEntities(warehouse, datasets);
        const tables = await warehouse.query<TableState>(stateQuery(datasets, known));
        const findings = tables.flatMap((table) => findingsOf(table, context));
        const rows = tables.reduce((sum, { rows_stored }) => sum + Number(rows_stored), 0);
        const all = `${rows.toLocaleString('en')} versions of ${tables.length} entities`;
        return findings.length > 0 ? findings : [ok(`raw tables have ${all}, as state and log say`)];
      } catch (error) {
        if (!isMissingTableOrColumn(error)) throw error;
        return [await missingFinding(warehouse, datasets, known)];
      }
    }),
};

/** The default set, and the entities beyond it that were loaded: one that was chosen only now has no table yet. */
async function loadedEntities(warehouse: Warehouse, { logs }: Datasets): Promise<readonly Entity[]> {
  const known = await warehouse.query<{ entity: string }>(`select entity from ${logs}.sync_state`);
  const loaded = known.flatMap(({ entity }) => findEntity(entity) ?? []);
  return [...new Set([...entities, ...loaded])];
}

/** Recognizes the errors of BigQuery and DuckDB for a table or column that does not exist. */
function isMissingTableOrColumn(error: unknown): boolean {
  if (error instanceof BigqueryError) return ['notFound', 'invalidQuery'].includes(error.reason);
  return error instanceof Error && /^(Catalog|Binder) Error/.test(error.message);
}

async function missingFinding(
  warehouse: Warehouse,
  { raw }: Datasets,
  known: readonly Entity[],
): Promise<Finding> {
  const lost: string[] = [];
  for (const { name } of known) {
    if (!(await warehouse.hasTable({ dataset: 'raw', name: `raw_${name}` }))) lost.push(name);
  }
  if (lost.length === 0) {
    const remedy = 'Run `npm run extract -- job_types`, which adds the missing columns.';
    return failed('a raw table or a log lacks columns that this version reads', remedy);
  }
  const which = lost.length === 1 ? lost.join() : 'ENTITY';
  const remedy = `Run \`npm run replay -- ${which}\`, which creates the table and fills it from its landed pages.`;
  return failed(`${raw} has no raw table of ${named(lost)}`, remedy);
}

function findingsOf(table: TableState, { now }: DoctorContext): Finding[] {
  const { entity, has_cursor, watermark, rows_stored, rows_logged, rows_unlogged } = table;
  const found: Finding[] = [];
  const rebuild = `Run \`npm run replay -- ${entity}\`, which rebuilds the table from its landed pages.`;
  const missing = Number(rows_logged ?? 0) - Number(rows_stored);
  if (missing > 0) {
    const text = Number(rows_stored) === 0 ? 'the raw table is empty' : `the raw table lacks ${missing}`;
    found.push(failed(`${entity}: the log has ${rows_logged} loaded versions, but ${text}`, rebuild));
  } else if (missing < 0 && rows_unlogged === '0') {
    found.push(failed(`${entity}: the raw table has ${-missing} more versions than the log`, rebuild));
  }
  if (rows_unlogged !== '0') {
    found.push(
      failed(`${entity}: ${rows_unlogged} versions belong to runs that are not in the log`, rebuild),
    );
  }
  if (has_cursor && rows_logged === null) {
    found.push(warning(`${entity}: state has a cursor, but the log has no successful run`, rebuild));
  }
  const ahead = watermark === null ? 0 : instantOf(watermark).getTime() - now().getTime();
  if (ahead > 60_000) {
    const remedy = `Correct the clock of this machine; if it is right, run \`npm run extract -- ${entity} --mode full\`.`;
    found.push(failed(`${entity}: the watermark ${watermark} is in the future`, remedy));
  }
  return found;
}

/** Counts logged rows from the last replay on: its count includes the runs before it. */
function stateQuery({ raw, logs }: Datasets, known: readonly Entity[]): string {
  const stored = known.map(
    ({ name }) => `
      select '${name}' as entity,
        (select count(*) from ${raw}.raw_${name}) as rows_stored,
        (
          select count(*) from ${raw}.raw_${name} as version
          left join (select distinct run_id from ${logs}.ingestion_logs where entity = '${name}') as run
            on run.run_id = version._run_id
          where run.run_id is null
        ) as rows_unlogged`,
  );
  return `
    with good as (
      select entity, mode, end_time, records_new from ${logs}.ingestion_logs where status = 'success'
    ),
    replayed as (
      select entity, max(end_time) as replayed_at from good where mode = 'replay' group by entity
    ),
    logged as (
      select good.entity, sum(good.records_new) as rows_logged
      from good
      left join replayed on replayed.entity = good.entity
      where replayed.replayed_at is null
        or good.end_time > replayed.replayed_at
        or (good.mode = 'replay' and good.end_time = replayed.replayed_at)
      group by good.entity
    ),
    stored as (${stored.join(' union all')})
    select stored.entity, cast(state.watermark as string) as watermark,
      state.continuation_token is not null or state.watermark is not null as has_cursor,
      cast(rows_stored as string) as rows_stored, cast(rows_logged as string) as rows_logged,
      cast(rows_unlogged as string) as rows_unlogged
    from ${logs}.sync_state as state
    join stored on stored.entity = state.entity
    left join logged on logged.entity = state.entity
    order by stored.entity`;
}
