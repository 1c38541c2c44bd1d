import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { startSandbox } from '../../../sandbox/server.ts';
import { json, type Seen, scriptedServer } from '../../extract/scripted-server.ts';
import { smallTenant } from '../../faults/tenant.ts';
import { tenantOf } from '../../sandbox/client.ts';
import { runningService } from './service.ts';

// Without credentials the client looks for Google's metadata server, which takes seconds.
beforeEach(() => {
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
  onTestFinished(() => void vi.unstubAllEnvs());
});

interface Job {
  readonly jobReference: object;
  readonly configuration: {
    readonly labels: { readonly run: string };
    /** Absent for a job that loads rows. */
    readonly query?: { readonly query: string };
  };
}

/**
 * A service on empty Cloud Storage and BigQuery that bill ten megabytes for each job; `refuse` may give
 * the error of a query. The tenant refuses to send jobs, so that a run of jobs ends at once.
 */
async function cloudService(refuse: (sql: string) => object | undefined = () => undefined) {
  const isStart = ({ method, path }: Seen) => method === 'POST' && path.endsWith('/jobs');
  /** A job that uploads rows is the first part of its request. */
  const jobIn = ({ body }: Seen): Job => {
    const start = body.indexOf('{');
    const end = body.indexOf('\r\n--', start);
    return JSON.parse(body.slice(start, end < 0 ? undefined : end));
  };
  const google = await scriptedServer({
    api(seen) {
      if (!isStart(seen)) return json({});
      const { jobReference, configuration } = jobIn(seen);
      const errorResult = refuse(configuration.query?.query ?? '');
      return json({
        jobReference,
        status: { state: 'DONE', ...(errorResult && { errorResult }) },
        statistics: { totalSlotMs: '500', query: { totalBytesBilled: '10485760' } },
      });
    },
  });
  vi.stubEnv('BIGQUERY_EMULATOR_HOST', `${google.url}/bigquery/v2`);
  const tenant = await startSandbox({
    tenant: tenantOf(smallTenant()),
    withoutScopes: ['tn.jpm.jobs:r'],
  });
  onTestFinished(() => tenant.close());
  const service = await runningService({
    tenant,
    env: { BQ_PROJECT_ID: 'acme', LANDING_URI: 'gs://pages/st', STORAGE_API_URL: google.url },
  });
  const labels = () => google.calls.filter(isStart).map((seen) => jobIn(seen).configuration.labels.run);
  return { ...service, labels };
}

test('each HTTP run labels its BigQuery jobs with its run id and reports its own cost; status does neither', async () => {
  const { ask, log, labels } = await cloudService();
  const told: { runId: string; jobs: number }[] = [];
  for (const key of ['a', 'b']) {
    expect((await ask('/status/jobs')).status).toBe(200);
    const before = labels().length;
    const { status, json: failed } = await ask('/ingest/jobs', { headers: { 'Idempotency-Key': key } });
    expect([status, failed.error]).toEqual([500, expect.stringContaining('403')]);
    const jobs = labels().slice(before);
    expect(new Set(jobs)).toEqual(new Set([failed.runId.toLowerCase()]));
    told.push({ runId: failed.runId, jobs: jobs.length });
  }
  const costs = log
    .join('')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'cost');
  expect(costs).toMatchObject(
    told.map((run) => ({ ...run, bytesBilled: run.jobs * 10_485_760, slotMs: run.jobs * 500 })),
  );
  expect(labels().filter((run) => run === 'look')).toHaveLength(2);
});

test.each([
  [
    404,
    'There is no mart to report on yet',
    'notFound',
    'Not found: Table acme:st_mart_v2.kpi_movements was not found',
  ],
  [
    503,
    'bigquery.tables.getData is missing',
    'accessDenied',
    'Access Denied: bigquery.tables.getData denied',
  ],
  [503, 'Run again in a few minutes', 'backendError', 'Error encountered during execution'],
])('GET /report answers %i with "%s" when BigQuery answers %s', async (status, detail, reason, message) => {
  const { ask } = await cloudService((sql) =>
    sql.includes('kpi_movements') ? { reason, message } : undefined,
  );
  const answered = await ask('/report');
  expect([answered.status, answered.json.detail]).toEqual([status, expect.stringContaining(detail)]);
});
