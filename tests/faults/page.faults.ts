import { beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../sandbox/faults/faults.ts';
import { query } from '../e2e/command.ts';
import { job } from '../sandbox/client.ts';
import { countsAs, KILL_AT, settles, startCase } from './case.ts';
import { record, smallTenant } from './tenant.ts';
import { stateOf } from './warehouse-state.ts';

let cases = 0;
beforeEach(() => {
  cases += 1;
});
countsAs('page', () => cases);

describe('overlapping pages and records that move between pages', () => {
  test('rows that come twice in overlapping pages are loaded once', async () => {
    const night = await startCase({
      faults: [{ entity: 'jobs', nth: 2, fault: { kind: 'shift page', rows: -7 } }],
    });
    expect(await night.extract()).toMatchObject({ code: 0, done: { jobs: { read: 61, new: 54 } } });
    await settles(night);
  });

  test('a row that changes while later pages are read is loaded in both versions', async () => {
    const set = { jobStatus: 'Completed', modifiedOn: '2025-07-30T00:00:00Z' };
    const changes = [{ entity: 'jobs', id: '2', set }];
    const night = await startCase({
      faults: [{ entity: 'jobs', nth: 1, fault: { kind: 'changes', changes } }],
    });
    expect(await night.extract()).toMatchObject({ code: 0, done: { jobs: { read: 55, new: 55 } } });
    await settles(night, { moreVersions: true });
  });

  test('a row that moves to a later page before its own page is read is loaded in its new version', async () => {
    const set = { jobStatus: 'Completed', modifiedOn: '2025-07-30T00:00:00Z' };
    const changes = [{ entity: 'jobs', id: '39', set }];
    const night = await startCase({
      faults: [{ entity: 'jobs', nth: 1, fault: { kind: 'changes', changes } }],
    });
    expect(await night.extract()).toMatchObject({ code: 0, done: { jobs: { new: 54 } } });
    await settles(night);
  });

  test('rows that disappear from and appear in a list during a read by windows are loaded once', async () => {
    const rows = Array.from({ length: 5003 }, (_, i) =>
      record(i + 1, new Date(Date.UTC(2025, 0, 1) + i * 60_000).toISOString()),
    );
    const late = record(9001, '2025-10-01T00:00:00Z');
    const changes = [
      { entity: 'payrolls', json: late },
      { entity: 'payrolls', id: '5001', set: { modifiedOn: '2025-10-02T00:00:00Z' } },
    ];
    const night = await startCase({
      records: { payrolls: rows },
      faults: [{ entity: 'payrolls', nth: 1, fault: { kind: 'changes', changes } }],
    });
    expect(await night.extract()).toMatchObject({ code: 0, done: { payrolls: { new: 5004 } } });
    await settles(night);
  });
});

describe('timestamps and clocks', () => {
  test('more rows with one modifiedOn than an export page holds are all loaded', async () => {
    const jobs = Array.from({ length: 50 }, (_, i) => job(i + 1, '2025-08-01T07:00:00.1234567Z'));
    const night = await startCase({ records: { jobs } });
    expect(await night.extract()).toMatchObject({ code: 0, done: { jobs: { new: 50 } } });
    night.sandbox.change({ entity: 'jobs', json: job(51, '2025-08-01T07:00:00.1234567Z') });
    expect(await night.extract()).toMatchObject({ code: 0, done: { jobs: { new: 1 } } });
    await settles(night);
  });

  test('more list rows with one modifiedOn than a page holds, and rows a millisecond beside it, are all loaded', async () => {
    const at = Date.UTC(2025, 7, 1, 7);
    const rows = Array.from({ length: 5003 }, (_, i) => record(i + 1, new Date(at).toISOString()));
    const beside = [-1, 1].map((ms) => record(9000 + ms, new Date(at + ms).toISOString()));
    const night = await startCase({ records: { payrolls: [...rows, ...beside] } });
    expect(await night.extract()).toMatchObject({ code: 0, done: { payrolls: { read: 5005, new: 5005 } } });
    await settles(night);
  });

  test('a row that appears exactly at the watermark of a list is loaded', async () => {
    const night = await startCase();
    await night.extract();
    const last = JSON.parse(smallTenant().payrolls.at(-1) ?? '{}').modifiedOn;
    night.sandbox.change({ entity: 'payrolls', json: record(77, last) });
    expect(await night.extract()).toMatchObject({ code: 0, done: { payrolls: { new: 1 } } });
    await settles(night);
  });

  test.each([
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.9999999Z',
  ])('a modifiedOn that means never, %s, fails no feed that is entered by date', async (modifiedOn) => {
    const never: Fault = { kind: 'record', index: 3, set: { modifiedOn } };
    const night = await startCase({
      faults: [
        { entity: 'jobs', fault: never },
        { entity: 'payrolls', fault: never },
      ],
    });
    const run = await night.extract();
    expect(run, run.stdout).toMatchObject({ code: 0, done: { jobs: { new: 54 }, payrolls: { new: 21 } } });
    expect((await night.state()).payrolls?.cursor.watermark).toMatch(/^2025-/);
    // A full read shows the records as they are.
    await settles(night, { args: ['--mode', 'full'], moreVersions: true });
  });

  test('a record with a modifiedOn in the future hides none of the changes after it', async () => {
    const night = await startCase({ env: { LOOKBACK_DAYS: '0' } });
    night.sandbox.setNow(new Date('2031-01-02T00:00:00Z'));
    night.sandbox.change(
      { entity: 'payrolls', json: record(78, '2031-01-01T00:00:00Z') },
      { entity: 'jobs', json: job(78, '2031-01-01T00:00:00Z') },
    );
    await night.extract();
    night.sandbox.setNow(new Date(Date.now() + 3_600_000));
    const soon = new Date(Date.now() + 60_000).toISOString();
    night.sandbox.change({ entity: 'payrolls', json: record(79, soon) });
    night.sandbox.setNow(new Date('2031-01-02T00:00:00Z'));
    expect(await night.extract()).toMatchObject({ code: 0, done: { payrolls: { new: 1 } } });
    // The watermark never passes the host's clock, which has moved on.
    await settles(night, { cursor: false });
  });

  test.each([
    ['an hour ahead of ours', 3600],
    ['an hour behind ours', -3600],
  ])("retry-after as a date is measured by the API's clock: %s", async (_, skewSeconds) => {
    const night = await startCase();
    const serverNow = Date.now() + skewSeconds * 1000;
    night.sandbox.setNow(new Date(serverNow));
    const retryAfter = new Date(serverNow + 3000).toUTCString();
    night.sandbox.faults.add({ entity: 'jobs', nth: 2, fault: { kind: 'status', status: 429, retryAfter } });
    const run = await night.extract();
    expect(run, run.stdout).toMatchObject({ code: 0, done: { jobs: { new: 54 } } });
    const [retry] = run.events.flatMap((event) => (event.type === 'retry' ? [event.delayMs] : []));
    expect(retry).toBeGreaterThanOrEqual(2000);
    expect(retry).toBeLessThan(6000);
    await settles(night);
  });

  test('records around local midnight and daylight-saving dates load the same on hosts in other time zones', async () => {
    const edges = ['06:59:59.9999999', '07:00:00.0000000', '07:00:00.0000001', '23:59:59.9999999'];
    const jobs = edges.flatMap((time, i) =>
      ['2025-03-09', '2025-10-26', '2025-11-02'].map((day, j) => job(10 * i + j + 1, `${day}T${time}Z`)),
    );
    const night = await startCase({ records: { jobs } });
    night.sandbox.setNow(new Date('2025-11-03T12:00:00Z'));
    const states = [];
    for (const TZ of ['America/Phoenix', 'America/New_York', 'Pacific/Apia']) {
      const files = {
        DUCKDB_PATH: `${night.folder}/${TZ.length}.duckdb`,
        LANDING_URI: `${night.folder}/${TZ.length}`,
      };
      const other = await startCase({ env: { ...files, TZ }, records: { jobs } });
      other.sandbox.setNow(new Date('2025-11-03T12:00:00Z'));
      expect(await other.extract()).toMatchObject({ code: 0, done: { jobs: { new: 12 } } });
      states.push((await stateOf(files.DUCKDB_PATH, ['jobs'])).jobs?.versions);
    }
    expect(states[1]).toEqual(states[0]);
    expect(states[2]).toEqual(states[0]);
    await night.extract();
    await settles(night);
  });

  test('a run killed before midnight and completed the next day keeps its run date', async () => {
    const night = await startCase();
    await night.extract({
      preload: KILL_AT,
      env: { FAULTS_KILL_AT: 'after link manifest.json' },
      names: ['jobs'],
    });
    const next = await night.extract({ env: { RUN_DATE: '2025-10-28' } });
    expect(next.events).toContainEqual(expect.objectContaining({ type: 'recovered', entity: 'jobs' }));
    const log = await query(
      night.warehouse,
      `SELECT run_date::VARCHAR AS day, status, records_new AS new FROM st_logs_v2.ingestion_logs
       WHERE entity = 'jobs' ORDER BY start_time`,
    );
    expect(log).toEqual([
      { day: '2025-10-27', status: 'success', new: '54' },
      { day: '2025-10-28', status: 'success', new: '0' },
    ]);
    await settles(night);
  });
});
