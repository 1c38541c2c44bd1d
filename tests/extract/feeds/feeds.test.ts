import { describe, expect, test } from 'vitest';
import { documentedQuery } from '../../../extract/api/query-parameters.ts';
import { listPages } from '../../../extract/feeds/list.ts';
import type { Window } from '../../../extract/feeds/list-query.ts';
import { planRead } from '../../../extract/feeds/plan.ts';
import { isNewestVersion } from '../../../extract/load/newest-version.ts';
import type { FeedPage } from '../../../extract/pages/feed-page.ts';
import { createMend } from '../../../extract/pages/mend.ts';
import { plainScan } from '../../../extract/pages/scan.ts';
import { writeLines } from '../../../extract/pages/write-lines.ts';
import type { FaultRule } from '../../../sandbox/faults/faults.ts';
import { entity } from '../../../schemas/entities.ts';
import { job } from '../../sandbox/client.ts';
import { failureOf, receiptOf, startNight } from '../night.ts';

const days = (count: number, record: (id: number, modifiedOn: string) => string = job) =>
  Array.from({ length: count }, (_, index) =>
    record(index + 1, new Date(Date.UTC(2025, 0, 1) + index * 86_400_000).toISOString()),
  );

describe('export feeds', () => {
  test('an export feed is read page by page, and the next run continues from its continuation token', async () => {
    const night = await startNight({ jobs: days(25) }, { sandbox: { rowsPerExportPage: 10 } });
    expect(receiptOf(await night.run())).toMatchObject({
      read: 25,
      landed: 25,
      loaded: 25,
      new: 25,
      source: null,
    });
    expect(night.sandbox.requests.count('export/jobs')).toBe(3);
    expect(receiptOf(await night.run())).toMatchObject({ read: 0, new: 0 });
    expect(night.sandbox.requests.count('export/jobs')).toBe(4);
  });

  test('an export feed of facts starts at SYNC_START_DATE and one of dimensions at the first record', async () => {
    const night = await startNight(
      { jobs: days(25), customers: days(25) },
      { env: { SYNC_START_DATE: '2025-01-11' } },
    );
    const results = await night.run();
    expect(results.map((result) => result.status === 'success' && result.receipt.read)).toEqual([15, 25]);
  });

  test('the export feed of appointment assignments includes inactive ones', async () => {
    const night = await startNight({
      appointment_assignments: [
        '{"id":1,"createdOn":"2025-01-01T00:00:00Z","modifiedOn":"2025-01-01T00:00:00Z","active":false}',
      ],
    });
    expect(receiptOf(await night.run()).read).toBe(1);
  });

  test('a refused continuation token restarts the export LOOKBACK_DAYS before the watermark', async () => {
    const night = await startNight({ jobs: days(25) });
    await night.run();
    await night.query(`UPDATE st_logs_v2.sync_state SET continuation_token = 'stale'`);
    expect(receiptOf(await night.run())).toMatchObject({ read: 8, new: 0 });
    expect(night.events).toContainEqual({
      type: 'stale-token',
      entity: 'jobs',
      from: '2025-01-18T00:00:00.000Z',
    });
  });

  test('an export feed that repeats a continuation token with hasMore true fails its entity', async () => {
    const faults = [{ nth: 2, feed: 'export', fault: { kind: 'repeat token' } }] as const;
    const night = await startNight({ jobs: days(25) }, { sandbox: { rowsPerExportPage: 10, faults } });
    expect(failureOf(await night.run())).toContain('a continuation token that it already gave');
  });

  test('an export feed that ignores the requested start date fails its entity', async () => {
    const faults = [
      { feed: 'export', fault: { kind: 'record', index: 0, set: { modifiedOn: '2019-12-31T23:59:59Z' } } },
    ] as const;
    const night = await startNight({ jobs: days(3) }, { sandbox: { faults } });
    expect(failureOf(await night.run())).toContain('the service ignored a parameter');
  });

  test('a full read starts the export feed from the beginning and adds no known version', async () => {
    const night = await startNight({ jobs: days(25) });
    await night.run();
    expect(receiptOf(await night.run({ full: true }))).toMatchObject({ read: 25, new: 0 });
  });
});

test('after a bulk change of modifiedOn all records are read, and only those that differ become versions', async () => {
  const night = await startNight({ jobs: days(250) });
  await night.run();
  night.sandbox.change(
    { entity: 'jobs', touch: true },
    ...['7', '8', '9'].map((id) => ({ entity: 'jobs', id, set: { summary: 'changed' } })),
  );
  night.sandbox.setNow(new Date(night.sandbox.now().getTime() + 3_600_000));
  expect(receiptOf(await night.run())).toMatchObject({ read: 250, loaded: 250, visible: 250, new: 3 });
  expect(receiptOf(await night.run())).toMatchObject({ read: 0, new: 0 });
  expect(await night.query('SELECT count(*)::INTEGER AS n FROM st_raw_v2.raw_jobs')).toEqual([{ n: 253 }]);
  // The watermark is that of the touched records: a lost token does not read them once more.
  await night.query(`UPDATE st_logs_v2.sync_state SET continuation_token = 'stale'`);
  expect(receiptOf(await night.run())).toMatchObject({ read: 250, new: 0 });
  // A full read, too, finds nothing new.
  expect(receiptOf(await night.run({ full: true }))).toMatchObject({ read: 250, new: 0 });
});

test.each([
  'full read',
  'sweep',
])('a wrong later modifiedOn with the right content is mended by a %s, and later changes win', async (by) => {
  const wrong = { kind: 'record', index: 0, set: { modifiedOn: '2027-01-01T00:00:00Z' } } as const;
  const night = await startNight(
    { jobs: days(9) },
    { sandbox: { faults: [{ feed: 'export', fault: wrong }] } },
  );
  await night.run();
  if (by === 'full read') expect(receiptOf(await night.run({ full: true }))).toMatchObject({ new: 1 });
  else expect(await night.sweep('jobs')).toMatchObject({ missing: 0, newer: 1, failure: undefined });
  night.sandbox.change({ entity: 'jobs', id: '1', set: { jobNumber: 'changed' } });
  night.sandbox.setNow(new Date(night.sandbox.now().getTime() + 3_600_000));
  await night.run();
  const newest = `SELECT jobNumber FROM st_raw_v2.raw_jobs WHERE id = 1 QUALIFY ${isNewestVersion('id', 'modifiedOn')}`;
  expect(await night.query(newest)).toEqual([{ jobNumber: 'changed' }]);
});

const lasting = (set: Readonly<Record<string, number | null>>) =>
  [{ feed: 'list', times: null, fault: { kind: 'envelope', set } }] as const;

describe('list endpoints', () => {
  const PAYROLLS = entity('payrolls');
  const at = (id: number, modifiedOn: string) =>
    `{"id":${id},"createdOn":"2025-01-01T00:00:00Z","modifiedOn":"${modifiedOn}","active":${id % 2 === 0}}`;

  /** Reads a window with small pages directly from a sandbox. */
  async function read(
    records: readonly string[],
    window: Window,
    pageSize: number,
    faults: readonly FaultRule[] = [],
  ) {
    const { sandbox } = await startNight({ payrolls: records }, { sandbox: { faults } });
    const { clientId, clientSecret, tenantId, appKey } = sandbox.credentials;
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    const granted = await fetch(`${sandbox.url}/connect/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    const { access_token } = (await granted.json()) as { access_token: string };
    const asked: URLSearchParams[] = [];
    const pages: FeedPage[] = [];
    const feed = listPages({
      entity: PAYROLLS,
      window,
      pageSize,
      now: new Date('2025-10-27T12:00:00Z'),
      scanPage: plainScan,
      read: async (resource, query) => {
        asked.push(new URLSearchParams(query));
        const path = `/payroll/v2/tenant/${tenantId}/${resource}`;
        const headers = { Authorization: `Bearer ${access_token}`, 'ST-App-Key': appKey };
        const answer = await fetch(`${sandbox.url}${path}?${new URLSearchParams(query)}`, { headers });
        return {
          body: Buffer.from(await answer.arrayBuffer()),
          request: { entity: 'payrolls', method: 'GET', path },
        };
      },
    });
    for await (const page of feed) pages.push(page);
    const ids = pages.flatMap(({ page }) => {
      const rules = {
        key: ['id'],
        changeField: 'modifiedOn',
        validate: () => ({ errors: [], unknown: [], misfits: [], newValues: [] }),
        rowHash: () => '',
        mend: createMend([]),
        dateTimeKeys: new Set<string>(),
        extractedAt: () => '',
        page: '',
      };
      const lines = writeLines(page, rules).ndjson.toString().split('\n').slice(0, -1);
      return lines.map((line) => JSON.parse(line).id as number);
    });
    return { ids, pages, asked };
  }

  test('a list is read in windows that are halved until each fits one page', async () => {
    const { ids, asked, pages } = await read(days(40, at), { from: new Date('2025-01-01') }, 7);
    expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(pages.every(({ page }) => !page.hasMore)).toBe(true);
    expect(asked.every((query) => query.get('page') === '1' && query.get('active') === 'Any')).toBe(true);
    expect(pages.reduce((sum, { sourceRows = 0 }) => sum + sourceRows, 0)).toBe(40);
  });

  test('a list loses and doubles no record at the edge of a window where many records stand', async () => {
    const edge = '2025-03-01T12:00:00';
    const records = ['.0000000', '.0000001', '.0009999', '.0010000', '.0010001', '.0019999'].map(
      (fraction, index) => at(index + 1, `${edge}${fraction}Z`),
    );
    const { ids } = await read(records, { from: new Date(`${edge}Z`), before: new Date(`${edge}.002Z`) }, 3);
    expect(ids.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('a list is read by page number only where one millisecond holds more than a page', async () => {
    const records = Array.from({ length: 8 }, (_, index) => at(index + 1, '2025-03-01T12:00:00.0000000Z'));
    const { ids, asked } = await read(records, {}, 3);
    expect([...ids].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(asked.filter((query) => query.get('page') !== '1')).toHaveLength(2);
  });

  test('a list of facts is read again for LOOKBACK_DAYS, a list of dimensions is read whole each run', async () => {
    const night = await startNight({ payrolls: days(25, at), campaigns: days(25, at) });
    const read = async () => (await night.run()).map((r) => (r.status === 'success' ? r.receipt : undefined));
    expect(await read()).toMatchObject([
      { read: 25, source: 25 },
      { read: 25, source: 25 },
    ]);
    expect(await read()).toMatchObject([
      { read: 8, source: 8, new: 0 },
      { read: 25, source: 25, new: 0 },
    ]);
  });

  test('a list whose totalCount differs from its rows fails the receipt and loads nothing', async () => {
    const night = await startNight(
      { payrolls: days(3, at) },
      { sandbox: { faults: lasting({ totalCount: 4 }) } },
    );
    expect(failureOf(await night.run())).toContain(
      'the API counts 4 records, but 3 different ones were read, also after 3 attempts',
    );
    expect(await night.query('SELECT count(*) AS n FROM st_raw_v2.raw_payrolls')).toEqual([{ n: '0' }]);
  });

  test('a list that does not count although it was asked to fails its entity', async () => {
    const night = await startNight(
      { payrolls: days(3, at) },
      { sandbox: { faults: lasting({ totalCount: null }) } },
    );
    expect(failureOf(await night.run())).toContain('totalCount is null, although the request asked for it');
  });

  test('a list with one record twice and one missing is not taken for complete by its number of rows', async () => {
    const twice = { kind: 'record', index: 1, set: { id: 1 } } as const;
    const night = await startNight(
      { payrolls: days(20, at) },
      { sandbox: { faults: [{ feed: 'list', times: null, fault: twice }] } },
    );
    expect(failureOf(await night.run())).toContain(
      'the API counts 20 records, but 19 different ones were read',
    );

    night.sandbox.faults.clear();
    night.sandbox.faults.add({ feed: 'list', fault: twice });
    const [result] = await night.run();
    expect(result).toMatchObject({ status: 'success', receipt: { source: 20, read: 20, new: 20 } });
  });

  test('records that come twice on different pages are counted once', async () => {
    const records = Array.from({ length: 8 }, (_, index) => at(index + 1, '2025-03-01T12:00:00.0000000Z'));
    // The newest id comes first, so the lowest one stands on the page that is still to come.
    const changes = [{ entity: 'payrolls', json: at(0, '2025-03-01T12:00:00.0000000Z') }];
    // The record appears while pages are read, so the whole window is read once more.
    const { ids, pages } = await read(records, {}, 3, [
      { path: 'page=2', fault: { kind: 'changes', changes } },
    ]);
    expect([...new Set(ids)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(pages.reduce((sum, { sourceRows = 0 }) => sum + sourceRows, 0)).toBe(ids.length);
  });
});

test('a query parameter that the API does not document is refused before it is sent', () => {
  expect(() => documentedQuery(entity('jobs'), 'jobs', { modifiedAfter: 'x' })).toThrow(
    'jobs: jpm/jobs has no parameter "modifiedAfter"',
  );
});

test('the lookback window never starts before SYNC_START_DATE', () => {
  const cursor = { continuation_token: null, watermark: '2020-01-03T00:00:00.000Z' };
  const config = { lookbackDays: 7, syncStartDate: '2020-01-01' };
  expect(planRead(entity('payrolls'), 'incremental', cursor, config)).toEqual({
    feed: 'list',
    window: { from: new Date('2020-01-01T00:00:00Z') },
  });
});
