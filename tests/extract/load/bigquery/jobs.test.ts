import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { ConfigurationError } from '../../../../base/errors.ts';
import { bigqueryClient, newGoogleClient } from '../../../../extract/load/bigquery/client.ts';
import { bigqueryFailure } from '../../../../extract/load/bigquery/errors.ts';
import { BRIEF, bigqueryJobs } from '../../../../extract/load/bigquery/jobs.ts';
import { loadObjects } from '../../../../extract/load/bigquery/load-tables.ts';
import { rowsOf } from '../../../../extract/load/bigquery/rows.ts';
import { prepareTables } from '../../../../extract/load/bigquery/tables.ts';
import { type BigqueryField, type Column, rawTable, type TableSchema } from '../../../../schemas/columns.ts';
import { testFolder } from '../../night.ts';
import { json, type Seen, scriptedServer, tokenReply } from '../../scripted-server.ts';

/** Scripts answers of BigQuery that the emulator does not give. */
type Api = Parameters<typeof scriptedServer>[0]['api'];

// Without credentials the client looks for Google's metadata server, which takes seconds.
beforeAll(() => vi.stubEnv('METADATA_SERVER_DETECTION', 'none'));

async function startBigquery(api: Api, options: { credentials?: object; maximumBytesBilled?: string } = {}) {
  const server = await scriptedServer({
    ...(api && { api }),
    token: (_, nth) => tokenReply(`token-${nth}`),
  });
  const place = {
    projectId: 'acme',
    location: 'US',
    maximumBytesBilled: options.maximumBytesBilled ?? null,
  };
  const credentials = options.credentials && { credentials: options.credentials };
  const google = newGoogleClient(place, { apiEndpoint: server.url, ...credentials });
  const client = bigqueryClient(place, google, { pauseMs: 1 });
  const { waits, ...waiting } = noWaiting();
  return { ...server, client, jobs: bigqueryJobs(client, { waiting }), waits };
}

/** Lets jobs wait no time, and notes how long they would have waited. */
function noWaiting(random = 0) {
  const waits: number[] = [];
  return { waits, sleep: async (ms: number) => void waits.push(ms), random: () => random };
}

const LABELS = { run: '20251027T120000Z-Ab', entity: 'jobs' };
const FIELDS: readonly BigqueryField[] = [{ name: 'id', type: 'INTEGER', mode: 'NULLABLE' }];
const URIS = [
  'gs://pages/st/jobs/run-1/page-00001.ndjson.gz',
  'gs://pages/st/jobs/run-1/page-00002.ndjson.gz',
];
const BATCH = {
  objects: URIS.map((uri, index) => ({ uri, sha256: `a1b${index}` })),
  fields: FIELDS,
  ignoreUnknownValues: false,
  labels: LABELS,
  now: new Date('2025-10-27T12:00:00Z'),
};

const done = (jobId: string, more: object = {}) =>
  json({ jobReference: { jobId }, status: { state: 'DONE' }, statistics: {}, ...more });
const failed = (jobId: string, reason: string, message: string, others: readonly object[] = []) =>
  done(jobId, {
    status: { state: 'DONE', errorResult: { reason, message }, errors: [{ reason, message }, ...others] },
  });
const refusal = (code: number, reason: string, message = reason) =>
  json({ error: { code, message, errors: [{ reason, message, domain: 'global' }] } }, code);
const jobIn = (seen: Seen) =>
  JSON.parse(seen.body) as {
    jobReference: { jobId: string; location: string };
    configuration: Record<string, Record<string, unknown>>;
  };
const isJobStart = ({ method, path }: Seen) => method === 'POST' && path.endsWith('/jobs');

describe('BigQuery load jobs', () => {
  test('a load job requested twice for one batch of pages loads it once: the second request waits for the first job', async () => {
    const started = new Set<string>();
    let asked = 0;
    const { client, jobs, calls } = await startBigquery((seen) => {
      if (seen.path.endsWith('/tables')) return asked++ === 0 ? json({}) : refusal(409, 'duplicate');
      if (seen.method === 'PATCH') return json({ numRows: '0' });
      if (!isJobStart(seen)) {
        const state = calls.filter(({ path }) => /\/jobs\/./.test(path)).length > 2 ? 'DONE' : 'RUNNING';
        if (seen.path.includes('/tables/')) return json({ numRows: '7' });
        return json({
          jobReference: { jobId: seen.path.split('/').at(-1) },
          status: { state },
          statistics: { load: { outputRows: '7' } },
        });
      }
      const { jobId } = jobIn(seen).jobReference;
      if (started.has(jobId)) return refusal(409, 'duplicate', `Already Exists: Job acme:US.${jobId}`);
      started.add(jobId);
      return json({ jobReference: { jobId }, status: { state: 'RUNNING' } });
    });
    const both = [
      await loadObjects(client, jobs, 'stage', BATCH),
      await loadObjects(client, bigqueryJobs(client, { waiting: noWaiting() }), 'stage', BATCH),
    ];
    expect(both[1]).toBe(both[0]);
    expect([...started]).toHaveLength(1);
    // The job writes the table that both calls return.
    expect(both[0]).toBe(`\`stage\`.\`${[...started][0]?.replace(/_1$/, '')}\``);
    expect(calls.filter(isJobStart)).toHaveLength(2);
  });

  test('no load job starts for a batch of pages whose load table exists already', async () => {
    const { client, jobs, calls } = await startBigquery((seen) =>
      seen.method === 'PATCH' ? json({ numRows: '7' }) : refusal(409, 'duplicate'),
    );
    expect(await loadObjects(client, jobs, 'stage', BATCH)).toMatch(/^`stage`\.`load_jobs_[0-9a-f]{24}`$/);
    expect(calls.filter(isJobStart)).toHaveLength(0);
  });

  test('a load job of an earlier day whose table has expired runs again under a new job id', async () => {
    const { client, jobs, calls } = await startBigquery((seen) => {
      if (seen.path.includes('/tables')) return json({ numRows: '0' });
      if (!isJobStart(seen)) return done('old', { statistics: { load: { outputRows: '7' } } });
      const { jobId } = jobIn(seen).jobReference;
      return jobId.endsWith('_1')
        ? refusal(409, 'duplicate')
        : done(jobId, { statistics: { load: { outputRows: '7' } } });
    });
    const table = await loadObjects(client, jobs, 'stage', BATCH);
    const names = calls.filter(isJobStart).map((seen) => jobIn(seen).jobReference.jobId);
    const name = table.replaceAll('`', '').replace('stage.', '');
    expect(names).toEqual([`${name}_1`, `${name}_2`]);
  });

  test('a load job has schema, location, labels and no tolerance for bad rows, and its table expires', async () => {
    const { client, jobs, calls } = await startBigquery((seen) =>
      isJobStart(seen) ? done('j', { statistics: { load: { outputRows: '1' } } }) : json({}),
    );
    await loadObjects(client, jobs, 'stage', BATCH);
    const [table, job] = calls;
    expect(JSON.parse(table?.body ?? '')).toMatchObject({
      expirationTime: String(Date.parse('2025-10-28T12:00:00Z')),
      schema: { fields: FIELDS },
    });
    const { jobReference, configuration } = jobIn(job as Seen);
    expect(jobReference).toMatchObject({ projectId: 'acme', location: 'US' });
    expect(configuration.labels).toEqual({ run: '20251027t120000z-ab', entity: 'jobs' });
    expect(configuration.load).toMatchObject({
      sourceUris: URIS,
      schema: { fields: FIELDS },
      maxBadRecords: 0,
      sourceFormat: 'NEWLINE_DELIMITED_JSON',
    });
  });

  test('another page, another order of pages or another column is another load table', async () => {
    const { client, jobs } = await startBigquery((seen) =>
      isJobStart(seen) ? done('j', { statistics: { load: { outputRows: '1' } } }) : json({}),
    );
    const [first, second] = BATCH.objects;
    const changed = { ...FIELDS[0], type: 'STRING' } as BigqueryField;
    const batches = [
      BATCH,
      { ...BATCH, objects: first ? [first] : [] },
      { ...BATCH, objects: first && second ? [second, first] : [] },
      { ...BATCH, objects: BATCH.objects.map((object) => ({ ...object, sha256: 'ffff' })) },
      { ...BATCH, fields: [changed] },
      { ...BATCH, ignoreUnknownValues: true },
    ];
    const tables = await Promise.all(batches.map((batch) => loadObjects(client, jobs, 'stage', batch)));
    expect(new Set(tables).size).toBe(batches.length);
    expect(await loadObjects(client, jobs, 'stage', BATCH)).toBe(tables[0]);
  });

  test('a load job with a bad row reports object and position and never the value', async () => {
    const uri = 'gs://pages/st/jobs/run-1/page-00001.ndjson.gz';
    const { client, jobs } = await startBigquery((seen) =>
      isJobStart(seen)
        ? failed(
            'j',
            'invalid',
            'Error while reading data, error message: JSON table encountered too many errors',
            [
              {
                reason: 'invalid',
                message: `Error while reading data, error message: JSON parsing error in row starting at position 1234: Could not convert value 'string_value: "Mrs Example"' to integer. Field: jobId; Value: Mrs Example File: ${uri}`,
              },
            ],
          )
        : json({}),
    );
    const failure = await loadObjects(client, jobs, 'stage', BATCH).catch((error: Error) => error);
    expect(String(failure)).toContain(`${uri}, position 1234, field jobId`);
    expect(inspect(failure, { depth: 9 })).not.toContain('Mrs Example');
  });
});

describe('retries of BigQuery jobs', () => {
  test.each([
    ['a rate limit', 403, 'rateLimitExceeded'],
    ['a user rate limit', 403, 'userRateLimitExceeded'],
    ['an overload', 503, 'backendError'],
    ['too many requests', 429, 'rateLimitExceeded'],
  ])('a BigQuery request refused for %s is retried with the same job id', async (_, status, reason) => {
    const { jobs, calls } = await startBigquery((__, nth) =>
      nth === 1 ? refusal(status, reason) : done('j'),
    );
    await jobs.query('SELECT 1', LABELS);
    expect(calls).toHaveLength(2);
    // The same job id both times, so a job that the first request may have started is not started again.
    expect(new Set(calls.map((seen) => jobIn(seen).jobReference.jobId)).size).toBe(1);
  });

  test.each([
    [
      'the service failed',
      'backendError',
      'Error encountered during execution. Retrying may solve the problem.',
    ],
    ['too many ran at once', 'jobRateLimitExceeded', 'Exceeded rate limits'],
    [
      'another transaction changed the table',
      'invalidQuery',
      'Transaction is aborted due to concurrent update against table acme:st_logs_v2.sync_state',
    ],
  ])('a BigQuery job that failed because %s runs again under a new job id', async (_, reason, message) => {
    const { jobs, calls } = await startBigquery((seen, nth) => {
      const { jobId } = jobIn(seen).jobReference;
      return nth < 3 ? failed(jobId, reason, message) : done(jobId);
    });
    await jobs.query('SELECT 1', LABELS);
    expect(new Set(calls.map((seen) => jobIn(seen).jobReference.jobId)).size).toBe(3);
  });

  test.each([
    ['earliest', 0, [1000, 2000, 4000, 8000, 16_000, 16_000]],
    ['latest', 1, [2000, 4000, 8000, 16_000, 32_000, 32_000]],
  ])('a BigQuery job that keeps failing is tried seven times, with delays from 1 to 32 s at the %s', async (_, random, delays) => {
    const { client, calls } = await startBigquery((seen) =>
      failed(jobIn(seen).jobReference.jobId, 'backendError', 'Error'),
    );
    const { waits, ...waiting } = noWaiting(random);
    await expect(bigqueryJobs(client, { waiting }).query('SELECT 1', LABELS)).rejects.toThrow(
      'BigQuery refused the request (backendError)',
    );
    expect(calls).toHaveLength(7);
    expect(waits).toEqual(delays);
  });

  test('a look at BigQuery, for which a person waits, gives up after three attempts and two seconds', async () => {
    const { client, calls } = await startBigquery((seen) =>
      failed(jobIn(seen).jobReference.jobId, 'backendError', 'Error'),
    );
    const { waits, ...waiting } = noWaiting(1);
    const look = bigqueryJobs(client, { waiting, retries: BRIEF }).query('SELECT 1', LABELS);
    await expect(look).rejects.toThrow('backendError');
    expect(calls).toHaveLength(3);
    expect(waits).toEqual([600, 1200]);
  });

  test('a running BigQuery job is looked at after 1 s, and then less and less often', async () => {
    const { jobs, calls, waits } = await startBigquery((seen, nth) =>
      nth < 7
        ? json({ jobReference: { jobId: 'j' }, status: { state: 'RUNNING' } })
        : done(isJobStart(seen) ? 'never' : 'j'),
    );
    await jobs.query('SELECT 1', LABELS);
    expect(waits).toEqual([1000, 1500, 2250, 3375, 5000, 5000]);
    expect(calls.filter(({ method }) => method === 'GET')).toHaveLength(6);
  });

  test('a BigQuery query runs in UTC, whatever the default time zone of its project is', async () => {
    const { jobs, calls } = await startBigquery((seen) => done(jobIn(seen).jobReference.jobId));
    await jobs.query('SELECT 1', LABELS);
    const [started] = calls.filter(isJobStart).map(jobIn);
    expect(started?.configuration.query?.connectionProperties).toEqual([{ key: 'time_zone', value: 'UTC' }]);
  });

  test('a BigQuery query with a syntax error is not retried', async () => {
    const { jobs, calls } = await startBigquery((seen) =>
      failed(jobIn(seen).jobReference.jobId, 'invalidQuery', 'Syntax error'),
    );
    await expect(jobs.query('SELEC 1', LABELS)).rejects.toThrow('invalidQuery');
    expect(calls).toHaveLength(1);
  });
});

test('all BigQuery clients of a process together start at most 50 requests in a second', async () => {
  const place = { projectId: 'acme', location: 'US', maximumBytesBilled: null };
  const startedMs: number[] = [];
  const request = (_: unknown, done: (error: null, body: object) => void) => {
    startedMs.push(Date.now());
    done(null, {});
  };
  const google = { request } as unknown as ReturnType<typeof newGoogleClient>;
  const clients = [bigqueryClient(place, google), bigqueryClient(place, google)];
  const ask = (client: (typeof clients)[number]) => client.request('GET', '/datasets/d');
  await Promise.all(clients.flatMap((client) => Array.from({ length: 30 }, () => ask(client))));
  expect(startedMs).toHaveLength(60);
  // The 51st waited until the first was a second old; a clock of whole milliseconds may show a little less.
  const [first = 0, later = 0] = [startedMs[0], startedMs[50]];
  expect(later - first).toBeGreaterThanOrEqual(990);
});

describe('missing locations, permissions, projects and credentials of BigQuery', () => {
  const prepare = async (api: Api) => {
    const { client } = await startBigquery(api);
    const datasets = { raw: 'st_raw_v2', stage: 's', mart: 'm', logs: 'l' };
    return prepareTables(client, datasets, []).then(
      () => '',
      (error: Error & { remedy?: string }) => `${error.name}: ${error.message} → ${error.remedy}`,
    );
  };

  test('a dataset in another location than BQ_LOCATION is a configuration error', async () => {
    const text = await prepare(() => json({ location: 'EU' }));
    expect(text).toContain('Dataset st_raw_v2 is in EU, but BQ_LOCATION is US → Set BQ_LOCATION=EU');
    expect(text).toMatch(/^ConfigurationError/);
  });

  test('a job in another location than its dataset is a configuration error of BQ_LOCATION', async () => {
    const { jobs } = await startBigquery(() =>
      refusal(404, 'notFound', 'Not found: Dataset acme:st_raw_v2 was not found in location US'),
    );
    const failure = await jobs.query('SELECT 1', LABELS).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigurationError);
    expect(String(failure)).toContain('BQ_LOCATION (US)');
  });

  test('a missing permission on a BigQuery dataset is named with its project', async () => {
    const text = await prepare(() =>
      refusal(
        403,
        'accessDenied',
        'Access Denied: Dataset acme:st_raw_v2: Permission bigquery.datasets.get denied on dataset acme:st_raw_v2 (or it may not exist).',
      ),
    );
    expect(text).toContain('permission bigquery.datasets.get is missing in project acme');
  });

  test('a load job without storage.objects.get on the bucket names that permission', async () => {
    const { jobs } = await startBigquery((seen) =>
      failed(
        jobIn(seen).jobReference.jobId,
        'accessDenied',
        'Access Denied: File gs://pages/x: a@b does not have storage.objects.get access to the object.',
      ),
    );
    await expect(jobs.query('SELECT 1', LABELS)).rejects.toThrow('permission storage.objects.get is missing');
  });

  test('a missing Google Cloud project and a disabled BigQuery API are named', async () => {
    expect(await prepare(() => refusal(404, 'notFound', 'Not found: Project acme'))).toMatch(
      /^ConfigurationError.*Google Cloud project acme does not exist.*Correct BQ_PROJECT_ID/s,
    );
    const off = 'BigQuery API has not been used in project 1 before or it is disabled.';
    expect(await prepare(() => refusal(403, 'accessNotConfigured', off))).toContain(
      'The BigQuery API is not enabled in project acme',
    );
  });

  test('refused Google credentials of BigQuery are reported', async () => {
    expect(await prepare(() => refusal(401, 'authError', 'Invalid Credentials'))).toMatch(
      /no Google credentials.*GOOGLE_APPLICATION_CREDENTIALS|refused the credentials/s,
    );
  });

  test('a query over BQ_MAXIMUM_BYTES_BILLED is refused and names that variable', async () => {
    const { jobs, calls } = await startBigquery(
      (seen) =>
        failed(
          jobIn(seen).jobReference.jobId,
          'bytesBilledLimitExceeded',
          'Query exceeded limit for bytes billed: 1000. 10485760 or higher required.',
        ),
      { maximumBytesBilled: '1000' },
    );
    await expect(jobs.query('SELECT 1', LABELS)).rejects.toThrow('than BQ_MAXIMUM_BYTES_BILLED allows');
    expect(jobIn(calls[0] as Seen).configuration.query).toMatchObject({ maximumBytesBilled: '1000' });
  });
});

test('a Google access token that ends soon is renewed, and refused credentials are reported', async () => {
  const folder = testFolder();
  const subject = join(folder, 'subject');
  writeFileSync(subject, 'who we are');
  const server = await scriptedServer({
    token: (_, nth) =>
      json({
        access_token: `token-${nth}`,
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        token_type: 'Bearer',
        expires_in: 1,
      }),
    api: (seen, nth) =>
      nth < 3 ? done(jobIn(seen).jobReference.jobId) : refusal(401, 'authError', 'Invalid Credentials'),
  });
  const credentials = {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${server.url}/connect/token`,
    credential_source: { file: subject },
  };
  const place = { projectId: 'acme', location: 'US', maximumBytesBilled: null };
  const google = newGoogleClient(place, { apiEndpoint: server.url, credentials });
  const jobs = bigqueryJobs(bigqueryClient(place, google), { waiting: noWaiting() });
  await jobs.query('SELECT 1', LABELS);
  await jobs.query('SELECT 1', LABELS);
  const bearers = server.calls.map(({ headers }) => headers.authorization);
  expect(new Set(bearers).size).toBe(2);
  expect(bearers[0]).toMatch(/^Bearer token-/);
  const failure = await jobs.query('SELECT 1', LABELS).catch((error: unknown) => error);
  expect(String(failure)).toContain('Google refused the credentials');
  expect(inspect(failure, { depth: 9 })).not.toContain('token-');
});

test('NUMERIC values from BigQuery are written with nine decimals in every spelling', async () => {
  const amounts = ['12.5', '-0.25', '7', '0', '0E-9', '-1.5E-8', '99999999999999999999999999999.999999999'];
  const { client } = await startBigquery(() =>
    json({
      schema: { fields: [{ name: 'amount', type: 'NUMERIC', mode: 'NULLABLE' }] },
      rows: amounts.map((v) => ({ f: [{ v }] })),
    }),
  );
  const rows = await rowsOf(client, { jobReference: { jobId: 'q' }, status: { state: 'DONE' } });
  expect(rows.map(({ amount }) => amount)).toEqual([
    ...['12.500000000', '-0.250000000', '7.000000000', '0.000000000', '0.000000000', '-0.000000015'],
    '99999999999999999999999999999.999999999',
  ]);
});

test('the cost of all BigQuery jobs is added up', async () => {
  const { jobs } = await startBigquery((seen) =>
    done(jobIn(seen).jobReference.jobId, {
      statistics: { totalSlotMs: '1500', query: { totalBytesBilled: '10485760' } },
    }),
  );
  await jobs.query('SELECT 1', LABELS);
  await jobs.query('SELECT 2', LABELS);
  expect(jobs.cost()).toEqual({ bytesBilled: 20_971_520, slotMs: 3000, jobs: 2, requests: 2 });
});

test('a BigQuery service that refuses connections is reported as unreachable', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const { message } = bigqueryFailure(refused, { projectId: 'acme', location: 'US' });
  expect(message).toBe('BigQuery cannot be reached (ECONNREFUSED)');
});

describe('BigQuery tables whose schema has grown', () => {
  const nested = (...fields: readonly Column[]): Column => ({
    ...column('items', 'STRUCT'),
    repeated: true,
    fields,
  });
  const things = (...columns: readonly Column[]): TableSchema => ({
    dataset: 'raw',
    name: 'raw_things',
    description: 'Things.',
    columns,
  });
  const datasets = { raw: 'r', stage: 's', mart: 'm', logs: 'l' };
  const standing = [
    { name: 'id', type: 'INTEGER', mode: 'NULLABLE', description: 'old words' },
    {
      name: 'items',
      type: 'RECORD',
      mode: 'REPEATED',
      fields: [{ name: 'b', type: 'FLOAT', mode: 'NULLABLE' }],
    },
  ];
  const start = () =>
    startBigquery((seen) =>
      json(seen.path.endsWith('/raw_things') ? { schema: { fields: standing } } : { location: 'US' }),
    );

  test('a BigQuery table gets new columns after its existing columns, nested ones too', async () => {
    const { client, calls } = await start();
    const schema = things(
      column('new', 'NUMERIC'),
      column('id', 'INT64'),
      nested(column('a', 'STRING'), column('b', 'FLOAT64')),
    );
    const fields = (await prepareTables(client, datasets, [schema])).get('raw.raw_things');
    expect(fields?.map(({ name }) => name)).toEqual(['id', 'items', 'new']);
    expect(fields?.[1]?.fields?.map(({ name }) => name)).toEqual(['b', 'a']);
    const patch = calls.find(({ method }) => method === 'PATCH');
    expect(JSON.parse(patch?.body ?? '{}')).toEqual({ schema: { fields } });
  });

  test('a BigQuery table without new columns is not patched', async () => {
    const { client, calls } = await start();
    await prepareTables(client, datasets, [things(column('id', 'INT64'), nested(column('b', 'FLOAT64')))]);
    expect(calls.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test.each([
    ['column id is INT64, but its schema says STRING', things(column('id', 'STRING'))],
    ['column items.b is FLOAT64, but its schema says NUMERIC', things(nested(column('b', 'NUMERIC')))],
    ['column items is ARRAY<STRUCT>, but its schema says STRING', things(column('items', 'STRING'))],
  ])('a BigQuery table whose column changed its type is refused: %s', async (text, schema) => {
    const { client, calls } = await start();
    await expect(prepareTables(client, datasets, [schema])).rejects.toThrow(`r.raw_things: ${text}`);
    expect(calls.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test('a raw table in BigQuery is partitioned by month and clustered by id', async () => {
    const { client, calls } = await startBigquery((seen) =>
      seen.method === 'GET' && seen.path.endsWith('/raw_jobs')
        ? refusal(404, 'notFound')
        : json({ location: 'us' }),
    );
    await prepareTables(client, datasets, [rawTable('jobs')]);
    const created = calls.find(({ method }) => method === 'POST');
    expect(JSON.parse(created?.body ?? '{}')).toMatchObject({
      timePartitioning: { type: 'MONTH', field: '_extracted_at' },
      clustering: { fields: ['id'] },
    });
  });
});

function column(name: string, type: Column['type']): Column {
  return { name, type, repeated: false, required: false, description: '', personal: false };
}
