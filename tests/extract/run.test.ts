import { spawn } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { compressionFor, decompress } from '../../extract/landing/compression.ts';
import type { Landing } from '../../extract/landing/landing.ts';
import { openDuckdb } from '../../extract/load/duckdb/warehouse.ts';
import type { Warehouse } from '../../extract/load/warehouse.ts';
import { job } from '../sandbox/client.ts';
import { failureOf, type Night, openWarehouse, receiptOf, startNight } from './night.ts';

const JOBS = Array.from({ length: 25 }, (_, index) =>
  job(index + 1, `2025-0${1 + Math.floor(index / 5)}-01T00:00:00.1234567Z`),
);
/** The name of a page's file, which says how this Node compresses it. */
const pageFile = (landing: Landing, page: number) =>
  `page-0000${page}.ndjson.${compressionFor(landing).suffix}`;
const SMALL_PAGES = { rowsPerExportPage: 10 };
const STATE =
  'SELECT entity, continuation_token, watermark, last_run_id, lease_owner FROM st_logs_v2.sync_state';
const LOGS = 'SELECT status, records_new AS new, error FROM st_logs_v2.ingestion_logs ORDER BY start_time';

test('a run reads all 23 entities, and a second run adds nothing with one call each', async () => {
  const night = await startNight({});
  const first = await night.run();
  expect(first.filter(({ status }) => status === 'failed')).toEqual([]);
  expect(first).toHaveLength(23);
  const again = await night.run();
  for (const result of again) {
    expect(result).toMatchObject({
      status: 'success',
      receipt: { new: 0 },
      // Open invoices are read again, because their balances change without a new modifiedOn.
      metrics: { calls: result.entity === 'invoices' ? 2 : 1, retries: 0 },
    });
  }
});

test('a run leaves landed pages, a manifest, a log row and a cursor', async () => {
  const night = await startNight({ jobs: JOBS }, { sandbox: SMALL_PAGES });
  const { runId } = receiptOf(await night.run());
  const pages = [1, 2, 3].map((page) => pageFile(night.landing, page));
  expect(await night.landing.list(`jobs/${runId}`)).toEqual(['manifest.json', ...pages]);
  const [first = ''] = pages;
  const page = (await decompress(first, await night.landing.get(`jobs/${runId}/${first}`))).toString();
  const [line = ''] = page.split('\n');
  // Only the seventh digit of a second differs from what was sent, before the members that the load needs.
  const { _row_hash, _extracted_at, _page } = JSON.parse(line);
  const end = JSON.stringify({ _row_hash, _extracted_at, _page });
  expect(line).toBe(`${JOBS[0]?.replace('.1234567Z', '.123456Z').slice(0, -1)},${end.slice(1)}`);
  expect(_row_hash).toMatch(/^[0-9a-f]{32}$/);
  expect(_page).toBe(`${runId}/${first}`);
  expect(await night.query('SELECT _row_hash, _source_uri FROM st_raw_v2.raw_jobs WHERE id = 1')).toEqual([
    { _row_hash, _source_uri: night.landing.uri(`jobs/${_page}`) },
  ]);
  expect(await night.query(LOGS)).toEqual([{ status: 'success', new: '25', error: null }]);
  expect(await night.query(STATE)).toMatchObject([
    { entity: 'jobs', watermark: '2025-05-01 00:00:00.123+00', last_run_id: runId, lease_owner: null },
  ]);
});

test('a record that changes between two runs is loaded as a new version', async () => {
  const night = await startNight({ jobs: JOBS });
  await night.run();
  night.sandbox.change({ entity: 'jobs', json: job(3, '2025-10-27T11:00:00Z', { jobStatus: 'Completed' }) });
  expect(receiptOf(await night.run())).toMatchObject({ read: 1, new: 1 });
  expect(await night.versions('jobs')).toHaveLength(26);
});

test('the next entity is read while one is loading, and the lease of the loading one gets heartbeats', async () => {
  const night = await startNight(
    { jobs: JOBS, customers: ['{"id":1,"modifiedOn":"2025-01-01T00:00:00Z"}'] },
    { env: { MAX_CONCURRENT_REQUESTS: '1' } },
  );
  const told = (entity: string, phase: string) =>
    night.events.some((event) => event.type === 'phase' && event.entity === entity && event.phase === phase);
  const beats: unknown[] = [];
  const landing: Landing = {
    ...night.landing,
    // The load of jobs gets its pages only once customers have been read as well.
    async get(path) {
      if (path.startsWith('jobs/')) {
        const lease = { entity: 'jobs', runId: '', owner: '', fencingNumber: 1 };
        beats.push(await night.warehouse.extendLease(lease, night.clock()));
        while (!told('customers', 'loading')) await setTimeout(5);
      }
      return night.landing.get(path);
    },
  };
  const results = await night.run({ names: ['jobs', 'customers'], landing });
  expect(results.map(({ status }) => status)).toEqual(['success', 'success']);
  expect(beats).toHaveLength(1);
});

test('two entities are loaded side by side once all are read, with the memory that reading leaves, and only then', async () => {
  const night = await startNight({
    jobs: JOBS,
    customers: ['{"id":1,"modifiedOn":"2025-01-01T00:00:00Z"}'],
  });
  const limit = async () => {
    const [row] = await night.query("SELECT current_setting('memory_limit') AS size");
    return row?.size;
  };
  const before = await limit();
  const loading = new Set<string>();
  const limits = new Set<unknown>();
  const landing: Landing = {
    ...night.landing,
    // Neither load gets its pages before the other one asks for its own.
    async get(path) {
      loading.add(path.split('/')[0] ?? '');
      while (loading.size < 2) await setTimeout(5);
      limits.add(await limit());
      return night.landing.get(path);
    },
  };
  const results = await night.run({ landing });
  expect(results.map(({ status }) => status)).toEqual(['success', 'success']);
  expect([...limits]).toEqual(['366.2 MiB']);
  expect([before, await limit()]).toEqual(['183.1 MiB', '183.1 MiB']);
});

describe('an entity that fails', () => {
  test('a failed entity keeps its cursor and rows, is logged with its error and stops no other', async () => {
    const faults = [{ entity: 'jobs', nth: 2, fault: { kind: 'body', text: '<html>' } }] as const;
    const night = await startNight({ jobs: JOBS, customers: [] }, { sandbox: { ...SMALL_PAGES, faults } });
    const [jobs, customers] = await night.run();
    expect(failureOf(jobs ? [jobs] : [])).toMatch(
      /^jobs: GET \/jpm\/v2\/tenant\/4711\/export\/jobs answered 200, but/,
    );
    expect(customers?.status).toBe('success');
    expect(await night.versions('jobs')).toEqual([]);
    expect(await night.query(`${STATE} WHERE entity = 'jobs'`)).toMatchObject([
      { continuation_token: null, watermark: null, lease_owner: null },
    ]);
    expect(await night.query(`${LOGS.replace('ORDER', "WHERE entity = 'jobs' ORDER")}`)).toMatchObject([
      { status: 'failed', error: expect.stringContaining('<html>') },
    ]);
    expect(receiptOf(await night.run({ names: ['jobs'] })).new).toBe(25);
  });

  test('an entity without its scope fails with the name of the scope and stops no other', async () => {
    const night = await startNight(
      { jobs: JOBS, customers: [] },
      { sandbox: { withoutScopes: ['tn.jpm.jobs:r'] } },
    );
    const [jobs, customers] = await night.run();
    expect(failureOf(jobs ? [jobs] : [])).toContain('the app lacks the scope tn.jpm.jobs:r');
    expect(customers?.status).toBe('success');
  });
});

describe('rejected records and unknown fields of a run', () => {
  test('rejected records are landed and stored with the reason, and valid records are loaded', async () => {
    const night = await startNight({
      jobs: [
        job(1, '2025-01-01T00:00:00Z'),
        job('null', '2025-01-02T00:00:00Z'),
        job(3, '2025-01-03T00:00:00Z', { total: 'much' }),
      ],
    });
    expect(receiptOf(await night.run())).toMatchObject({ read: 3, landed: 1, rejected: 2, new: 1 });
    const rejected = await night.query(
      'SELECT record_id, record, errors FROM st_logs_v2.rejected_records ORDER BY ALL',
    );
    expect(rejected.map(({ record_id }) => record_id)).toEqual(['3', null]);
    expect(rejected[0]).toMatchObject({
      record: expect.stringContaining('"total":"much"'),
      errors: expect.stringContaining('/total'),
    });
    expect(rejected[0]?.errors).not.toContain('much');
    expect(night.events).toContainEqual(
      expect.objectContaining({ type: 'rejected', entity: 'jobs', rows: 2 }),
    );
  });

  test('rejected records are requested again every run and leave the list once they are valid', async () => {
    const wrong = job(3, '2025-01-03T00:00:00Z', { total: 'much' });
    const night = await startNight({ jobs: [job(1, '2025-01-01T00:00:00Z'), wrong] });
    await night.run();
    // The feed shows no change, because the record kept its modifiedOn.
    expect(receiptOf(await night.run())).toMatchObject({ read: 0, rejected: 0, new: 0 });
    expect(await night.query('SELECT record_id FROM st_logs_v2.rejected_records')).toEqual([
      { record_id: '3' },
    ]);
    night.sandbox.change({ entity: 'jobs', json: job(3, '2025-01-03T00:00:00Z', { total: 12.5 }) });
    expect(receiptOf(await night.run())).toMatchObject({ read: 1, rejected: 0, new: 1 });
    expect(await night.query('SELECT record_id FROM st_logs_v2.rejected_records')).toEqual([]);
    night.sandbox.requests.clear();
    expect(receiptOf(await night.run())).toMatchObject({ read: 0, new: 0 });
    expect(night.sandbox.requests.count(/jobs$/)).toBe(1);
    const before = await night.versions('jobs');
    await night.replay();
    expect(await night.versions('jobs')).toEqual(before);
  });

  test('a record that was corrupted in transit leaves the rejected records when it comes again unchanged', async () => {
    const night = await startNight({
      jobs: [job(1, '2025-01-01T00:00:00Z'), job(3, '2025-01-03T00:00:00Z')],
    });
    await night.run();
    const set = { total: 'much' };
    night.sandbox.faults.add({ entity: 'jobs', fault: { kind: 'record', id: '3', set } });
    expect(receiptOf(await night.run({ full: true }))).toMatchObject({ rejected: 1, new: 0 });
    await night.run({ full: true });
    expect(await night.query('SELECT record_id FROM st_logs_v2.rejected_records')).toEqual([]);
  });

  test('a record with unknown fields is loaded, and the fields are reported as schema drift', async () => {
    const night = await startNight({ jobs: [job(1, '2025-01-01T00:00:00Z', { newField: { deep: [1.5] } })] });
    expect(receiptOf(await night.run())).toMatchObject({ rejected: 0, new: 1 });
    expect(await night.query('SELECT _extra FROM st_raw_v2.raw_jobs')).toEqual([
      { _extra: '{"newField":{"deep":[1.5]}}' },
    ]);
    expect(night.events).toContainEqual({ type: 'unknown-fields', entity: 'jobs', fields: { newField: 1 } });
    expect(await night.query('SELECT unknown_fields FROM st_logs_v2.ingestion_logs')).toEqual([
      { unknown_fields: '["newField"]' },
    ]);
  });
});

describe('a run that stopped', () => {
  const STOP = new Error('stopped here');
  /** The run dies in this step: everything it would still do fails too. */
  async function stopAt(night: Night, step: string) {
    const dead = () => Promise.reject(STOP);
    let stopped = false;
    const landing: Landing = {
      ...night.landing,
      put: async (path, bytes) => {
        if (stopped) throw STOP;
        if (step === 'before page 2' && path.includes('page-00002')) stopped = true;
        if (step === 'before the manifest' && path.endsWith('manifest.json')) stopped = true;
        if (stopped) throw STOP;
        return night.landing.put(path, bytes);
      },
    };
    const warehouse: Warehouse = {
      ...night.warehouse,
      load: async (load) => {
        if (step === 'before the load') throw STOP;
        const loaded = await night.warehouse.load(load);
        if (step === 'after the load') throw STOP;
        return loaded;
      },
      // A killed process neither logs its failure nor releases its lease.
      fail: dead,
      releaseLease: dead,
    };
    await night.run({ landing, warehouse });
  }

  test.each([
    ['before page 2', 3],
    ['before the manifest', 3],
    ['before the load', 0],
    ['after the load', 0],
  ])('a run that stopped %s is completed by the next run without lost or doubled versions', async (step, pagesReadAgain) => {
    const undisturbed = await startNight({ jobs: JOBS }, { sandbox: SMALL_PAGES });
    await undisturbed.run();
    const night = await startNight({ jobs: JOBS }, { sandbox: SMALL_PAGES });
    await stopAt(night, step);
    // Its process is gone, and its lease names an owner that no longer runs.
    await night.query(
      `UPDATE st_logs_v2.sync_state SET lease_owner = regexp_replace(lease_owner, ':\\d+$', ':1')`,
    );
    night.sandbox.requests.clear();
    const receipt = receiptOf(await night.run());
    expect(await night.versions('jobs')).toEqual(await undisturbed.versions('jobs'));
    expect(receipt.read).toBe(pagesReadAgain === 3 ? 25 : 0);
    expect(night.sandbox.requests.count('export/jobs')).toBe(Math.max(1, pagesReadAgain));
    const state = async (which: Night) => (await which.query(STATE)).map(({ last_run_id, ...rest }) => rest);
    expect(await state(night)).toEqual(await state(undisturbed));
    const before = await night.versions('jobs');
    expect((await night.replay())[0]?.status).toBe('success');
    expect(await night.versions('jobs')).toEqual(before);
  });

  test('a run stopped by SIGTERM is logged as failed and releases its lease', async () => {
    const night = await startNight({ jobs: JOBS });
    const signal = AbortSignal.abort(new Error('stopped by SIGTERM'));
    expect(failureOf(await night.run({ signal }))).toBe('stopped by SIGTERM');
    expect(receiptOf(await night.run()).new).toBe(25);
  });

  test('a damaged landed page of a stopped run is reported and its rows are read again', async () => {
    const night = await startNight({ jobs: JOBS });
    await stopAt(night, 'before the load');
    await night.query('UPDATE st_logs_v2.sync_state SET lease_owner = NULL');
    const [run] = readdirSync(join(night.folder, 'landing/jobs'));
    writeFileSync(join(night.folder, 'landing/jobs', run ?? '', pageFile(night.landing, 1)), 'damage');
    expect(receiptOf(await night.run())).toMatchObject({ read: 25, new: 25 });
    expect(night.events).toContainEqual(
      expect.objectContaining({ type: 'recovered', error: expect.stringContaining('SHA-256') }),
    );
  });
});

describe('leases of runs on DuckDB', () => {
  const run = (runId: string, now: Date) => ({
    entity: 'jobs',
    runId,
    runDate: '2025-10-27',
    mode: 'incremental' as const,
    now,
  });

  test('a lease keeps a second run out while the first one lives', async () => {
    const { warehouse, clock } = await startNight({ jobs: [] });
    await warehouse.begin(run('one', clock()));
    await expect(warehouse.begin(run('two', clock()))).rejects.toThrow(
      /jobs: another run \(.+:\d+:\d+\) holds the lease/,
    );
  });

  test('a lease expires a minute after its last heartbeat', async () => {
    const { warehouse, clock, pass } = await startNight({ jobs: [] });
    const { lease } = await warehouse.begin(run('one', clock()));
    pass(50_000);
    await warehouse.extendLease(lease, clock());
    pass(50_000);
    await expect(warehouse.begin(run('two', clock()))).rejects.toThrow('holds the lease');
    pass(10_000);
    expect((await warehouse.begin(run('two', clock()))).lease.fencingNumber).toBe(2);
  });

  test('a lease of a process that no longer runs on this machine is taken over at once', async () => {
    const { warehouse, clock, query } = await startNight({ jobs: [] });
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.on('exit', resolve));
    await warehouse.begin(run('one', clock()));
    await query(
      `UPDATE st_logs_v2.sync_state
       SET lease_owner = regexp_replace(lease_owner, ':\\d+:', ':${child.pid}:')`,
    );
    expect((await warehouse.begin(run('two', clock()))).unfinishedRuns).toEqual(['one']);
    expect(await query(LOGS)).toMatchObject([{ status: 'abandoned' }, { status: 'running' }]);
  });

  test('a run whose lease was taken over while it was away cannot commit (fencing)', async () => {
    const night = await startNight({ jobs: JOBS });
    const warehouse: Warehouse = {
      ...night.warehouse,
      load: async (load) => {
        night.pass(120_000);
        await night.warehouse.begin(run('the other', night.clock()));
        return night.warehouse.load(load);
      },
    };
    expect(failureOf(await night.run({ warehouse }))).toContain('another run took over the lease');
    expect(await night.versions('jobs')).toEqual([]);
    expect(await night.query(STATE)).toMatchObject([
      { continuation_token: null, lease_owner: expect.any(String) },
    ]);
  });
});

describe('replay within a run', () => {
  test('replay rebuilds the same rows from the landing alone, also into a new warehouse', async () => {
    const night = await startNight({ jobs: JOBS, customers: [] }, { sandbox: SMALL_PAGES });
    await night.run();
    night.sandbox.change({ entity: 'jobs', json: job(3, '2025-10-27T11:00:00Z', { total: 5.5 }) });
    await night.run();
    const all = 'SELECT * FROM st_raw_v2.raw_jobs ORDER BY ALL';
    const before = await night.query(all);
    await night.sandbox.close();
    const again = await night.replay();
    expect(again[0]).toMatchObject({ status: 'success', receipt: { new: 26 } });
    expect(await night.query(all)).toEqual(before);

    const warehouse = await openWarehouse(night.config, join(night.folder, 'new.duckdb'));
    await night.replay({ warehouse });
    const connection = await warehouse.connect();
    expect((await connection.runAndReadAll(all)).getRowObjectsJson()).toEqual(before);
    const inOrder = `${STATE} ORDER BY entity`;
    // The cursor stands where the last landed run left it.
    expect((await connection.runAndReadAll(inOrder)).getRowObjectsJson()).toEqual(await night.query(inOrder));
    connection.closeSync();
  });

  test('replay is refused when the landing no longer holds a loaded run', async () => {
    const night = await startNight({ jobs: JOBS });
    const { runId } = receiptOf(await night.run());
    rmSync(join(night.folder, 'landing/jobs', runId), { recursive: true });
    expect(failureOf(await night.replay())).toContain(`run ${runId} is missing from the landing`);
    expect(await night.versions('jobs')).toHaveLength(25);
  });
});

describe('the DuckDB file of the warehouse', () => {
  test('a DuckDB file that another process has open is reported with its process id', async () => {
    const night = await startNight({ jobs: [] });
    const path = join(night.folder, 'held.duckdb');
    const module = new URL('../../node_modules/@duckdb/node-api/lib/index.js', import.meta.url).href;
    const script = `const { DuckDBInstance } = await import('${module}');
      await DuckDBInstance.create(process.argv[1]); console.log('open'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, path]);
    onTestFinished(() => void child.kill());
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await expect(openDuckdb(night.config, path)).rejects.toThrow(
      `${path} is open in another process (PID ${child.pid})`,
    );
  });

  test('a file that is not a DuckDB database is reported and not overwritten', async () => {
    const night = await startNight({ jobs: [] });
    const path = join(night.folder, 'other.duckdb');
    writeFileSync(path, 'x'.repeat(20_000));
    await expect(openDuckdb(night.config, path)).rejects.toThrow(`${path} is not a DuckDB database`);
  });

  test('a raw table on DuckDB gains the new columns of its schema, nested ones too, and keeps its rows', async () => {
    const night = await startNight({ jobs: JOBS, estimates: [] });
    await night.run();
    const column = (name: string) => ({
      name,
      repeated: false,
      required: false,
      description: '',
      personal: false as const,
    });
    const table = (fields: readonly string[], type: 'INT64' | 'STRING' = 'INT64') => ({
      dataset: 'raw' as const,
      name: 'raw_grown',
      description: '',
      columns: [
        { ...column('id'), type },
        {
          ...column('items'),
          type: 'STRUCT' as const,
          repeated: true,
          fields: fields.map((name) => ({ ...column(name), type })),
        },
      ],
    });
    await night.warehouse.prepare([table(['a'])]);
    await night.query("INSERT INTO st_raw_v2.raw_grown VALUES (1, [{'a': 2}])");
    const grown = table(['a', 'b']);
    await night.warehouse.prepare([
      { ...grown, columns: [...grown.columns, { ...column('name'), type: 'STRING' }] },
    ]);
    expect(await night.query('FROM st_raw_v2.raw_grown')).toEqual([
      { id: '1', items: [{ a: '2', b: null }], name: null },
    ]);
    await expect(night.warehouse.prepare([table(['a', 'b'], 'STRING')])).rejects.toThrow(
      'column id is BIGINT, but its schema says VARCHAR',
    );
    await expect(night.warehouse.prepare([table(['b'])])).rejects.toThrow('column items[].a is BIGINT');
    expect(await night.query('SELECT id FROM st_raw_v2.raw_grown')).toEqual([{ id: '1' }]);
  });
});
