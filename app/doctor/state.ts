import type { Datasets } from '../../extract/config.ts';
import { BigqueryError } from '../../extract/load/bigquery/errors.ts';
import { instantOf } from '../../extract/load/instant.ts';
import type { Warehouse } from '../../extract/load/warehouse.ts';
import { entities } from '../../schemas/entities.ts';
import { type Check, type DoctorContext, type Finding, failed, ok, warning } from './check.ts';
import { named, withLog } from './log.ts';

interface Stand {
  readonly entity: string;
  readonly is_begun: boolean;
  readonly watermark: string | null;
  /** Rows of the raw table, those that the log tells of, and those whose run it does not know. */
  readonly rows_stand: string;
  readonly rows_told: string | null;
  readonly unlogged: string;
}

/** Whether raw tables hold what state and log say of them. */
export const state: Check = {
  name: 'state',
  needs: ['WAREHOUSE', 'DUCKDB_PATH', 'BQ_'],
  look: (context) =>
    withLog(context, async (warehouse) => {
      const { datasets } = context.config;
      try {
        const stands = await warehouse.query<Stand>(standsQuery(datasets));
        const findings = stands.flatMap((stand) => findingsOf(stand, context));
        const rows = stands.reduce((sum, { rows_stand }) => sum + Number(rows_stand), 0);
        const all = `${rows.toLocaleString('en')} versions of ${stands.length} entities`;
        return findings.length > 0 ? findings : [ok(`${all} stand in raw tables, as state and log say`)];
      } catch (error) {
        if (!isOfTables(error)) throw error;
        return [await missing(warehouse, datasets)];
      }
    }),
};

/** BigQuery's words for tables and columns that it does not find, and DuckDB's. */
function isOfTables(error: unknown): boolean {
  if (error instanceof BigqueryError) return ['notFound', 'invalidQuery'].includes(error.reason);
  return error instanceof Error && /^(Catalog|Binder) Error/.test(error.message);
}

async function missing(warehouse: Warehouse, { raw }: Datasets): Promise<Finding> {
  const lost: string[] = [];
  for (const { name } of entities) {
    if (!(await warehouse.hasTable({ dataset: 'raw', name: `raw_${name}` }))) lost.push(name);
  }
  if (lost.length === 0) {
    const remedy = 'Run `npm run extract -- job_types`, which adds the columns.';
    return failed('a raw table or a log lacks columns that this version reads', remedy);
  }
  const which = lost.length === 1 ? lost.join() : 'ENTITY';
  const remedy = `Run \`npm run replay -- ${which}\`, which makes the table and fills it from its landed pages.`;
  return failed(`${raw} has no table of ${named(lost)}`, remedy);
}

function findingsOf(stand: Stand, { now }: DoctorContext): Finding[] {
  const { entity, is_begun, watermark, rows_stand, rows_told, unlogged } = stand;
  const found: Finding[] = [];
  const rebuild = `Run \`npm run replay -- ${entity}\`, which builds the table from its landed pages.`;
  const missing = Number(rows_told ?? 0) - Number(rows_stand);
  if (missing > 0) {
    const text = Number(rows_stand) === 0 ? 'the raw table is empty' : `the raw table lacks ${missing}`;
    found.push(failed(`${entity}: the log tells of ${rows_told} loaded versions, ${text}`, rebuild));
  } else if (missing < 0 && unlogged === '0') {
    found.push(
      failed(`${entity}: the raw table has ${-missing} versions more than the log tells of`, rebuild),
    );
  }
  if (unlogged !== '0') {
    found.push(failed(`${entity}: ${unlogged} versions came by runs that the log does not know`, rebuild));
  }
  if (is_begun && rows_told === null) {
    found.push(warning(`${entity}: state has a cursor, but the log has no run that ended well`, rebuild));
  }
  const ahead = watermark === null ? 0 : instantOf(watermark).getTime() - now().getTime();
  if (ahead > 60_000) {
    const remedy = `Set the clock right; if it is, run \`npm run extract -- ${entity} --mode full\`.`;
    found.push(failed(`${entity}: it is loaded up to ${watermark}, which is in the future`, remedy));
  }
  return found;
}

/** A replay begins a table's count anew: what ended before it is part of its own number. */
function standsQuery({ raw, logs }: Datasets): string {
  const stands = entities.map(
    ({ name }) => `
      select '${name}' as entity,
        (select count(*) from ${raw}.raw_${name}) as rows_stand,
        (
          select count(*) from ${raw}.raw_${name} as version
          left join (select distinct run_id from ${logs}.ingestion_logs where entity = '${name}') as run
            on run.run_id = version._run_id
          where run.run_id is null
        ) as unlogged`,
  );
  return `
    with good as (
      select entity, mode, end_time, records_new from ${logs}.ingestion_logs where status = 'success'
    ),
    replayed as (
      select entity, max(end_time) as replayed_at from good where mode = 'replay' group by entity
    ),
    told as (
      select good.entity, sum(good.records_new) as rows_told
      from good
      left join replayed on replayed.entity = good.entity
      where replayed.replayed_at is null
        or good.end_time > replayed.replayed_at
        or (good.mode = 'replay' and good.end_time = replayed.replayed_at)
      group by good.entity
    ),
    stands as (${stands.join(' union all')})
    select stands.entity, cast(state.watermark as string) as watermark,
      state.continuation_token is not null or state.watermark is not null as is_begun,
      cast(rows_stand as string) as rows_stand, cast(rows_told as string) as rows_told,
      cast(unlogged as string) as unlogged
    from ${logs}.sync_state as state
    join stands on stands.entity = state.entity
    left join told on told.entity = state.entity
    order by stands.entity`;
}
