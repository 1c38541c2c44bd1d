import { CRC32C } from '@google-cloud/storage';
import { describe, expect, test, vi } from 'vitest';
import type { DoctorContext, Finding } from '../../../app/doctor/check.ts';
import { load } from '../../../app/doctor/load.ts';
import { runChecks } from '../../../app/doctor/run.ts';
import { readConfig } from '../../../extract/config.ts';
import { json, type Seen, scriptedServer } from '../../extract/scripted-server.ts';
import { failedJob, refusal } from './cloud-patient.ts';

type Reply = ReturnType<typeof json>;
type Row = Readonly<Record<string, unknown>>;

/** The row that the probe loads, as BigQuery's API returns it. */
const part = (cost: string) => ({ v: { f: [{ v: cost }] } });
const ROW: Row = {
  id: '9007199254740991',
  amount: '123456789012.345',
  wide: '12345678901234567890.123456789',
  tags: [],
  document: '{"code":"007","count":3,"none":null}',
  seen_at: String(Date.parse('2025-10-27T12:00:00Z') * 1000 + 123_456),
  lines: [
    { v: { f: [{ v: 'a' }, { v: [part('0.1'), part('99999999999999999999.000000001')] }] } },
    { v: { f: [{ v: 'b' }, { v: [] }] } },
  ],
};

/** What this BigQuery does differently from one on which all is well. */
interface Trouble {
  readonly row?: Row;
  /** Rows that the transaction left behind. */
  readonly kept?: string;
  /** The script of the transaction goes on after error(). */
  readonly ignoresError?: boolean;
  readonly otherwise?: (seen: Seen) => Reply | undefined;
}

/** Runs the check against a scripted server whose datasets do not exist yet. Waiting takes no time, and moves the clock. */
async function examine({ row = ROW, kept = '0', ignoresError = false, otherwise }: Trouble = {}) {
  const queries = new Map<string, string>();
  const schemas: object[] = [];
  const objects = new Map<string, Buffer>();
  const bigquery = (seen: Seen): Reply => {
    if (seen.method === 'POST' && seen.path.endsWith('/jobs')) {
      const { jobReference, configuration } = JSON.parse(seen.body);
      if (configuration.load) schemas.push(...configuration.load.schema.fields);
      const sql: string = configuration.query?.query ?? '';
      queries.set(jobReference.jobId, sql);
      if (sql.includes('ERROR(') && !ignoresError)
        return failedJob('invalidQuery', 'doctor ends this transaction at [3:8]');
      return json({
        jobReference,
        status: { state: 'DONE' },
        statistics: { query: { totalBytesBilled: '10485760' } },
      });
    }
    if (seen.path.includes('/queries/')) {
      const isCount = queries.get(seen.path.split('/').at(-1) ?? '')?.includes('COUNT(*)');
      return isCount
        ? json({ schema: { fields: [{ name: 'kept', type: 'INTEGER' }] }, rows: [{ f: [{ v: kept }] }] })
        : json({
            schema: { fields: schemas },
            rows: [{ f: Object.values(row).map((v) => ({ v: repeated(v) })) }],
          });
    }
    if (seen.method === 'GET') return seen.path.endsWith('/jobs') ? json({}) : refusal(404, 'notFound');
    return json({});
  };
  const server = await scriptedServer({
    api: (seen) =>
      otherwise?.(seen) ?? (/\/b\/pages\//.test(seen.path) ? storage(seen, objects) : bigquery(seen)),
  });
  vi.stubEnv('BIGQUERY_EMULATOR_HOST', `${server.url}/bigquery/v2`);
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
  const env = { BQ_PROJECT_ID: 'acme', LANDING_URI: 'gs://pages/st', STORAGE_API_URL: server.url };
  let nowMs = Date.parse('2025-10-27T12:00:00Z');
  const told: string[] = [];
  const context = {
    ...{ config: readConfig(env, { cwd: '/', now: new Date(nowMs) }), problems: [], projectDir: '/' },
    ...{ now: () => new Date(nowMs), signal: new AbortController().signal },
    sleep: async (ms: number) => {
      nowMs += ms;
    },
    tell: (sentence: string) => told.push(sentence),
    warehouse: async () => undefined,
  } as unknown as DoctorContext;
  const findings: Finding[] = [];
  for await (const result of runChecks([load], context)) findings.push(...result.findings);
  const waitedMs = nowMs - Date.parse('2025-10-27T12:00:00Z');
  const texts = findings.map(
    ({ verdict, text, remedy }) => `${verdict}: ${text}${remedy ? ` → ${remedy}` : ''}`,
  );
  return { texts, told, waitedMs, calls: server.calls, objects: [...objects.keys()] };
}

const repeated = (value: unknown) =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') ? value.map((v) => ({ v })) : value;

/** A bucket that writes an object once. */
function storage(seen: Seen, objects: Map<string, Buffer>): Reply {
  if (seen.path.startsWith('/upload/')) {
    const name = seen.query.get('name') ?? '';
    objects.set(name, Buffer.from('landed'));
    return json({ name, bucket: 'pages', size: '6' });
  }
  const body = objects.get(decodeURIComponent(seen.path.split('/o/')[1] ?? ''));
  if (body === undefined)
    return seen.path.includes('/o/') ? refusal(404, 'notFound', 'No such object') : json({ prefixes: [] });
  const crc32c = new CRC32C();
  crc32c.update(body);
  return { headers: { 'x-goog-hash': `crc32c=${crc32c}` }, body };
}

const isTable = ({ method, path }: Seen) => method === 'POST' && path.endsWith('/st_stage_v2/tables');
const isLoad = ({ path, body }: Seen) => path.endsWith('/jobs') && body.includes('sourceUris');
const tablesLeft = (calls: readonly Seen[]) => {
  const made = calls
    .filter(isTable)
    .map(({ path, body }) => `${path}/${JSON.parse(body).tableReference.tableId}`);
  const dropped = new Set(calls.filter(({ method }) => method === 'DELETE').map(({ path }) => path));
  return made.filter((path) => !dropped.has(path));
};

describe('doctor load', () => {
  test('doctor load settles digits and transactions, and leaves neither table nor dataset', async () => {
    const { texts, calls, objects, told } = await examine();
    expect(texts).toEqual([
      'ok: a row was loaded by a job and read back with every digit: amounts, JSON, microseconds, nested records',
      'ok: a transaction that was ended on purpose left nothing; three small queries took 0 s',
      expect.stringMatching(/^skipped: BigQuery checks no model before its datasets exist: st_raw_v2, /),
      'ok: load jobs of this account in the last day: 0 of the 100000 that a project may run',
      'skipped: partitions cannot be counted before the mart is built',
      'ok: BigQuery billed 30 MiB for this',
    ]);
    expect(told).toEqual([]);
    expect(tablesLeft(calls)).toEqual([]);
    const datasets = (method: string, path: RegExp) =>
      calls.filter((one) => one.method === method && path.test(one.path));
    expect(datasets('POST', /\/datasets$/)).toHaveLength(1);
    expect(datasets('DELETE', /\/datasets\/st_stage_v2$/)).toHaveLength(1);
    // The object stays, because a run deletes none. Every run has the same.
    expect(objects).toEqual([expect.stringMatching(/^st\/_doctor\/load-[0-9a-f]{8}\.ndjson\.gz$/)]);
    expect((await examine()).objects).toEqual(objects);
  });

  test.each([
    ['amount', '123456789012.344', '"123456789012.344000000" instead of "123456789012.345000000"'],
    ['wide', '12345678901234567890.123456780', '"12345678901234567890.123456780" instead of'],
    ['tags', [''], '[""] instead of []'],
    ['document', '{"code":7,"count":3,"none":null}', 'instead of'],
    [
      'seen_at',
      String(Date.parse('2025-10-27T12:00:00.123Z') * 1000),
      '"2025-10-27 12:00:00.123+00" instead of',
    ],
    ['lines', [], '[] instead of [{"sku":"a"'],
  ])('doctor load names a value that reads back changed: %s', async (name, value, words) => {
    const { texts, calls } = await examine({ row: { ...ROW, [name]: value } });
    expect(texts[0]).toMatch(
      /^failed: a row that was loaded by a job reads back changed: .* → Do not run a night/,
    );
    expect(texts[0]).toContain(`changed: ${name} is `);
    expect(texts[0]).toContain(words);
    expect(texts[0]).not.toContain('; ');
    expect(tablesLeft(calls)).toEqual([]);
  });

  test.each([
    ['its row stays', { kept: '1' }, 'a transaction that ended with error() left its row in the table'],
    ['the script goes on', { ignoresError: true }, 'a script went on after error()'],
  ])('doctor load reports a transaction that does not roll back: %s', async (_, trouble, words) => {
    const { texts, calls } = await examine(trouble);
    expect(texts[1]).toContain(`failed: ${words}`);
    expect(tablesLeft(calls)).toEqual([]);
  });
});

describe('doctor load while a permission is missing', () => {
  const deniedTimes = (times: number, matches: (seen: Seen) => boolean, reply: Reply) => {
    let left = times;
    return (seen: Seen) => (matches(seen) && left-- > 0 ? reply : undefined);
  };
  const NO_TABLE = refusal(403, 'accessDenied', 'Permission bigquery.tables.create denied on dataset');

  test.each([
    ['a table', isTable, NO_TABLE, 'bigquery.tables.create'],
    [
      'an object',
      ({ path }: Seen) => path.startsWith('/upload/'),
      refusal(403, 'forbidden'),
      'storage.objects.create',
    ],
    [
      'a load job',
      isLoad,
      failedJob('accessDenied', 'Access Denied: no storage.objects.get access'),
      'storage.objects.get',
    ],
  ])('doctor load tells and waits until the grant for %s is effective', async (_, matches, reply, permission) => {
    const { texts, told, waitedMs, calls } = await examine({ otherwise: deniedTimes(3, matches, reply) });
    expect(texts.filter((text) => text.startsWith('failed'))).toEqual([]);
    expect(texts[0]).toMatch(/^ok: a row was loaded/);
    expect(told).toHaveLength(3);
    expect(told[0]).toMatch(
      new RegExp(`${permission} is missing .*A new grant can take minutes: .* for 7 min`),
    );
    expect(waitedMs).toBe(60_000);
    expect(tablesLeft(calls)).toEqual([]);
  });

  test('doctor load gives up after seven minutes, names the permission, and goes on with the rest', async () => {
    const { texts, waitedMs } = await examine({ otherwise: deniedTimes(9999, isTable, NO_TABLE) });
    expect(texts[0]).toMatch(/^failed: .*bigquery.tables.create is missing.* → Grant the account/);
    expect(waitedMs).toBe(7 * 60_000);
    expect(texts).toContain(
      'ok: load jobs of this account in the last day: 0 of the 100000 that a project may run',
    );
  });
});

describe('doctor load where a place or a quota is wrong', () => {
  test('doctor load reports a dataset in another location, and loads nothing', async () => {
    const { texts, calls } = await examine({
      otherwise: ({ method, path }) =>
        method === 'GET' && path.endsWith('/st_mart_v2') ? json({ location: 'EU' }) : undefined,
    });
    expect(texts).toEqual([
      expect.stringMatching(
        /^failed: Dataset st_mart_v2 is in EU, but BQ_LOCATION is US → Set BQ_LOCATION=EU/,
      ),
    ]);
    expect(calls.filter(isTable)).toEqual([]);
  });

  test.each([
    [
      'a bucket in another location',
      'invalid',
      'Cannot read and write in different locations: source: EU, destination: US',
      /^failed: .*not all in BQ_LOCATION \(US\) → Set BQ_LOCATION/,
    ],
    [
      'an exhausted quota',
      'quotaExceeded',
      'Quota exceeded: Your project exceeded quota for imports per project',
      /^failed: A quota of BigQuery is exhausted in project acme → See which one/,
    ],
  ])('doctor load reports %s at once, and drops its table', async (_, reason, message, words) => {
    const { texts, calls, waitedMs } = await examine({
      otherwise: (seen) => (isLoad(seen) ? failedJob(reason, message) : undefined),
    });
    expect(texts[0]).toMatch(words);
    expect(waitedMs).toBe(0);
    expect(calls.filter(isLoad)).toHaveLength(1);
    expect(tablesLeft(calls)).toEqual([]);
  });

  const listed = (pages: number) => (seen: Seen) => {
    if (seen.method !== 'GET' || !seen.path.endsWith('/jobs')) return undefined;
    const page = Number(seen.query.get('pageToken') ?? 1);
    const jobs = Array.from({ length: 1000 }, () => ({ configuration: { jobType: 'LOAD' } }));
    const others = [{ configuration: { jobType: 'QUERY' } }];
    return json({ jobs: [...jobs, ...others], ...(page < pages && { nextPageToken: String(page + 1) }) });
  };

  test('doctor load counts the load jobs of the last day, and warns near the limit of a project', async () => {
    const near = await examine({ otherwise: listed(80) });
    expect(near.texts[3]).toMatch(/^warning: load jobs .*: 80000 of the 100000 .* → Spread first nights/);
    const [asked] = near.calls.filter(({ method, path }) => method === 'GET' && path.endsWith('/jobs'));
    expect(Number(asked?.query.get('minCreationTime'))).toBe(Date.parse('2025-10-26T12:00:00Z'));
    expect((await examine({ otherwise: listed(79) })).texts[3]).toMatch(/^ok: load jobs .*: 79000 of/);
  });

  test('doctor load counts no load jobs where the account may not list them', async () => {
    const { texts, told } = await examine({
      otherwise: ({ method, path }) =>
        method === 'GET' && path.endsWith('/jobs')
          ? refusal(403, 'accessDenied', 'Permission bigquery.jobs.list denied')
          : undefined,
    });
    expect(texts[3]).toBe('skipped: load jobs cannot be counted without the permission bigquery.jobs.list');
    expect(told).toEqual([]);
  });
});
