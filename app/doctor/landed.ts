import type { Config } from '../../extract/config.ts';
import type { Landing } from '../../extract/landing/landing.ts';
import { findManifest } from '../../extract/landing/manifest.ts';
import type { Query } from '../../extract/load/warehouse.ts';
import { assertSource } from '../pipeline/source.ts';
import { type Check, type DoctorContext, type Finding, failed, ok, skipped, warning } from './check.ts';
import { checkFiles } from './landed-files.ts';
import { NOTHING_LOADED, named, withLog } from './log.ts';

interface LoggedRun {
  readonly entity: string;
  readonly run_id: string;
  readonly has_pages: boolean;
  readonly is_loaded: boolean;
  /** The run was not loaded, and no later run of the entity succeeded. */
  readonly is_open: boolean;
}

/**
 * Checks that landing and warehouse are this tenant's, that the landing still has every loaded run, that landed files are
 * unchanged, and that every complete run in it is loaded.
 */
export const landed: Check = {
  name: 'landed',
  needs: ['LANDING_URI', 'WAREHOUSE', 'DUCKDB_PATH', 'BQ_'],
  async run(context) {
    const landing = await context.landing();
    const { logs } = context.config.datasets;
    const compared = await withLog(context, async (warehouse) => {
      // Records of two tenants agree with state and log, so no other check would find them.
      const isTenantKnown = !context.problems.some((problem) => problem.startsWith('ST_'));
      if (isTenantKnown) await assertSource({ config: context.config, landing, warehouse });
      return compare(await loggedRuns(warehouse.query, logs), landing, context);
    });
    return compared.includes(NOTHING_LOADED) ? withoutLog(landing, context.config) : compared;
  },
};

function loggedRuns(query: Query, logs: string): Promise<readonly LoggedRun[]> {
  return query<LoggedRun>(
    `select entity, run_id, coalesce(records_landed, 0) > 0 as has_pages, status = 'success' as is_loaded,
       status <> 'success' and start_time >= coalesce(
         max(case when status = 'success' then start_time end) over (partition by entity), start_time) as is_open
     from ${logs}.ingestion_logs
     where mode <> 'replay'
     order by entity, start_time`,
  );
}

async function compare(
  logged: readonly LoggedRun[],
  landing: Landing,
  { allPages, signal, config }: DoctorContext,
): Promise<readonly Finding[]> {
  const lost: string[] = [];
  const unloaded: string[] = [];
  const present: LoggedRun[] = [];
  const names = new Set([...config.entities.map(({ name }) => name), ...logged.map(({ entity }) => entity)]);
  for (const name of names) {
    const landedRuns = new Set(await landing.list(name));
    const own = logged.filter(({ entity }) => entity === name);
    for (const logRow of own) {
      const { run_id, has_pages, is_loaded, is_open } = logRow;
      const run = `${name}/${run_id}`;
      if (is_loaded && has_pages && landedRuns.has(run_id)) present.push(logRow);
      if (is_loaded && has_pages && !landedRuns.has(run_id)) lost.push(run);
      if (is_open && landedRuns.has(run_id) && (await findManifest(landing, name, run_id)))
        unloaded.push(run);
    }
  }
  const findings: Finding[] = [];
  if (lost.length > 0) {
    const remedy =
      'Restore these folders of the landing; until then replay refuses to run, so that no data are lost.';
    findings.push(failed(`loaded runs are missing from the landing: ${named(lost)}`, remedy));
  }
  if (unloaded.length > 0) {
    const remedy = 'Nothing needs to be done: the next run of the entity loads it first.';
    findings.push(warning(`landed completely but not loaded: ${named(unloaded)}`, remedy));
  }
  const hashed = await checkFiles(landing, present, { all: allPages, random: Math.random, signal });
  if (findings.length > 0) return [...findings, ...hashed];
  return [ok(`the landing has the folders of all ${present.length} loaded runs`), ...hashed];
}

/** An empty log next to a full landing means that the warehouse was lost, or that a setting names another one. */
async function withoutLog(
  landing: Landing,
  { entities, warehouse: { kind } }: Config,
): Promise<readonly Finding[]> {
  const full: string[] = [];
  for (const { name } of entities) if ((await landing.list(name)).length > 0) full.push(name);
  if (full.length === 0) return [skipped('nothing is landed yet')];
  const landed = full.length === 1 ? '1 entity is landed' : `${full.length} entities are landed`;
  const names = kind === 'duckdb' ? 'DUCKDB_PATH' : 'BQ_PROJECT_ID, BQ_DATASET_LOGS';
  const remedy = `If the warehouse was lost, run \`npm run replay -- all\`, which does not call the API. Otherwise check ${names} and LANDING_URI.`;
  return [warning(`${landed}, but the warehouse has no log of any run`, remedy)];
}
