import { describe, expect, test } from 'vitest';
import type { EntityResult } from '../../../extract/entity-run.ts';
import type { Warehouse } from '../../../extract/load/warehouse.ts';
import { backfill } from '../../../extract/upkeep/backfill.ts';
import { planBackfill, windowsOf } from '../../../extract/upkeep/backfill-plan.ts';
import { entity } from '../../../schemas/entities.ts';
import { job } from '../../sandbox/client.ts';
import { type Night, receiptOf, startNight } from '../night.ts';

/** Five jobs on the first of each month from January to May. */
const JOBS = Array.from({ length: 25 }, (_, index) =>
  job(index + 1, `2025-0${1 + Math.floor(index / 5)}-01T00:00:00Z`),
);
const SMALL_PAGES = { rowsPerExportPage: 5 };
const STATE = 'SELECT continuation_token, watermark, mode, last_run_id FROM st_logs_v2.sync_state';
/** The list returns no totalCount, so a backfill cuts its range into windows of 30 days. */
const UNCOUNTED = {
  entity: 'jobs',
  feed: 'list',
  times: null,
  fault: { kind: 'envelope', set: { totalCount: null } },
} as const;

let runs = 0;

function plan(night: Night, since: string, until: string, name = 'jobs') {
  return planBackfill({
    entity: entity(name),
    since: new Date(since),
    until: new Date(until),
    config: night.config,
    client: night.client,
    query: night.warehouse.query,
    clock: night.clock,
    signal: new AbortController().signal,
  });
}

async function carryOut(
  night: Night,
  planned: Awaited<ReturnType<typeof plan>>,
  warehouse: Warehouse = night.warehouse,
): Promise<readonly EntityResult[]> {
  const results: EntityResult[] = [];
  const suffix = () => `fill${++runs}`;
  const { config, landing, client, clock } = night;
  const signal = new AbortController().signal;
  const options = { config, landing, warehouse, client, clock, suffix, signal, onEvent: () => {} };
  for await (const result of backfill(planned, options)) results.push(result);
  return results;
}

async function lose(night: Night, condition: string): Promise<void> {
  const connection = await night.warehouse.connect();
  await connection.run(`DELETE FROM st_raw_v2.raw_jobs WHERE ${condition}`);
  connection.closeSync();
}

test('a backfill restores lost rows of a raw table and does not move the cursor', async () => {
  const night = await startNight({ jobs: JOBS }, { sandbox: SMALL_PAGES });
  await night.run();
  const [versions, state] = [await night.versions('jobs'), await night.query(STATE)];
  await lose(night, 'id IN (7, 12)');

  const [result] = await carryOut(night, await plan(night, '2025-02-01', '2025-04-01'));
  expect(result).toMatchObject({ status: 'success', receipt: { new: 2, rejected: 0 } });
  expect(await night.versions('jobs')).toEqual(versions);
  expect(await night.query(STATE)).toEqual(state);
  expect(receiptOf(await night.run())).toMatchObject({ read: 0, new: 0 });
});

test('a backfill enters the export feed at the start of its range and reads one page past its end', async () => {
  const night = await startNight({ jobs: JOBS }, { sandbox: SMALL_PAGES });
  night.sandbox.requests.clear();
  await carryOut(night, await plan(night, '2025-02-01', '2025-03-01'));
  const sent = night.sandbox.requests.all().filter(({ path }) => path.includes('jobs'));
  // One count, then the page of February and the page of March that follows it.
  expect(sent.map(({ path }) => path.includes('export'))).toEqual([false, true, true]);
  expect(new URLSearchParams(sent[1]?.query).get('from')).toBe('2025-02-01T00:00:00.000Z');
  for (const { query } of sent) expect(query).not.toContain('created');
  expect(await night.query('SELECT min(id) AS first, max(id) AS last FROM st_raw_v2.raw_jobs')).toEqual([
    { first: '6', last: '15' },
  ]);
});

test('a backfill of an entity without an export feed reads its list and checks the source count', async () => {
  const payrolls = JOBS.map((text) => text.replace('jobNumber', 'employeeType'));
  const night = await startNight({ payrolls });
  const planned = await plan(night, '2025-02-01', '2025-04-01', 'payrolls');
  expect(planned).toMatchObject({ feed: 'list', rows: 10, rowsAtLeast: false, calls: 1 });
  expect(receiptOf(await carryOut(night, planned))).toMatchObject({ source: 10, read: 10, new: 10 });
});

describe('the plan of a backfill', () => {
  test('a backfill plan gets rows from one count, and calls, bytes and time from the largest run so far', async () => {
    const night = await startNight({ jobs: JOBS }, { sandbox: SMALL_PAGES });
    expect(await plan(night, '2025-02-01', '2025-04-01')).toMatchObject({
      rows: 10,
      calls: null,
      bytes: null,
    });
    await night.run();
    night.sandbox.requests.clear();
    const planned = await plan(night, '2025-02-01', '2025-04-01');
    // Two pages of five rows and one page beyond the range.
    expect(planned).toMatchObject({ rows: 10, rowsAtLeast: true, calls: 3, dollars: 0, goesOn: false });
    const [log] = await night.query('SELECT bytes FROM st_logs_v2.ingestion_logs');
    expect(planned.bytes).toBe(Math.round((10 * Number(log?.bytes)) / 25));
    expect(planned.seconds).toBeGreaterThanOrEqual(3 / 60);
    expect(night.sandbox.requests.count(/./)).toBe(1);
  });

  test('a backfill plan has no row count when the API does not count or ignores the range', async () => {
    const night = await startNight({ jobs: JOBS });
    const record = { kind: 'record', index: 0, set: { modifiedOn: '2024-01-01T00:00:00Z' } } as const;
    night.sandbox.faults.add({ feed: 'list', fault: record });
    expect((await plan(night, '2025-02-01', '2025-04-01')).rows).toBeNull();
    night.sandbox.faults.add(UNCOUNTED);
    expect(await plan(night, '2025-02-01', '2025-04-01')).toMatchObject({ rows: null, calls: null });
  });

  test('a backfill plan prices objects and queries in Google Cloud', async () => {
    const night = await startNight({ jobs: JOBS });
    await night.run();
    const landing = { kind: 'gcs', bucket: 'pages', prefix: '', apiUrl: null } as const;
    const warehouse = { kind: 'bigquery', projectId: 'p', location: 'US', maximumBytesBilled: null } as const;
    const priced = await plan(
      { ...night, config: { ...night.config, landing, warehouse } },
      '2025-02-01',
      '2025-04-01',
    );
    expect(priced.dollars).toBeGreaterThan(0);
  });

  test('a backfill cuts its range into windows of at most 50,000 rows, or 30 days without a count', () => {
    const [from, until] = [new Date('2025-01-01'), new Date('2025-03-02')];
    const starts = (rows: number | null) =>
      windowsOf({ from, until, rows }).map((window) => window.from.slice(0, 10));
    expect(starts(40_000)).toEqual(['2025-01-01']);
    expect(starts(120_000)).toEqual(['2025-01-01', '2025-01-21', '2025-02-10']);
    expect(starts(null)).toEqual(['2025-01-01', '2025-01-31']);
    const hours = windowsOf({ from, until: new Date('2025-01-01T06:00:00Z'), rows: 9_000_000 });
    expect(hours).toEqual([{ from: '2025-01-01T00:00:00.000Z', before: '2025-01-01T06:00:00.000Z' }]);
  });
});

describe('a backfill that stopped', () => {
  test('a stopped backfill resumes with the windows that are not loaded and starts anew once complete', async () => {
    const night = await startNight({ jobs: JOBS }, { sandbox: { ...SMALL_PAGES, faults: [UNCOUNTED] } });
    const html = { kind: 'body', text: '<html>' } as const;
    // The third call comes after the count and the first window of 30 days with its page beyond.
    night.sandbox.faults.add({ entity: 'jobs', feed: 'export', nth: 3, fault: html });
    const first = await plan(night, '2025-01-01', '2025-05-01');
    expect(first.windows).toHaveLength(4);
    expect((await carryOut(night, first)).map(({ status }) => status)).toEqual(['success', 'failed']);

    const second = await plan(night, '2025-01-01', '2025-05-01');
    expect(second).toMatchObject({ goesOn: true, windows: [{ from: '2025-01-31T00:00:00.000Z' }, {}, {}] });
    expect((await carryOut(night, second)).map(({ status }) => status)).toEqual([
      'success',
      'success',
      'success',
    ]);
    expect(await night.versions('jobs')).toHaveLength(25);
    expect(await plan(night, '2025-01-01', '2025-05-01')).toMatchObject({
      goesOn: false,
      windows: { length: 4 },
    });
  });

  test('a backfill that stopped between landing and load is loaded by the next run, whose cursor is its own', async () => {
    const night = await startNight({ jobs: JOBS }, { sandbox: SMALL_PAGES });
    await night.run();
    await lose(night, 'id = 7');
    const state = await night.query(STATE);
    const warehouse = { ...night.warehouse, load: () => Promise.reject(new Error('the disk is full')) };
    const [failed] = await carryOut(night, await plan(night, '2025-02-01', '2025-04-01'), warehouse);
    expect(failed?.status).toBe('failed');
    expect(await night.versions('jobs')).toHaveLength(24);

    expect(receiptOf(await night.run())).toMatchObject({ read: 0 });
    expect(await night.versions('jobs')).toHaveLength(25);
    const after = await night.query(STATE);
    expect(after[0]).toMatchObject({ ...state[0], last_run_id: expect.not.stringMatching(/fill/) });
    const told = await night.query(`SELECT status FROM st_logs_v2.ingestion_logs WHERE mode = 'backfill'`);
    expect(told).toEqual([{ status: 'success' }]);
  });
});

test('a backfill window that cannot be loaded is reported and read again by the next backfill', async () => {
  const night = await startNight({ jobs: JOBS }, { sandbox: { ...SMALL_PAGES, faults: [UNCOUNTED] } });
  await night.run();
  await lose(night, 'id IN (2, 12)');
  const full = (load: Warehouse['load']): Warehouse['load'] => {
    return async (options) => {
      // Only the second window fails.
      if (options.manifest.window?.from === '2025-01-31T00:00:00.000Z') throw new Error('the disk is full');
      return load(options);
    };
  };
  const warehouse = { ...night.warehouse, load: full(night.warehouse.load) };
  const first = await carryOut(night, await plan(night, '2025-01-01', '2025-05-01'), warehouse);
  expect(first.map(({ status }) => status)).toEqual(['success', 'failed']);
  expect(receiptOf(await night.run({ warehouse }))).toMatchObject({ read: 0 });
  expect(night.events).toContainEqual(expect.objectContaining({ type: 'recovered', repeat: 'backfill' }));
  expect(await night.versions('jobs')).toHaveLength(24);

  const again = await plan(night, '2025-01-01', '2025-05-01');
  expect(again).toMatchObject({ goesOn: true, windows: [{ from: '2025-01-31T00:00:00.000Z' }, {}, {}] });
  await carryOut(night, again);
  expect(await night.versions('jobs')).toHaveLength(25);
});

test('replay rebuilds records that only a backfill has read', async () => {
  const night = await startNight({ jobs: JOBS }, { env: { SYNC_START_DATE: '2025-04-01' } });
  await night.run();
  expect(await night.versions('jobs')).toHaveLength(10);
  await carryOut(night, await plan(night, '2025-01-01', '2025-04-01'));
  const before = await night.query('SELECT * FROM st_raw_v2.raw_jobs ORDER BY ALL');
  expect(before).toHaveLength(25);
  await night.replay();
  expect(await night.query('SELECT * FROM st_raw_v2.raw_jobs ORDER BY ALL')).toEqual(before);
});
