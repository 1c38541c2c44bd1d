import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { compressionFor } from '../../../../extract/landing/compression.ts';
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
import { newGoogleClient, requestBudget } from '../../../../extract/load/bigquery/client.ts';
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
  /** Objects to load; undefined where the request itself holds the lines. */
  readonly sourceUris?: readonly string[];
  readonly lines: readonly Record<string, unknown>[];
  readonly destinationTable: { readonly tableId: string };
  readonly schema: { readonly fields: readonly { readonly name: string }[] };
  readonly ignoreUnknownValues?: boolean;
}

type Row = Readonly<Record<string, string>>;

/**
 * A warehouse whose service accepts everything. It reads the lines that a load job loads, and answers a query with what
 * `answer` returns for its text, or no rows. Statements that match `held` wait until `release` is called.
 */
async function startWarehouse(
  options: {
    personalData?: 'keep' | 'drop';
    answer?: (sql: string) => readonly Row[] | undefined;
    held?: RegExp;
    /** The first statement of this kind ends because another transaction changed the same table. */
    refuseOnce?: RegExp;
    whileWaiting?: () => Promise<void>;
    /** How long a load job takes. */
    loadMs?: number;
  } = {},
) {
  const statements: string[] = [];
  const loads: LoadJob[] = [];
  const waits: number[] = [];
  const rowsOf = new Map<string, readonly Row[]>();
  const waiting: (() => void)[] = [];
  let loading = 0;
  const peak = { loads: 0 };

  function start({ body }: Seen) {
    const { json: text, lines } = partsOf(body);
    const { jobReference, configuration } = JSON.parse(text);
    const ended = (statistics: object) => ({ jobReference, status: { state: 'DONE' }, statistics });
    if (configuration.load) {
      const load = { ...configuration.load, lines: lines ?? landedLines(configuration.load.sourceUris) };
      loads.push(load);
      peak.loads = Math.max(peak.loads, ++loading);
      return async (response: ServerResponse) => {
        await setTimeout(options.loadMs ?? 0);
        loading--;
        const reply = ended({ load: { outputRows: String(load.lines.length) } });
        response.setHeader('content-type', 'application/json').end(JSON.stringify(reply));
      };
    }
    const sql: string = configuration.query.query;
    statements.push(sql);
    rowsOf.set(jobReference.jobId, options.answer?.(sql) ?? (sql.includes('as added') ? [COUNTS] : []));
    if (options.refuseOnce?.test(sql) && statements.filter((one) => one === sql).length === 1) {
      const message = 'Transaction is aborted due to concurrent update against table acme:l.sync_state';
      const errorResult = { reason: 'invalidQuery', message };
      return json({ jobReference, status: { state: 'DONE', errorResult, errors: [errorResult] } });
    }
    const reply = ended({});
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
    // Those of other tests would delay requests of this one.
    budget: requestBudget(),
    waiting: {
      random: () => 0,
      sleep: async (ms) => {
        waits.push(ms);
        await options.whileWaiting?.();
      },
    },
  });
  await warehouse.prepare(TABLES);
  const release = () => {
    for (const answer of waiting.splice(0)) answer();
  };
  return { warehouse, statements, loads, waits, peak, release, calls: server.calls };
}

const TABLES = declaredTables().filter(({ name }) =>
  /^(raw_(estimates|jobs)|sync_state|ingestion_logs|rejected_records|vanished_records)$/.test(name),
);
const COUNTS = { added: '3', reverted: '1' };

const parsed = (ndjson: string): readonly Record<string, unknown>[] =>
  ndjson
    .split(/\r?\n/)
    .filter(Boolean)
    .map((line) => JSON.parse(line));

function landedLines(files: readonly string[]): readonly Record<string, unknown>[] {
  return files.flatMap((file) => parsed(gunzipSync(readFileSync(file)).toString('utf8')));
}

/** The job of a request, and the lines that an upload sends with it. */
function partsOf(body: string) {
  if (body.startsWith('{')) return { json: body, lines: undefined };
  const [boundary = ''] = body.split('\r\n');
  const [job = '', ndjson = ''] = body
    .split(boundary)
    .slice(1)
    .map((part) => part.slice(part.indexOf('\r\n\r\n') + 4));
  return { json: job, lines: parsed(ndjson) };
}

/** A landed run that is empty except for `parts`. */
function landedRun(parts: Partial<Manifest> = {}, entity = 'estimates'): Manifest {
  return {
    ...{ entity, run_id: 'run-1', run_date: '2025-10-27', mode: 'full', feed: 'list' },
    ...{ changed_from: null, schema_version: schemaVersion(entity) },
    ...{ started_at: at(0).toISOString(), ended_at: at(9).toISOString(), pages: [], rejected: [] },
    ...{ unknown_fields: {}, drift: { records: 0, findings: [] }, rows_source: null, rows_read: 0 },
    ...{ api_calls: 1, retries: 0, bytes: 1, cursor_before: NO_CURSOR, cursor_after: NO_CURSOR },
    ...parts,
  };
}

async function put(
  landing: Landing,
  file: string,
  text: string,
  {
    entity = 'estimates',
    runId = 'run-1',
    compress = async (lines: Buffer): Promise<Buffer> => gzipSync(lines),
  } = {},
): Promise<LandedFile> {
  const bytes = await compress(Buffer.from(text));
  await landing.put(objectPath({ entity, run_id: runId }, file), bytes);
  const rows = text.split('\n').length - 1;
  return { file, bytes: bytes.length, line_bytes: text.length, sha256: sha256(bytes), rows };
}

describe('heartbeats of leases on BigQuery', () => {
  const PROLONGS = /update `l`\.`sync_state` set lease_until = timestamp/;
  const HELD = [{ entity: 'jobs' }, { entity: 'estimates' }];

  test('one statement extends all due leases however many heartbeats wait, from the last heartbeat', async () => {
    const { warehouse, statements, release } = await startWarehouse({
      held: /set\s+status = 'failed'/,
      answer: (sql) => (PROLONGS.test(sql) ? HELD : undefined),
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
    expect(prolonging[0]).toContain(`timestamp '${at(105 + 180).toISOString()}'`);
  });

  test('leases are extended before waiting commits and not after they were released', async () => {
    const { warehouse, statements, release } = await startWarehouse({
      held: /set\s+status = 'failed'/,
      answer: (sql) => (PROLONGS.test(sql) ? HELD : undefined),
    });
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
    const [prolonged, committed] = [PROLONGS, /COMMIT TRANSACTION;\s+select .* as added/].map((pattern) =>
      statements.findIndex((sql) => pattern.test(sql)),
    );
    expect(prolonged).toBeGreaterThan(0);
    expect(prolonged).toBeLessThan(committed ?? 0);

    const failing = warehouse.fail({ lease, error: 'x', metrics, now: at(140) });
    const late = warehouse.extendLease(lease, at(140));
    const ending = warehouse.releaseLease(lease);
    await vi.waitFor(() => expect(statements.filter((sql) => sql.includes("'failed'"))).toHaveLength(2));
    release();
    await Promise.all([failing, late, ending]);
    expect(statements.filter((sql) => PROLONGS.test(sql))).toHaveLength(1);
  });

  test('a commit that waits to be retried lets a heartbeat go before it', async () => {
    const { warehouse, statements, waits } = await startWarehouse({
      answer: (sql) => (PROLONGS.test(sql) ? HELD : undefined),
      refuseOnce: /as added/,
      // The heartbeat is sent while the commit waits.
      whileWaiting: () => warehouse.extendLease(lease, at(100)),
    });
    const { lease } = await warehouse.begin(runOf('estimates'));
    await warehouse.load({ manifest: landedRun(), landing: folderLanding(testFolder()), lease, now: at(60) });
    const commits = statements.flatMap((sql, index) => (/as added/.test(sql) ? [index] : []));
    const beats = statements.flatMap((sql, index) => (PROLONGS.test(sql) ? [index] : []));
    expect(commits).toHaveLength(2);
    expect(beats).toEqual([(commits[0] ?? 0) + 1]);
    expect(waits).toEqual([1000]);
  });

  test('a lease that another process took over fails only its own run', async () => {
    const { warehouse } = await startWarehouse({
      answer: (sql) => (PROLONGS.test(sql) ? [{ entity: 'jobs' }] : undefined),
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

  test('a change on its own is no transaction, which a transaction of another process would abort', async () => {
    const { warehouse, statements } = await startWarehouse({
      answer: (sql) => (PROLONGS.test(sql) ? HELD : undefined),
    });
    const { lease } = await warehouse.begin(runOf('estimates'));
    await warehouse.extendLease(lease, at(100));
    const metrics = { calls: 0, retries: 0, bytes: 0 };
    await warehouse.fail({ lease, error: 'x', metrics, now: at(101) });
    await warehouse.releaseLease(lease);
    const changes = statements.filter((sql) => /^(BEGIN|update|merge|delete|insert)/.test(sql));
    expect(
      changes.map((sql) => /^(BEGIN|update `l`\.`\w+`\s+set\s+\w+)/.exec(sql)?.[0].replace(/\s+/g, ' ')),
    ).toEqual([
      'BEGIN',
      'update `l`.`sync_state` set lease_until',
      'update `l`.`ingestion_logs` set status',
      'update `l`.`sync_state` set lease_owner',
    ]);
    expect(changes[0]).toMatch(/^BEGIN TRANSACTION;[\s\S]+COMMIT TRANSACTION;$/);
    expect(changes.slice(1).join()).not.toContain('TRANSACTION');
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
  const rows = log.lines;
  expect(rows.map(({ run_id }) => run_id)).toEqual(manifests.map(({ run_id }) => run_id));
  expect(log.schema.fields.map(({ name }) => name).sort()).toEqual(Object.keys(rows[0] ?? {}).sort());
  expect(rows[0]).toMatchObject({ status: 'success', start_time: at(0).toISOString(), records_source: '0' });
});

test.each([
  ['keep', true],
  ['drop', false],
] as const)('the text of rejected records with PERSONAL_DATA=%s is loaded into BigQuery: %s', async (personalData, isLoaded) => {
  const { warehouse, statements, loads, calls } = await startWarehouse({ personalData });
  const landing = folderLanding(testFolder());
  const { lease } = await warehouse.begin(runOf('estimates'));
  const record = {
    ...{ id: '1', text: '{"id":"Mrs Example","jobId":"x"}', errors: ['/id: must be integer'] },
    extractedAt: at(1).toISOString(),
  };
  const file = await put(landing, 'rejected-00001.ndjson.gz', rejectedLines([record]));
  const manifest = landedRun({ rejected: [file], rows_read: 1 });
  const { receipt } = await warehouse.load({ manifest, landing, lease, now: at(60) });
  expect(receipt.rejected).toBe(1);
  expect(loads).toHaveLength(1);
  const [row] = loads[0]?.lines ?? [];
  expect(row).toEqual({
    ...{ entity: 'estimates', run_id: 'run-1', record_id: '1', record: isLoaded ? record.text : '' },
    ...{
      errors: expect.stringMatching(/^\/id: must be \w+; \/jobId: must be /),
      rejected_at: at(1).toISOString(),
    },
  });
  expect(loads[0]?.schema.fields.map(({ name }) => name).sort()).toEqual(Object.keys(row ?? {}).sort());
  expect(calls.some(({ body }) => body.includes('Mrs Example'))).toBe(isLoaded);
  const [commit = ''] = statements.filter((sql) => sql.includes('insert into `l`.`rejected_records`'));
  expect(commit).toMatch(/from `s`\.`load_rejected_records_\w+` as r;/);
  expect(commit).toMatch(
    /delete from `l`\.`rejected_records` where entity = "estimates" and run_id in \("run-1"\);/,
  );
});

/** Lands pages of an entity, each with one line. */
async function putPages(landing: Landing, entity: string, count: number): Promise<LandedPage[]> {
  const pages: LandedPage[] = [];
  for (let page = 1; page <= count; page++) {
    const file = `page-${String(page).padStart(5, '0')}.ndjson.gz`;
    const landed = await put(landing, file, `{"id":${page},"_extra":{"n":1}}\n`, { entity });
    pages.push({ ...landed, extracted_at: at(page).toISOString(), longest_line: 10 });
  }
  return pages;
}

test('one load job loads all pages of a run, and the receipt has the counts of its script', async () => {
  const { warehouse, loads, statements } = await startWarehouse();
  const landing = folderLanding(testFolder());
  const pages = await putPages(landing, 'estimates', 5);
  const { lease } = await warehouse.begin(runOf('estimates'));
  statements.length = 0;
  const manifest = landedRun({ pages, rows_read: 5 });
  const { receipt } = await warehouse.load({ manifest, landing, lease, now: at(60) });
  expect(loads).toHaveLength(1);
  expect(loads[0]?.sourceUris).toEqual(pages.map(({ file }) => landing.uri(`estimates/run-1/${file}`)));
  expect(loads[0]?.lines.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
  expect(loads[0]?.ignoreUnknownValues).toBe(false);
  expect(statements).toHaveLength(1);
  expect(receipt).toMatchObject({ loaded: 5, visible: 5, new: 3, reverted: 1 });
});

/** Lands full reads, each of one page with one row. */
async function putFullReads(landing: Landing, count: number): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (let run = 1; run <= count; run++) {
    const runId = `run-${run}`;
    const page = await put(landing, 'page-00001.ndjson.gz', `{"id":${run}}\n`, { runId });
    const pages = [{ ...page, extracted_at: at(run).toISOString(), longest_line: 10 }];
    manifests.push(landedRun({ run_id: runId, pages, rows_read: 1 }));
  }
  return manifests;
}

test('each full read of a replay has a load job, up to 8 of them run at a time, and rows are taken over in order', async () => {
  const { warehouse, statements, loads, peak } = await startWarehouse({ loadMs: 50 });
  const landing = folderLanding(testFolder());
  const manifests = await putFullReads(landing, 20);
  const { lease } = await warehouse.begin(runOf('estimates'));
  await warehouse.rebuild({ manifests, landing, lease, now: at(60) });
  const ofPages = loads.filter(({ sourceUris }) => sourceUris !== undefined);
  expect(ofPages.flatMap(({ lines }) => lines.map(({ id }) => id)).sort(byNumber)).toEqual(
    manifests.map((_, index) => index + 1),
  );
  expect(peak.loads).toBe(8);
  const text = statements.join('\n');
  const places = ofPages
    .map(({ lines, destinationTable }) => ({
      id: Number(lines[0]?.id),
      place: text.indexOf(`from \`s\`.\`${destinationTable.tableId}\``),
    }))
    .sort((one, other) => one.place - other.place);
  expect(places[0]?.place).toBeGreaterThan(0);
  expect(places.map(({ id }) => id)).toEqual(manifests.map((_, index) => index + 1));
});

const byNumber = (one: unknown, other: unknown) => Number(one) - Number(other);

test('a page in zstd, from a landing that was copied from a folder, is loaded from a gzip copy', async () => {
  const { warehouse, loads } = await startWarehouse();
  const landing = folderLanding(testFolder());
  const { suffix, compress } = compressionFor(landing);
  const text = '{"id":1}\n{"id":2}\n';
  const landed = await put(landing, 'page-00001.ndjson.zst', text, { compress });
  const pages = [{ ...landed, extracted_at: at(1).toISOString(), longest_line: 10 }];
  const { lease } = await warehouse.begin(runOf('estimates'));
  const load = () =>
    warehouse.load({ manifest: landedRun({ pages, rows_read: 2 }), landing, lease, now: at(60) });
  // A Node that does not write zstd does not read it.
  if (suffix === 'gz') return expect(load()).rejects.toThrow('is compressed by zstd, which Node');
  await load();
  expect(loads[0]?.sourceUris?.map((uri) => uri.slice(-10))).toEqual(['.ndjson.gz']);
  expect(loads[0]?.lines).toEqual([{ id: 1 }, { id: 2 }]);
});

test.each([
  ['that are loaded unchanged are read concurrently, up to 8 of an entity', {}, 16],
  [
    'that must be rewritten are read one at a time, whatever the entity',
    { schema_version: 'older', unknown_fields: { '/n': 1 } },
    1,
  ],
])('landed pages %s', async (_, parts, most) => {
  const { warehouse } = await startWarehouse();
  const folder = folderLanding(testFolder());
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
  const load = async (entity: string) => {
    const pages = await putPages(folder, entity, 24);
    const { lease } = await warehouse.begin(runOf(entity));
    const manifest = landedRun({ ...parts, pages, rows_read: 24 }, entity);
    await warehouse.load({ manifest, landing, lease, now: at(60) });
  };
  await Promise.all([load('estimates'), load('jobs')]);
  expect(peak).toBe(most);
});
