import { describe, expect, test, vi } from 'vitest';
import { diagnoseCloud, failedJob, refusal } from './cloud-patient.ts';

// On Cloud Run every container has this host name and often the same process id.
vi.mock('node:os', async (original) => ({ ...(await original()), hostname: () => 'localhost' }));

const HOUR_MS = 60 * 60 * 1000;
const at = (ms: number) => new Date(Date.now() + ms);
const text = (instant: Date) => instant.toISOString().replace('T', ' ').replace('Z', '+00');
const LOADED = { 'sync_state limit 1': [{ entity: 'jobs' }] };
const LOG_CHECKS = ['state', 'landed', 'leases'];

describe('doctor check of the BigQuery warehouse', () => {
  test('doctor tries write access in each BigQuery dataset and drops the tables it made', async () => {
    const { code, troubles, calls, queries } = await diagnoseCloud(['warehouse'], {});
    expect({ code, troubles }).toEqual({ code: 0, troubles: {} });
    const made = calls.filter(({ method, path }) => method === 'POST' && path.endsWith('/tables'));
    const dropped = calls.filter(({ method }) => method === 'DELETE').map(({ path }) => path);
    const wanted = made.map(({ path, body }) => `${path}/${JSON.parse(body).tableReference.tableId}`);
    expect(dropped).toEqual(wanted);
    expect(queries.map((sql) => /st_(\w+)_v2/.exec(sql)?.[1])).toEqual(['raw', 'stage', 'mart', 'logs']);
  });

  test('doctor names the BigQuery dataset without write access and the missing permission', async () => {
    const { code, troubles, calls } = await diagnoseCloud(['warehouse'], {
      otherwise: ({ method, path }) =>
        method === 'POST' && path.endsWith('/datasets/st_stage_v2/tables')
          ? refusal(403, 'accessDenied', 'Access Denied: Permission bigquery.tables.create denied on dataset')
          : undefined,
    });
    expect(code).toBe(1);
    expect(troubles.warehouse).toMatch(
      /^failed: no table can be created, .* in st_stage_v2: .*permission bigquery.tables.create is missing .*→ Grant the account/,
    );
    expect(troubles.warehouse).not.toMatch(/st_(raw|mart|logs)_v2/);
    expect(calls.filter(({ method }) => method === 'DELETE')).toHaveLength(3);
  });

  test('doctor reports a BigQuery dataset whose rows cannot be changed and still drops its table', async () => {
    const { troubles, calls } = await diagnoseCloud(['warehouse'], {
      otherwise: ({ path, body }) =>
        path.endsWith('/jobs') && body.includes('st_raw_v2')
          ? refusal(403, 'accessDenied', 'Permission bigquery.tables.updateData denied on table')
          : undefined,
    });
    expect(troubles.warehouse).toMatch(/in st_raw_v2: .*bigquery.tables.updateData/);
    expect(calls.filter(({ method }) => method === 'DELETE')).toHaveLength(4);
  });
});

describe('doctor check of partitions in BigQuery', () => {
  const counts = (partitions: string) => ({
    rows: {
      partitions: [
        { name: 'st_mart_v2.daily_kpis', partitions },
        { name: 'st_raw_v2.raw_jobs', partitions: '12' },
      ],
    },
  });

  test('doctor names the BigQuery table with the most partitions', async () => {
    const { troubles, output, queries } = await diagnoseCloud(['partitions'], counts('3199'));
    expect(troubles).toEqual({});
    expect(output).toContain('st_mart_v2.daily_kpis has the most, 3199 of the 4000 that a job may write');
    for (const dataset of ['raw', 'stage', 'mart'])
      expect(queries.join()).toContain(`st_${dataset}_v2.INFORMATION_SCHEMA.PARTITIONS`);
  });

  test('doctor warns of a BigQuery table near the partitions that a job may write', async () => {
    const { code, troubles } = await diagnoseCloud(['partitions'], counts('3200'));
    expect(code).toBe(0);
    expect(troubles.partitions).toMatch(
      /^warning: near the 4000 partitions that a job may write: st_mart_v2.daily_kpis \(3200\) → Partition the model/,
    );
  });

  test('doctor skips partitions before the mart is built, and where BigQuery lists no table', async () => {
    const unbuilt = await diagnoseCloud(['partitions'], {
      otherwise: ({ path }) => (path.endsWith('/tables/daily_kpis') ? refusal(404, 'notFound') : undefined),
    });
    expect(unbuilt.verdicts).toEqual({ partitions: ['skipped'] });
    const empty = await diagnoseCloud(['partitions'], {});
    expect(empty.verdicts).toEqual({ partitions: ['skipped'] });
  });
});

describe('doctor checks of the log in BigQuery', () => {
  const noLog = ({ path }: { path: string }) =>
    path.endsWith('/tables/sync_state') ? refusal(404, 'notFound', 'Not found: Table sync_state') : undefined;

  test('doctor takes a missing log in BigQuery for a warehouse where nothing is loaded yet', async () => {
    const { troubles, verdicts } = await diagnoseCloud(LOG_CHECKS, { otherwise: noLog });
    expect(troubles).toEqual({});
    expect(verdicts).toEqual({ state: ['skipped'], landed: ['skipped'], leases: ['skipped'] });
  });

  test('doctor reports a lost BigQuery warehouse when the log is missing beside a full landing', async () => {
    const { troubles } = await diagnoseCloud(['landed'], {
      otherwise: noLog,
      objects: ['jobs/run-1/manifest.json'],
    });
    expect(troubles.landed).toMatch(/^warning: 1 entity is landed.*replay -- all.*BQ_PROJECT_ID/);
  });

  test.each([
    [
      'may not be read',
      refusal(403, 'accessDenied', 'Access Denied: Permission bigquery.jobs.create denied in project acme'),
      /^failed: BigQuery denied access: permission bigquery.jobs.create is missing in project acme → Grant the account/,
    ],
    [
      'is in another location',
      refusal(404, 'notFound', 'Not found: Dataset acme:st_logs_v2 was not found in location US'),
      /^failed: .*BQ_LOCATION \(US\).* → Set BQ_LOCATION/,
    ],
    [
      'cannot be read because the service fails',
      failedJob('backendError', 'Error encountered during execution.'),
      /^failed: BigQuery .*backendError.* → Run again in a few minutes/,
    ],
  ])('doctor reports a log in BigQuery that %s, and never takes it for an empty warehouse', async (_, answer, message) => {
    const { code, troubles } = await diagnoseCloud(LOG_CHECKS, {
      objects: ['jobs/run-1/manifest.json'],
      otherwise: ({ path }) => (path.endsWith('/jobs') ? answer : undefined),
    });
    expect(code).toBe(1);
    expect(Object.keys(troubles)).toEqual(LOG_CHECKS);
    for (const trouble of Object.values(troubles)) expect(trouble).toMatch(message);
  });

  test.each([
    [
      'that was dropped',
      /raw_jobs$/,
      /^failed: st_raw_v2 has no raw table of jobs → .*npm run replay -- jobs/,
    ],
    ['that lacks columns', /no such table/, /^failed: .* lacks columns .* → .*npm run extract/],
  ])('doctor reports a raw table in BigQuery %s', async (_, absent, message) => {
    const { troubles } = await diagnoseCloud(['state'], {
      rows: LOADED,
      otherwise: ({ method, path, body }) => {
        if (method === 'GET' && absent.test(path)) return refusal(404, 'notFound');
        const isRead = path.endsWith('/jobs') && body.includes('raw_jobs');
        return isRead ? failedJob('notFound', 'Not found') : undefined;
      },
    });
    expect(troubles.state).toMatch(message);
  });

  test('doctor reports a raw table in BigQuery without read access and names the missing permission', async () => {
    const { troubles } = await diagnoseCloud(['state'], {
      rows: LOADED,
      otherwise: ({ path, body }) =>
        path.endsWith('/jobs') && body.includes('raw_jobs')
          ? failedJob('accessDenied', 'bigquery.tables.getData denied')
          : undefined,
    });
    expect(troubles.state).toMatch(/^failed: .*permission bigquery.tables.getData is missing.* → Grant/);
  });

  test('doctor reports rows that the log in BigQuery counts and the raw table lacks', async () => {
    const table = { entity: 'jobs', has_cursor: true, watermark: null, rows_unlogged: '0' };
    const { troubles } = await diagnoseCloud(['state'], {
      rows: { ...LOADED, rows_logged: [{ ...table, rows_stored: '50', rows_logged: '54' }] },
    });
    expect(troubles.state).toMatch(/^failed: jobs: the log has 54 .* lacks 4 → .*replay -- jobs/);
  });

  test('doctor reports a loaded run whose pages are gone from the bucket', async () => {
    const run = { entity: 'jobs', has_pages: true, is_loaded: true, is_open: false };
    const runs = [
      { ...run, run_id: 'run-1' },
      { ...run, run_id: 'run-2' },
    ];
    const { troubles } = await diagnoseCloud(['landed'], {
      rows: { ...LOADED, is_loaded: runs },
      objects: ['jobs/run-1/manifest.json'],
    });
    expect(troubles.landed).toMatch(
      /^failed: loaded runs are missing from the landing: jobs\/run-2 → Restore/,
    );
  });
});

test("doctor warns when BigQuery's clock differs from this machine's clock", async () => {
  const { troubles } = await diagnoseCloud(['clocks'], {
    rows: { current_timestamp: [{ present: text(at(20_000)) }] },
  });
  expect(troubles.clocks).toMatch(/^warning: the warehouse is (20|19) s ahead of this machine → Set/);
});

describe('doctor check of leases in BigQuery', () => {
  const lease = (until: Date) => ({
    rows: {
      ...LOADED,
      lease_owner: [{ entity: 'jobs', owner: `localhost:${process.pid}:1`, until: text(until) }],
    },
  });

  test('doctor takes a lease of another container with our host name and process id for a run at work', async () => {
    const { troubles, output } = await diagnoseCloud(['leases'], lease(at(50_000)));
    expect(troubles).toEqual({});
    expect(output).toContain(`a run is in progress: jobs (localhost:${process.pid}:1)`);
  });

  test('doctor warns about an expired lease in BigQuery as one of a run that is gone', async () => {
    const { troubles } = await diagnoseCloud(['leases'], lease(at(-1000)));
    expect(troubles.leases).toMatch(/^warning: leases of runs that have died: jobs \(localhost/);
  });
});

describe('doctor check of load tables in BigQuery', () => {
  test('doctor counts load tables of the last day that expire by themselves and does not warn', async () => {
    const { troubles, output } = await diagnoseCloud(['leftovers'], {
      stage: [
        [
          ['int_booked', null],
          ['load_jobs_1', at(2 * HOUR_MS)],
        ],
        [['load_jobs_2', at(19.5 * HOUR_MS)]],
      ],
    });
    expect(troubles).toEqual({});
    expect(output).toContain('load tables in use or of the last day: 2; the last expires in 20 h');
  });

  test('doctor names load tables in BigQuery that never expire', async () => {
    const { code, troubles } = await diagnoseCloud(['leftovers'], {
      stage: [[['load_jobs_1', at(HOUR_MS)]], [['load_jobs_2', null]]],
    });
    expect(code).toBe(0);
    expect(troubles.leftovers).toMatch(
      /^warning: 1 of 2 load tables have no expiry: st_stage_v2.load_jobs_2 → Drop them/,
    );
  });

  test('doctor reports load tables it may not list and still checks temporary files', async () => {
    const { verdicts, troubles } = await diagnoseCloud(['leftovers'], {
      otherwise: ({ path }) =>
        path.endsWith('/datasets/st_stage_v2/tables')
          ? refusal(403, 'accessDenied', 'Permission bigquery.tables.list denied on dataset')
          : undefined,
    });
    expect(verdicts.leftovers).toHaveLength(2);
    expect(troubles.leftovers).toMatch(/^failed: .*permission bigquery.tables.list is missing/);
  });

  test('doctor reports no load tables when the stage dataset does not exist yet', async () => {
    const { troubles, verdicts } = await diagnoseCloud(['leftovers'], {
      otherwise: ({ path }) =>
        path.endsWith('/datasets/st_stage_v2/tables') ? refusal(404, 'notFound') : undefined,
    });
    expect(troubles).toEqual({});
    expect(verdicts.leftovers).toEqual(['ok']);
  });
});

describe('doctor check of the landing in Cloud Storage', () => {
  test('doctor writes and reads a test object in the bucket and proves that it cannot be overwritten', async () => {
    const { troubles, output } = await diagnoseCloud(['landing'], {});
    expect(troubles).toEqual({});
    expect(output).toContain('gs://pages/st can be written, and its objects cannot be overwritten');
  });

  test('doctor names the missing permission and the bucket when the landing cannot be written', async () => {
    const { troubles } = await diagnoseCloud(['landing'], {
      otherwise: ({ path }) => (path.startsWith('/upload/') ? refusal(403, 'forbidden') : undefined),
    });
    expect(troubles.landing).toMatch(
      /^failed: .* the permission storage.objects.create is missing on bucket pages → Give the account/,
    );
  });

  test('doctor reports a landing whose bucket does not exist', async () => {
    const { troubles } = await diagnoseCloud(['landing'], {
      otherwise: ({ path }) =>
        /\/b\/pages/.test(path) ? refusal(404, 'notFound', 'No such bucket') : undefined,
    });
    expect(troubles.landing).toMatch(/^failed: LANDING_URI names bucket pages, .* → Create the bucket/);
  });
});
