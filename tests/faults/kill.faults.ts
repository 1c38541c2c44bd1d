import { beforeEach, describe, expect, test } from 'vitest';
import { start } from '../e2e/command.ts';
import { countsAs, KILL_AT, settles, startCase } from './case.ts';
import { note } from './ledger.ts';
import { smallTenant } from './tenant.ts';

const RAW = 'INSERT INTO "st_raw_v2"."raw_jobs"';
const LOGS = `UPDATE "st_logs_v2"."ingestion_logs" SET status = 'success'`;
const STATE = 'UPDATE "st_logs_v2"."sync_state" SET fencing_number = ';

let cases = 0;
beforeEach(() => {
  cases += 1;
});
countsAs('kill', () => cases);

/**
 * Named points of a run over jobs, how many of its rows are loaded when the process dies there, and how many runs the next run
 * loads from the landing: pages with a manifest are loaded from there, pages without one are read again.
 */
const POINTS: readonly [name: string, point: string, confirmed: 0 | 54, recovered: 0 | 1][] = [
  ['before the lease is taken', 'before run MERGE INTO "st_logs_v2"."sync_state"', 0, 0],
  ['after the lease is taken', 'after run INSERT INTO "st_logs_v2"."ingestion_logs"', 0, 0],
  ['before the first page is landed', 'before link jobs/', 0, 0],
  ['after the first page', 'after link page-00001', 0, 0],
  ['after the second page', 'after link page-00002', 0, 0],
  ['after the last page', 'after link page-00003', 0, 0],
  ['before the manifest', 'before link manifest.json', 0, 0],
  ['after the manifest', 'after link manifest.json', 0, 1],
  [
    'after the load checks its lease',
    'after run SELECT CASE WHEN (SELECT count(*) FROM "st_logs_v2"."sync_state"',
    0,
    1,
  ],
  ['before the insert', `before run ${RAW}`, 0, 1],
  ['after the insert', `after run ${RAW}`, 0, 1],
  ['after the log row', `after run ${LOGS}`, 0, 1],
  ['before the cursor moves', `before run ${STATE}`, 0, 1],
  ['after the cursor moves', `after run ${STATE}`, 0, 1],
  [
    'before the lease is released',
    'before run UPDATE "st_logs_v2"."sync_state" SET lease_owner = NULL',
    54,
    0,
  ],
  ['after the lease is released', 'after run UPDATE "st_logs_v2"."sync_state" SET lease_owner = NULL', 54, 0],
];

describe('kill -9 during extract and replay', () => {
  test.each(
    POINTS,
  )('kill -9 %s: the next run loses and doubles no row', async (_, point, confirmed, recovered) => {
    const night = await startCase();
    const run = await night.extract({
      names: ['jobs'],
      preload: KILL_AT,
      env: { FAULTS_KILL_AT: point },
    });
    expect(run).toMatchObject({ code: null, done: confirmed === 0 ? {} : { jobs: { new: 54 } } });
    const { versions, cursor } = (await night.state()).jobs ?? {};
    expect(versions).toHaveLength(confirmed);
    expect(cursor?.token === null).toBe(confirmed === 0);
    const next = await settles(night);
    expect(next.events.filter(({ type }) => type === 'recovered')).toHaveLength(recovered);
  });

  test('kill -9 in a second run with changed records loses no version and no stored row', async () => {
    const night = await startCase();
    await night.extract();
    const changed = { jobStatus: 'Completed', modifiedOn: '2025-08-01T00:00:00Z' };
    for (const id of ['3', '30', '53']) night.sandbox.change({ entity: 'jobs', id, set: changed });
    await night.extract({ preload: KILL_AT, env: { FAULTS_KILL_AT: `after run ${RAW}` } });
    await settles(night, { moreVersions: true });
    expect((await night.state()).jobs?.versions).toHaveLength(57);
  });

  test('kill -9, then a balance that moves without a new modifiedOn: the next run loads the new balance', async () => {
    const night = await startCase();
    const point = 'after link manifest.json';
    await night.extract({ names: ['invoices'], preload: KILL_AT, env: { FAULTS_KILL_AT: point } });
    const { modifiedOn } = JSON.parse(smallTenant().invoices[5] ?? '{}');
    night.sandbox.change({ entity: 'invoices', id: '6', set: { balance: 0, modifiedOn } });
    await settles(night, { moreVersions: true });
  });

  test("kill -9 twice, the second time while the first run's pages are loading, loses and doubles no row", async () => {
    const night = await startCase();
    await night.extract({ preload: KILL_AT, env: { FAULTS_KILL_AT: `after run ${RAW}` } });
    await night.extract({ preload: KILL_AT, env: { FAULTS_KILL_AT: `after run ${STATE}` } });
    await settles(night);
  });

  test('kill -9 in the middle of a replay leaves the raw table as it was', async () => {
    const night = await startCase();
    await night.extract();
    const before = await night.state();
    const env = { ...night.env, FAULTS_KILL_AT: `after run ${RAW}` };
    expect(await start(['replay', 'jobs'], env, { preload: KILL_AT }).ended).toMatchObject({ code: null });
    note({ kills: 1 });
    expect(await night.state()).toEqual(before);
    expect(await night.command('replay', 'jobs')).toMatchObject({ code: 0 });
    await settles(night);
  });

  // The run does other work while it writes a log line, so the kill hits it at an arbitrary point.
  test.each([
    1, 3, 5, 8, 11, 14, 17, 20,
  ])('kill -9 when the run writes log line %i loses and doubles no row', async (nth) => {
    const night = await startCase();
    await night.extract();
    const set = { jobStatus: 'Completed', modifiedOn: '2025-08-01T00:00:00Z' };
    night.sandbox.change({ entity: 'jobs', id: '3', set });
    let told = 0;
    const run = await night.extract({
      args: ['--mode', 'full'],
      onLine: (_, command) => {
        told += 1;
        if (told === nth) command.kill('SIGKILL');
      },
    });
    expect(run.code).toBeNull();
    await settles(night, { moreVersions: true });
  });
});
