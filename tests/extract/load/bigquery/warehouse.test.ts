import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { folderLanding } from '../../../../extract/landing/folder.ts';
import type { Landing } from '../../../../extract/landing/landing.ts';
import {
  type LandedFile,
  type LandedPage,
  type Manifest,
  NO_CURSOR,
  objectPath,
  schemaVersion,
  sha256,
} from '../../../../extract/landing/manifest.ts';
import { newGoogleClient } from '../../../../extract/load/bigquery/client.ts';
import { openBigquery } from '../../../../extract/load/bigquery/warehouse.ts';
import { rejectedLines } from '../../../../extract/pages/rejected-records.ts';
import { declaredTables } from '../../../../schemas/columns.ts';
import { testFolder } from '../../night.ts';
import { json, type Seen, scriptedServer, tokenReply } from '../../scripted-server.ts';

// Without credentials the client looks for Google's metadata server, which takes seconds.
beforeAll(() => vi.stubEnv('METADATA_SERVER_DETECTION', 'none'));

const DATASETS = { raw: 'r', stage: 's', mart: 'm', logs: 'l' };
const START = Date.parse('2025-10-27T12:00:00Z');
const at = (seconds: number) => new Date(START + seconds * 1000);
const runOf = (entity: string) =>
  ({ entity, runId: 'run-1', runDate: '2025-10-27', mode: 'full', now: at(0) }) as const;

interface LoadJob {
  readonly sourceUris: readonly string[];
  readonly schema: { readonly fields: readonly { readonly name: string }[] };
  readonly ignoreUnknownValues: boolean;
}

type Row = Readonly<Record<string, string>>;

/**
 * A warehouse whose service accepts everything. It counts the rows of the files to load and answers a query with
 * what `answer` returns for its text, or no rows. Statements that match `held` wait until `release` is called.
 */
async function startWarehouse(
  options: {
    personalData?: 'keep' | 'drop';
    answer?: (sql: string) => { rows?: readonly Row[]; affected?: number } | undefined;
    held?: RegExp;
  } = {},
) {
  const statements: string[] = [];
  const loads: LoadJob[] = [];
  const rowsOf = new Map<string, readonly Row[]>();
  const waiting: (() => void)[] = [];

  function start({ body }: Seen) {
    const { jobReference, configuration } = JSON.parse(body);
    const ended = (statistics: object) => ({ jobReference, status: { state: 'DONE' }, statistics });
    if (configuration.load) {
      loads.push(configuration.load);
      return json(ended({ load: { outputRows: String(linesOf(configuration.load).length) } }));
    }
    const sql: string = configuration.query.query;
    const { rows = [], affected = 1 } = options.answer?.(sql) ?? {};
    statements.push(sql);
    rowsOf.set(jobReference.jobId, sql.includes('SELECT versions') ? [COUNTS] : rows);
    const reply = ended({ query: { numDmlAffectedRows: String(affected) } });
    if (!options.held?.test(sql)) return json(reply);
    return (response: ServerResponse) => {
      waiting.push(() => response.setHeader('content-type', 'application/json').end(JSON.stringify(reply)));
    };
  }

  const server = await scriptedServer({
    token: () => tokenReply(),
    api: (seen) => {
      if (seen.method === 'POST' && seen.path.endsWith('/jobs')) return start(seen);
      const rows = rowsOf.get(seen.path.split('/').at(-1) ?? '') ?? [];
      const names = Object.keys(rows[0] ?? {});
      return json({
        location: 'US',
        schema: { fields: names.map((name) => ({ name, type: 'STRING', mode: 'NULLABLE' })) },
        rows: rows.map((row) => ({ f: names.map((name) => ({ v: row[name] })) })),
      });
    },
  });
  const place = { projectId: 'acme', location: 'US', maximumBytesBilled: null };
  const warehouse = openBigquery({
    config: { datasets: DATASETS, personalData: options.personalData ?? 'keep' },
    place,
    runId: 'run-1',
    google: newGoogleClient(place, { apiEndpoint: server.url }),
  });
  await warehouse.prepare(TABLES);
  const release = () => {
    for (const answer of waiting.splice(0)) answer();
  };
  return { warehouse, statements, loads, release };
}

const TABLES = declaredTables().filter(({ name }) =>
  /^(raw_(estimates|jobs)|sync_state|ingestion_logs|rejected_records)$/.test(name),
);
const COUNTS = { versions: '0', visible: '0', added: '0' };

function linesOf({ sourceUris: [file = ''] }: LoadJob): readonly Record<string, unknown>[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

const SCHEMA_VERSION = schemaVersion('estimates');

/** A landed run of estimates that is empty except for `parts`. */
function landedRun(parts: Partial<Manifest> = {}): Manifest {
  return {
    ...{ entity: 'estimates', run_id: 'run-1', run_date: '2025-10-27', mode: 'full', feed: 'list' },
    ...{ changed_from: null, schema_version: SCHEMA_VERSION },
    ...{ started_at: at(0).toISOString(), ended_at: at(9).toISOString(), pages: [], rejected: [] },
    ...{ unknown_fields: {}, drift: { records: 0, findings: [] }, rows_source: null, rows_read: 0 },
    ...{ api_calls: 1, retries: 0, bytes: 1, cursor_before: NO_CURSOR, cursor_after: NO_CURSOR },
    ...parts,
  };
}

async function put(landing: Landing, file: string, text: string): Promise<LandedFile> {
  const bytes = gzipSync(text);
  await landing.put(objectPath({ entity: 'estimates', run_id: 'run-1' }, file), bytes);
  const rows = text.split('\n').length - 1;
  return { file, bytes: bytes.length, line_bytes: text.length, sha256: sha256(bytes), rows };
}

describe('heartbeats of leases on BigQuery', () => {
  const PROLONGS = /UPDATE `l`\.`sync_state` SET lease_until = (?!GREATEST)/;

  test('one statement extends all due leases however many heartbeats wait, from the last heartbeat', async () => {
    const { warehouse, statements, release } = await startWarehouse({
      held: /SET\s+status = 'failed'/,
      answer: (sql) => (PROLONGS.test(sql) ? { affected: 2 } : undefined),
    });
    const jobs = (await warehouse.begin(runOf('jobs'))).lease;
    const estimates = (await warehouse.begin(runOf('estimates'))).lease;
    const metrics = { calls: 0, retries: 0, bytes: 0 };
    const busy = warehouse.fail({ lease: jobs, error: 'x', metrics, now: at(60) });
    await vi.waitFor(() => expect(statements.at(-1)).toContain("'failed'"));
    const beats = [60, 75, 90, 105].flatMap((second) => [
      warehouse.extendLease(jobs, at(second)),
      warehouse.extendLease(estimates, at(second)),
    ]);
    release();
    await Promise.all([busy, ...beats]);
    await warehouse.extendLease(jobs, at(120));

    const prolonging = statements.filter((sql) => PROLONGS.test(sql));
    expect(prolonging).toHaveLength(1);
    expect(prolonging[0]).toContain('entity = "jobs"');
    expect(prolonging[0]).toContain('entity = "estimates"');
    expect(prolonging[0]).toContain(`TIMESTAMP "${at(105 + 180).toISOString()}"`);
  });

  test('leases are extended before waiting commits and not after they were released', async () => {
    const { warehouse, statements, release } = await startWarehouse({ held: /SET\s+status = 'failed'/ });
    const landing = folderLanding(testFolder());
    const { lease } = await warehouse.begin(runOf('estimates'));
    const metrics = { calls: 0, retries: 0, bytes: 0 };
    const busy = warehouse.fail({ lease, error: 'x', metrics, now: at(60) });
    await vi.waitFor(() => expect(statements.at(-1)).toContain("'failed'"));
    const loading = warehouse.load({ manifest: landedRun(), landing, lease, now: at(60) });
    await setTimeout(50);
    const beat = warehouse.extendLease(lease, at(70));
    release();
    await Promise.all([busy, loading, beat]);
    const [prolonged, committed] = [PROLONGS, /COMMIT TRANSACTION;\s+SELECT versions/].map((pattern) =>
      statements.findIndex((sql) => pattern.test(sql)),
    );
    expect(prolonged).toBeGreaterThan(0);
    expect(prolonged).toBeLessThan(committed ?? 0);

    const failing = warehouse.fail({ lease, error: 'x', metrics, now: at(140) });
    const late = warehouse.extendLease(lease, at(140));
    const ending = warehouse.releaseLease(lease);
    await vi.waitFor(() => release(), { timeout: 500 });
    await setTimeout(50);
    release();
    await Promise.all([failing, late, ending]);
    expect(statements.filter((sql) => PROLONGS.test(sql))).toHaveLength(1);
  });

  test('a lease that another process took over fails only its own run', async () => {
    const { warehouse } = await startWarehouse({
      answer: (sql) => (/^SELECT entity FROM/.test(sql) ? { rows: [{ entity: 'jobs' }] } : { affected: 1 }),
    });
    const jobs = (await warehouse.begin(runOf('jobs'))).lease;
    const estimates = (await warehouse.begin(runOf('estimates'))).lease;
    const beats = [warehouse.extendLease(jobs, at(60)), warehouse.extendLease(estimates, at(60))];
    const ended = await Promise.allSettled(beats);
    expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(String(Reflect.get(ended[1] ?? {}, 'reason'))).toContain(
      'estimates: another run took over the lease',
    );
    await expect(warehouse.extendLease(estimates, at(61))).rejects.toThrow('took over the lease');
    await warehouse.extendLease(jobs, at(130));
  });
});

test('a replay of 3,000 runs writes their log rows by a load job and not in a huge query', async () => {
  const { warehouse, statements, loads } = await startWarehouse();
  const { lease } = await warehouse.begin(runOf('estimates'));
  const manifests = Array.from({ length: 3000 }, (_, run) =>
    landedRun({ run_id: `20251027T120000Z-${run}`, rows_source: 0 }),
  );
  await warehouse.rebuild({ manifests, landing: folderLanding(testFolder()), lease, now: at(60) });
  expect(Math.max(...statements.map(({ length }) => length))).toBeLessThan(100_000);
  const [log] = loads;
  if (log === undefined) throw new Error('nothing was loaded');
  const rows = linesOf(log);
  expect(rows.map(({ run_id }) => run_id)).toEqual(manifests.map(({ run_id }) => run_id));
  expect(log.schema.fields.map(({ name }) => name).sort()).toEqual(Object.keys(rows[0] ?? {}).sort());
  expect(rows[0]).toMatchObject({ status: 'success', start_time: at(0).toISOString(), records_source: 0 });
});

test.each([
  ['keep', true],
  ['drop', false],
] as const)('the text of rejected records with PERSONAL_DATA=%s is loaded into BigQuery: %s', async (personalData, isLoaded) => {
  const { warehouse, statements, loads } = await startWarehouse({ personalData });
  const landing = folderLanding(testFolder());
  const { lease } = await warehouse.begin(runOf('estimates'));
  const record = { id: '1', text: '{"id":"Mrs Example"}', errors: ['/id: must be integer'] };
  const file = await put(landing, 'rejected-00001.ndjson.gz', rejectedLines([record], at(1).toISOString()));
  const manifest = landedRun({ rejected: [file], rows_read: 1 });
  const { receipt } = await warehouse.load({ manifest, landing, lease, now: at(60) });
  expect(receipt.rejected).toBe(1);
  expect(loads).toHaveLength(1);
  expect(loads[0]?.ignoreUnknownValues).toBe(!isLoaded);
  const names = loads[0]?.schema.fields.map(({ name }) => name);
  expect(names).toEqual(['id', ...(isLoaded ? ['record'] : []), 'errors', 'rejected_at']);
  const inserted = statements.find((sql) => sql.startsWith('INSERT INTO'));
  expect(inserted).toContain(isLoaded ? 'record AS record' : "'' AS record");
});

test.each([
  ['that are loaded unchanged are read concurrently', {}, 20],
  [
    'that must be rewritten are read one at a time',
    { schema_version: 'older', unknown_fields: { '/n': 1 } },
    1,
  ],
])('landed pages %s', async (_, parts, most) => {
  const { warehouse } = await startWarehouse();
  const folder = folderLanding(testFolder());
  const pages: LandedPage[] = [];
  for (let page = 1; page <= 24; page++) {
    const landed = await put(
      folder,
      `page-000${String(page).padStart(2, '0')}.ndjson.gz`,
      `{"id":${page}}\n`,
    );
    pages.push({ ...landed, extracted_at: at(page).toISOString(), longest_line: 10, wide_numbers: 0 });
  }
  let reading = 0;
  let peak = 0;
  const landing: Landing = {
    ...folder,
    async get(path) {
      peak = Math.max(peak, ++reading);
      await setTimeout(20);
      reading--;
      return folder.get(path);
    },
  };
  const { lease } = await warehouse.begin(runOf('estimates'));
  const manifest = landedRun({ ...parts, pages, rows_read: 24 });
  await warehouse.load({ manifest, landing, lease, now: at(60) });
  expect(peak).toBe(most);
});
