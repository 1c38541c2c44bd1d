import { describe, expect, test } from 'vitest';
import { assertUsualVolume } from '../../../extract/feeds/volume-alarm.ts';
import type { FaultRule } from '../../../sandbox/faults/faults.ts';
import { job } from '../../sandbox/client.ts';
import { failureOf, receiptOf, startNight } from '../night.ts';

const rows = (count: number, month = 1) =>
  Array.from({ length: count }, (_, i) =>
    job(i + 1, new Date(Date.UTC(2025, month - 1, 1) + i * 3_600_000).toISOString(), { name: `N${i}` }),
  );
const empty = (name: string, feed: 'list' | 'export', path?: string): FaultRule => ({
  entity: name,
  feed,
  ...(path && { path }),
  times: null,
  fault: { kind: 'envelope', set: { data: [], ...(feed === 'list' && { totalCount: 0 }) } },
});

describe('the volume alarm for a read that returns far less than is stored', () => {
  test('the volume alarm fails a list that comes back empty and keeps its rows and its cursor', async () => {
    const night = await startNight({ campaigns: rows(6) });
    await night.run();
    const before = await night.query('SELECT * FROM st_raw_v2.raw_campaigns');
    night.sandbox.faults.add(empty('campaigns', 'list'));
    expect(failureOf(await night.run())).toBe(
      'campaigns: the feed returned only 0 of 6 known records, fewer than half',
    );
    expect(await night.query('SELECT * FROM st_raw_v2.raw_campaigns')).toEqual(before);
    night.sandbox.faults.clear();
    expect(receiptOf(await night.run())).toMatchObject({ read: 6, new: 0 });
  });

  test('the volume alarm fails a full read that collapsed, and its landed pages are not loaded later', async () => {
    const night = await startNight({ jobs: rows(40) });
    await night.run();
    const cursor = 'SELECT continuation_token, watermark FROM st_logs_v2.sync_state';
    const before = await night.query(cursor);
    night.sandbox.faults.add({ ...empty('jobs', 'export'), fault: { kind: 'shift page', rows: 30 } });
    expect(failureOf(await night.run({ full: true }))).toMatch(
      /^jobs: the feed returned only 10 of 40 known records that changed since 2020/,
    );
    night.sandbox.faults.clear();
    expect(receiptOf(await night.run())).toMatchObject({ read: 0 });
    expect(await night.query(cursor)).toEqual(before);
  });

  test('the volume alarm fails a full re-read after a lost continuation token that returns nothing', async () => {
    const night = await startNight({ customers: rows(12) });
    await night.run();
    const connection = await night.warehouse.connect();
    await connection.run('UPDATE st_logs_v2.sync_state SET watermark = NULL');
    connection.closeSync();
    const refusal = { kind: 'status', status: 400 } as const;
    night.sandbox.faults.add({ entity: 'customers', feed: 'export', nth: 1, fault: refusal });
    night.sandbox.faults.add({ ...empty('customers', 'export'), nth: 2 });
    expect(failureOf(await night.run())).toBe(
      'customers: the feed returned only 0 of 12 known records, fewer than half',
    );
    expect(night.events).toContainEqual({ type: 'stale-token', entity: 'customers', from: null });
  });

  test('the volume alarm of a list of facts compares the days of its lookback window', async () => {
    const payrolls = rows(20, 10).map((text) => {
      const { id, modifiedOn } = JSON.parse(text);
      return JSON.stringify({ id, createdOn: modifiedOn, modifiedOn, burdenRate: 1.5 });
    });
    const night = await startNight({ payrolls });
    await night.run();
    night.sandbox.faults.add(empty('payrolls', 'list'));
    expect(failureOf(await night.run())).toContain(
      'of 20 known records that changed since 2025-09-24T19:00:00.000Z',
    );
  });

  test('the volume alarm does not count records that a sweep found missing at source', async () => {
    const night = await startNight({ campaigns: rows(6) });
    await night.run();
    const gone = ['1', '2', '3', '4'];
    night.sandbox.change(...gone.map((id) => ({ entity: 'campaigns', id, remove: true as const })));
    expect(failureOf(await night.run())).toContain('only 2 of 6 known records');
    const connection = await night.warehouse.connect();
    for (const id of gone) {
      await connection.run(
        `INSERT INTO st_logs_v2.vanished_records (entity, record_id) VALUES ('campaigns', '${id}')`,
      );
    }
    connection.closeSync();
    expect(receiptOf(await night.run())).toMatchObject({ read: 2, new: 0 });
  });
});

describe('limits of the volume alarm', () => {
  test('the volume alarm accepts a first run, an empty tenant and a quiet day of an export feed', async () => {
    const night = await startNight({ campaigns: [], jobs: rows(30), payrolls: [], customers: [] });
    for (const run of [await night.run(), await night.run()]) {
      expect(run.map(({ status }) => status)).toEqual(['success', 'success', 'success', 'success']);
    }
  });

  test.each([
    [3, 6],
    [0, 4],
    [0, 0],
    [20, 39],
  ])('the volume alarm accepts %i of %i records', (found, known) => {
    expect(() => assertUsualVolume({ entity: 'jobs', from: undefined, found, known })).not.toThrow();
  });

  test.each([
    [2, 5],
    [0, 5],
    [19, 39],
  ])('the volume alarm refuses %i of %i records', (found, known) => {
    expect(() => assertUsualVolume({ entity: 'jobs', from: undefined, found, known })).toThrow(
      'fewer than half',
    );
  });
});

describe('the volume alarm for open balances', () => {
  const invoices = (count: number) =>
    rows(count).map((text) => text.replace(/\}$/, ',"total":"10.00","balance":"10.00"}'));

  test('the volume alarm fails when the list of open balances collapses and the invoices are still open by id', async () => {
    const night = await startNight({ invoices: invoices(12) });
    await night.run();
    night.sandbox.faults.add(empty('invoices', 'list', 'balanceFilter'));
    expect(failureOf(await night.run())).toContain('the list omits 12 records whose balance is not zero');
  });

  test('the volume alarm fails when open invoices are neither in the list nor found by id', async () => {
    const night = await startNight({ invoices: invoices(12) });
    await night.run();
    night.sandbox.faults.add(empty('invoices', 'list'));
    expect(failureOf(await night.run())).toContain(
      '12 known records are neither in the list nor found by id',
    );
  });

  test('the volume alarm accepts open invoices that were all paid and one that was deleted', async () => {
    const night = await startNight({ invoices: invoices(12) });
    await night.run();
    night.sandbox.change(
      ...invoices(11).map((text) => ({
        entity: 'invoices',
        json: text.replace('"balance":"10.00"', '"balance":"0.00"'),
      })),
      { entity: 'invoices', id: '12', remove: true },
    );
    expect(receiptOf(await night.run())).toMatchObject({ new: 11 });
  });
});
