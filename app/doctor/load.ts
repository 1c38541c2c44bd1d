import { PipelineError } from '../../base/errors.ts';
import type { BigqueryClient } from '../../extract/load/bigquery/client.ts';
import type { Jobs } from '../../extract/load/bigquery/jobs.ts';
import { openLanding } from '../pipeline/backends.ts';
import { compileModels } from '../pipeline/compile-models.ts';
import {
  type Check,
  type DoctorContext,
  type Finding,
  failed,
  failureOf,
  ok,
  skipped,
  warning,
} from './check.ts';
import { named } from './log.ts';
import { partitions } from './partitions.ts';

/** Google: a grant is effective within two minutes as a rule, and may take seven. */
const GRANT_MS = 7 * 60_000;
const GRANT_PAUSE_MS = 20_000;
const DAY_MS = 86_400_000;
/** https://cloud.google.com/bigquery/quotas#load_jobs */
const LOAD_JOBS_PER_DAY = 100_000;
const NEAR_LIMIT = 0.8;
const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;

/** Loads a known row into BigQuery as a night does, and settles before the first night what only Google can answer. */
export const load: Check = {
  name: 'load',
  needs: ['LANDING_URI', 'WAREHOUSE', 'BQ_'],
  async run(context) {
    const { config } = context;
    if (config.warehouse.kind !== 'bigquery') return [skipped('only BigQuery loads pages by jobs')];
    const { bigqueryClient } = await import('../../extract/load/bigquery/client.ts');
    const { bigqueryJobs } = await import('../../extract/load/bigquery/jobs.ts');
    const client = bigqueryClient(config.warehouse);
    const jobs = bigqueryJobs(client);
    const whenGranted = waitForGrants(context);
    // Where datasets are elsewhere, or cannot be read, every other finding would say the same.
    const missing = await whenGranted(() => missingDatasets(context, client));
    const findings = [
      ...(await settled(rowFindings(context, client, jobs, whenGranted))),
      ...(await settled(whenGranted(() => modelFindings(context, client, missing)))),
      ...(await settled(loadJobFindings(context, client))),
      ...(await settled(partitions.run(context))),
    ];
    context.signal.throwIfAborted();
    const mebibytes = Math.ceil(jobs.cost().bytesBilled / MEBIBYTE);
    return [...findings, ok(`BigQuery billed ${mebibytes} MiB for this`)];
  },
};

type WhenGranted = <T>(step: () => Promise<T>) => Promise<T>;

/** Repeats a step while a permission is missing, for seven minutes since the first one was. */
function waitForGrants({ now, sleep, signal, tell }: DoctorContext): WhenGranted {
  let deniedAt: number | undefined;
  return async (step) => {
    for (;;) {
      try {
        return await step();
      } catch (error) {
        if (!(error instanceof PipelineError && error.isDenied)) throw error;
        deniedAt ??= now().getTime();
        const leftMs = deniedAt + GRANT_MS - now().getTime();
        if (leftMs <= 0) throw error;
        const minutes = Math.ceil(leftMs / 60_000);
        tell(`${error.message}. A new grant can take minutes: doctor tries again for ${minutes} min.`);
        await sleep(GRANT_PAUSE_MS, signal);
      }
    }
  };
}

async function settled(findings: Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  return findings.catch((error: unknown) => [failureOf(error)]);
}

/** @throws ConfigurationError if a dataset is in another location */
async function missingDatasets(
  { config }: DoctorContext,
  client: BigqueryClient,
): Promise<readonly string[]> {
  const { hasDataset } = await import('../../extract/load/bigquery/tables.ts');
  const missing: string[] = [];
  for (const dataset of Object.values(config.datasets)) {
    if (!(await hasDataset(client, dataset))) missing.push(dataset);
  }
  return missing;
}

/** Loads the row, reads it back, ends a transaction on purpose, and removes the table. */
async function rowFindings(
  { config, now }: DoctorContext,
  client: BigqueryClient,
  jobs: Jobs,
  whenGranted: WhenGranted,
): Promise<readonly Finding[]> {
  const { loadProbe } = await import('../../extract/load/bigquery/load-probe.ts');
  const landing = await whenGranted(() => openLanding(config));
  const probe = loadProbe({ client, jobs, landing, datasetId: config.datasets.stage, now: now() });
  await whenGranted(probe.create);
  try {
    await whenGranted(probe.load);
    const startedAt = now().getTime();
    const differences = await whenGranted(probe.differences);
    const kept = await whenGranted(probe.rollBack);
    const seconds = Math.round((now().getTime() - startedAt) / 1000);
    return [differencesFinding(differences), rollBackFinding(kept, seconds)];
  } finally {
    await probe.remove();
  }
}

function differencesFinding(differences: readonly string[]): Finding {
  if (differences.length === 0)
    return ok(
      'a row was loaded by a job and read back with every digit: amounts, JSON, microseconds, nested records',
    );
  return failed(
    `a row that was loaded by a job reads back changed: ${differences.join('; ')}`,
    'Do not run a night: its amounts would be wrong. Report this finding.',
  );
}

function rollBackFinding(problem: string | undefined, seconds: number): Finding {
  if (problem === undefined)
    return ok(`a transaction that was ended on purpose left nothing; three small queries took ${seconds} s`);
  return failed(
    problem,
    'Do not run a night: a load that fails would leave half of its rows. Report this finding.',
  );
}

/** Dataform's own client plans the run and reads the tables; BigQuery checks each query without running it. */
async function modelFindings(
  { config, projectDir, signal }: DoctorContext,
  { projectId, location, request }: BigqueryClient,
  missing: readonly string[],
): Promise<readonly Finding[]> {
  if (missing.length > 0)
    return [
      skipped(
        `BigQuery checks no model before its datasets exist: ${missing.join(', ')} (Terraform creates them)`,
      ),
    ];
  const { priceActions } = await import('../../engine/bigquery/price.ts');
  const graph = await compileModels(config);
  const actions = await priceActions({ projectDir, graph, place: { projectId, location }, request, signal });
  const isUnbuilt = ({ reason }: (typeof actions)[number]) =>
    /not found: (table|dataset)/i.test(reason ?? '');
  const refused = actions.filter((action) => action.reason !== undefined && !isUnbuilt(action));
  if (refused.length > 0) {
    const [first] = refused;
    return [
      failed(
        `BigQuery refuses ${refused.length} of ${actions.length} models and assertions: ${named(refused.map(({ name }) => name))}; the first: ${first?.reason}`,
        'Correct the SQL or the permission that the reason names.',
      ),
    ];
  }
  const unbuilt = actions.filter(isUnbuilt).length;
  const billed = actions.reduce((sum, { bytesBilled }) => sum + (bytesBilled ?? 0), 0);
  const rest =
    unbuilt === 0
      ? `, for which a night is billed ${(billed / GIBIBYTE).toFixed(1)} GiB`
      : `; ${unbuilt} read tables that the first night creates`;
  return [ok(`dataform run --dry-run plans ${actions.length} models and assertions${rest}`)];
}

async function loadJobFindings({ now }: DoctorContext, client: BigqueryClient): Promise<readonly Finding[]> {
  const { loadJobsSince } = await import('../../extract/load/bigquery/load-probe.ts');
  try {
    const count = await loadJobsSince(client, new Date(now().getTime() - DAY_MS));
    const text = `load jobs of this account in the last day: ${count} of the ${LOAD_JOBS_PER_DAY} that a project may run`;
    return count < NEAR_LIMIT * LOAD_JOBS_PER_DAY
      ? [ok(text)]
      : [warning(text, 'Spread first nights over several days or projects (docs/scale.md).')];
  } catch (error) {
    // An account of a run needs no permission to list jobs, and Terraform does not grant it.
    if (error instanceof PipelineError && error.isDenied)
      return [skipped('load jobs cannot be counted without the permission bigquery.jobs.list')];
    throw error;
  }
}
