import { beforeEach, describe, expect, test } from 'vitest';
import { isNewestVersion } from '../../extract/load/newest-version.ts';
import { query } from '../e2e/command.ts';
import { job } from '../sandbox/client.ts';
import { countsAs, failsOnly, settles, startCase } from './case.ts';
import { invoice } from './tenant.ts';

let cases = 0;
beforeEach(() => {
  cases += 1;
});
countsAs('sweep', () => cases);

/** How many invoices of the small tenant the export skips because its second page starts too late. */
const SKIPPED = 4;
const skips = {
  entity: 'invoices',
  feed: 'export',
  nth: 2,
  fault: { kind: 'shift page', rows: SKIPPED },
} as const;
/** None of them is open, because the list of open balances would bring open invoices anyway. */
const paid = (count: number) =>
  Array.from({ length: count }, (_, i) => invoice(i + 1, `2025-06-${i < 9 ? '0' : ''}${i + 1}T00:00:00Z`, 0));

interface Swept {
  readonly entity: string;
  readonly here: number;
  readonly there: number | null;
  readonly missing: number;
  readonly newer: number;
  readonly vanished: readonly string[];
}
const resultsOf = (stdout: string): readonly Swept[] => JSON.parse(stdout).results;

describe('a wrong version with a newer change time', () => {
  const WRONG = { jobStatus: 'Canceled', total: 0, modifiedOn: '2026-01-05T00:00:00Z' };
  const RIGHT = ['5', '4.250000000', '2025-06-03 00:00:00.000432+00'];
  const newest = async (path: string) => {
    const [row] = await query(
      path,
      `SELECT id, total, modifiedOn FROM st_raw_v2.raw_jobs WHERE id = 5 QUALIFY ${isNewestVersion('id', 'modifiedOn')}`,
    );
    return [row?.id, row?.total, row?.modifiedOn];
  };

  test.each([
    ['a full read', ['extract', 'jobs', '--mode', 'full']],
    ['a sweep', ['sweep', 'jobs']],
    ['a backfill', ['backfill', 'jobs', '--since', '2025-06-01', '--until', '2025-06-10', '--yes']],
  ])('%s mends a wrong version that changed later than the right one, and a replay keeps it mended', async (_, command) => {
    const night = await startCase({
      faults: [
        { entity: 'jobs', feed: 'export', times: null, fault: { kind: 'record', id: '5', set: WRONG } },
      ],
    });
    await night.extract();
    night.sandbox.faults.clear();
    // Between two incremental reads the later change wins, so the wrong version stays.
    await night.extract();
    expect((await newest(night.warehouse))[1]).toBe('0.000000000');

    const mended = await night.command(...command);
    expect(mended, mended.stderr).toMatchObject({ code: 0 });
    expect(await newest(night.warehouse)).toEqual(RIGHT);
    expect(await night.command('replay', 'jobs')).toMatchObject({ code: 0 });
    expect(await newest(night.warehouse)).toEqual(RIGHT);
    await night.extract();
    expect(await newest(night.warehouse)).toEqual(RIGHT);
    expect(await night.untruths()).toEqual([]);
  });
});

describe('a sweep after an export feed skipped records', () => {
  test('a sweep finds and loads the rows that an export feed skipped, equal to an undisturbed run', async () => {
    const night = await startCase({ records: { invoices: paid(26) }, faults: [skips] });
    expect(await night.extract()).toMatchObject({ code: 0, done: { invoices: { new: 26 - SKIPPED } } });
    expect(await night.extract()).toMatchObject({ code: 0, done: { invoices: { new: 0 } } });
    const swept = await night.command('sweep', 'all', '--json');
    expect(swept, swept.stderr).toMatchObject({ code: 0 });
    expect(resultsOf(swept.stdout).filter(({ missing, newer }) => missing + newer > 0)).toMatchObject([
      { entity: 'invoices', missing: SKIPPED, newer: 0, vanished: [] },
    ]);
    expect((await settles(night)).done.invoices).toMatchObject({ new: 0 });
    const again = resultsOf((await night.command('sweep', 'all', '--json')).stdout);
    expect(again.map(({ missing, newer, vanished }) => [missing, newer, vanished])).toEqual(
      again.map(() => [0, 0, []]),
    );
  });

  test('a sweep finds skipped changes of an export feed', async () => {
    const night = await startCase({ records: { invoices: paid(26) } });
    await night.extract();
    night.sandbox.change({
      entity: 'invoices',
      json: invoice(3, '2025-06-25T12:00:00Z', 0).replace('I-3', 'changed'),
    });
    expect(await night.extract()).toMatchObject({ code: 0, done: { invoices: { new: 0 } } });
    const swept = await night.command('sweep', 'invoices', '--json');
    expect(resultsOf(swept.stdout)).toMatchObject([{ missing: 0, newer: 1 }]);
    expect((await settles(night, { moreVersions: true })).done.invoices).toMatchObject({ new: 0 });
  });

  test('a sweep finds changes that keep their date, and one missing and one deleted record of the same day', async () => {
    const night = await startCase({ records: { invoices: paid(26) } });
    await night.extract();
    night.sandbox.change(
      { entity: 'invoices', json: invoice(3, '2025-06-03T00:00:00Z', 0).replace('I-3', 'changed') },
      { entity: 'invoices', id: '7', remove: true },
      { entity: 'invoices', json: invoice(99, '2025-06-07T00:00:00Z', 0) },
    );
    expect(await night.extract()).toMatchObject({ code: 0, done: { invoices: { new: 0 } } });
    const swept = await night.command('sweep', 'invoices', '--json');
    expect(resultsOf(swept.stdout)).toMatchObject([
      { here: 26, there: 26, missing: 1, newer: 1, vanished: ['7'] },
    ]);
    expect(await night.extract()).toMatchObject({ code: 0, done: { invoices: { new: 0 } } });
    const again = resultsOf((await night.command('sweep', 'invoices', '--json')).stdout);
    expect(again).toMatchObject([{ here: 26, there: 26, missing: 0, newer: 0, vanished: ['7'] }]);
  });

  test('sweep --plan shows differing counts of both sides and reads no record', async () => {
    const night = await startCase({ records: { invoices: paid(26) }, faults: [skips] });
    await night.extract();
    const planned = await night.command('sweep', 'invoices', '--plan');
    expect(planned.stdout).toMatch(/invoices +2020-01-01 +22 +26 +1$/m);
    expect(await night.command('extract', 'invoices')).toMatchObject({ code: 0 });
    expect((await night.state()).invoices?.newest).toHaveLength(26 - SKIPPED);
  });
});

test('a sweep that fails with 404 reports the reason and the next sweep completes', async () => {
  const night = await startCase({ records: { invoices: paid(26) }, faults: [skips] });
  await night.extract();
  const refusal = { kind: 'status', status: 404 } as const;
  night.sandbox.faults.add({ entity: 'invoices', feed: 'list', nth: 2, times: null, fault: refusal });
  const stopped = await night.command('sweep', 'all');
  expect(stopped).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/failed invoices: GET .* answered 404/),
  });
  night.sandbox.faults.clear();
  const [swept] = resultsOf((await night.command('sweep', 'invoices', '--json')).stdout);
  expect(swept).toMatchObject({ missing: SKIPPED });
  await settles(night);
});

test('records missing at source stay stored, are noted by sweep --gone and no longer raise the volume alarm', async () => {
  const night = await startCase();
  await night.extract();
  const gone = ['1', '2', '3', '4'];
  night.sandbox.change(...gone.map((id) => ({ entity: 'campaigns', id, remove: true as const })));
  failsOnly(await night.extract(), 'campaigns', 'only 2 of 6 known records');
  expect(await night.command('sweep', 'campaigns')).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/only 2 of 6 known records were found[\s\S]*add --gone/),
  });
  const swept = await night.command('sweep', 'campaigns', '--gone');
  expect(swept, swept.stderr).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('missing at source: campaigns 1, 2, 3, 4'),
  });
  expect(await night.extract()).toMatchObject({ code: 0, done: { campaigns: { read: 2, new: 0 } } });
  const rows = await query(
    night.warehouse,
    'SELECT count(DISTINCT id)::INTEGER AS n FROM st_raw_v2.raw_campaigns',
  );
  expect(rows).toEqual([{ n: 6 }]);
});

describe('the volume alarm when a feed collapses', () => {
  test('the volume alarm fails an entity whose list comes back empty', async () => {
    const night = await startCase();
    await night.extract();
    const nothing = { kind: 'envelope', set: { data: [], totalCount: 0 } } as const;
    night.sandbox.faults.add({ entity: 'campaigns', feed: 'list', times: null, fault: nothing });
    failsOnly(await night.extract(), 'campaigns', 'only 0 of 6 known records');
    expect((await settles(night)).done.campaigns).toMatchObject({ read: 6, new: 0 });
  });

  test('the volume alarm fails a full read of an export feed that leaves most records out', async () => {
    const night = await startCase();
    await night.extract();
    night.sandbox.faults.add({ entity: 'jobs', feed: 'export', fault: { kind: 'shift page', rows: 40 } });
    const run = await night.extract({ args: ['--mode', 'full'] });
    failsOnly(run, 'jobs', 'only 14 of 54 known records');
    await settles(night);
  });

  test('the volume alarm fails an entity whose list of open balances is empty', async () => {
    const night = await startCase();
    await night.extract();
    const nothing = { kind: 'envelope', set: { data: [], totalCount: 0 } } as const;
    night.sandbox.faults.add({ entity: 'invoices', path: 'balanceFilter', times: null, fault: nothing });
    failsOnly(await night.extract(), 'invoices', 'the list omits 6 records whose balance is not zero');
    await settles(night);
  });
});

test('the volume alarm accepts a first run, a quiet run and an empty tenant', async () => {
  const night = await startCase({
    records: { campaigns: [], payrolls: [], jobs: [job(1, '2025-06-01T00:00:00Z')] },
  });
  expect(await night.extract()).toMatchObject({ code: 0, failed: {} });
  expect(await night.extract()).toMatchObject({ code: 0, failed: {} });
});
