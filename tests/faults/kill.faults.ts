import { beforeEach, describe, expect, test } from 'vitest';
import { start } from '../e2e/command.ts';
import { countsAs, KILL_AT, settles, startCase } from './case.ts';
import { note } from './ledger.ts';
import { smallTenant } from './tenant.ts';

const RAW = 'INSERT INTO "st_raw_v2"."raw_jobs"';
const LOGS = `UPDATE "st_logs_v2"."ingestion_logs" SET status = 'success'`;
const STATE = 'UPDATE "st_logs_v2"."sync_state" SET mode = ';

let cases = 0;
beforeEach(() => {
  cases += 1;
});
countsAs('kill', () => cases);

/** Named points of a run over jobs, and how many rows of it are confirmed when the process dies there. */
const POINTS: readonly [name: string, point: string, confirmed: 0 | 54][] = [
  ['before the lease is taken', 'before run UPDATE "st_logs_v2"."sync_state" SET lease_owner = $owner', 0],
  ['when the lease is taken', 'after run INSERT INTO "st_logs_v2"."ingestion_logs"', 0],
  ['before the first page has its name', 'before link jobs/', 0],
  ['after the first page', 'after link page-00001', 0],
  ['after the second page', 'after link page-00002', 0],
  ['after the last page', 'after link page-00003', 0],
  ['before the manifest', 'before link manifest.json', 0],
  ['after the manifest', 'after link manifest.json', 0],
  ['when the load table is made', 'after run CREATE OR REPLACE TEMP TABLE "load_jobs"', 0],
  ['before the insert', `before run ${RAW}`, 0],
  ['after the insert', `after run ${RAW}`, 0],
  ['after the log', `after run ${LOGS}`, 0],
  ['before the state', `before run ${STATE}`, 0],
  ['after the state', `after run ${STATE}`, 0],
  [
    'before the lease is given back',
    'before run UPDATE "st_logs_v2"."sync_state" SET lease_owner = NULL',
    54,
  ],
  ['after the lease is given back', 'after run UPDATE "st_logs_v2"."sync_state" SET lease_owner = NULL', 54],
];

describe('kill -9', () => {
  test.each(POINTS)('%s', async (_, point, confirmed) => {
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
    const recovered = next.events.filter(({ type }) => type === 'recovered').length;
    // What was sealed is loaded from the landing; what was not is asked for again.
    expect(recovered).toBe(
      /manifest$|load table|insert|log$|state$/.test(_) && !/before the manifest/.test(_) ? 1 : 0,
    );
  });

  test('in the middle of the next night, when there is something to lose', async () => {
    const night = await startCase();
    await night.extract();
    const changed = { jobStatus: 'Completed', modifiedOn: '2025-08-01T00:00:00Z' };
    for (const id of ['3', '30', '53']) night.sandbox.change({ entity: 'jobs', id, set: changed });
    await night.extract({ preload: KILL_AT, env: { FAULTS_KILL_AT: `after run ${RAW}` } });
    await settles(night, { moreVersions: true });
    expect((await night.state()).jobs?.versions).toHaveLength(57);
  });

  test('and a balance that moves without an instant before the next run', async () => {
    const night = await startCase();
    const point = 'after link manifest.json';
    await night.extract({ names: ['invoices'], preload: KILL_AT, env: { FAULTS_KILL_AT: point } });
    const { modifiedOn } = JSON.parse(smallTenant().invoices[5] ?? '{}');
    night.sandbox.change({ entity: 'invoices', id: '6', set: { balance: 0, modifiedOn } });
    await settles(night, { moreVersions: true });
  });

  test('twice, the second time while what the first left is loaded', async () => {
    const night = await startCase();
    await night.extract({ preload: KILL_AT, env: { FAULTS_KILL_AT: `after run ${RAW}` } });
    await night.extract({ preload: KILL_AT, env: { FAULTS_KILL_AT: `after run ${STATE}` } });
    await settles(night);
  });

  test('in the middle of a replay: the table stands as before', async () => {
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

  // Each line is told in the middle of something else: by then the process is wherever it is.
  test.each([1, 3, 5, 8, 11, 14, 17, 20])('when it tells its line %i, wherever that is', async (nth) => {
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
