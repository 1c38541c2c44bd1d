import { describe, expect, test } from 'vitest';
import type { Warehouse } from '../../../extract/load/warehouse.ts';
import { sweepEntity } from '../../../extract/upkeep/sweep.ts';
import { planSweepOf } from '../../../extract/upkeep/sweep-plan.ts';
import type { FaultRule } from '../../../sandbox/faults/faults.ts';
import { entity } from '../../../schemas/entities.ts';
import { job } from '../../sandbox/client.ts';
import { failureOf, type Night, receiptOf, startNight } from '../night.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const at = (day: number) =>
  new Date(Date.UTC(2025, 0, 1) + day * DAY_MS + 123).toISOString().replace('Z', '4567Z');
const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => job(i + 1, at(4 * i), { name: `N${i}` }));
const SMALL_PAGES = { rowsPerExportPage: 10 };
const STATE = 'SELECT continuation_token, watermark, mode FROM st_logs_v2.sync_state ORDER BY entity';
const VANISHED = 'SELECT entity, record_id AS id, evidence FROM st_logs_v2.vanished_records ORDER BY ALL';
/** The feed starts its second page three rows too late without an error. */
const skipping = (name: string): FaultRule => ({
  entity: name,
  feed: 'export',
  nth: 2,
  fault: { kind: 'shift page', rows: 3 },
});

let runs = 0;

async function sweep(
  night: Night,
  name: string,
  options: { isMassDeletionAccepted?: boolean; warehouse?: Warehouse } = {},
) {
  const { config, client, clock, landing } = night;
  const { isMassDeletionAccepted, warehouse = night.warehouse, ...asked } = options;
  const signal = new AbortController().signal;
  const plan = await planSweepOf(entity(name), {
    config,
    client,
    query: warehouse.query,
    signal,
    ...asked,
  });
  if (!plan) throw new Error('nothing is loaded');
  const suffix = () => `sweep${++runs}`;
  const place = { config, client, landing, warehouse, clock, signal };
  const swept = await sweepEntity(plan, { ...place, suffix, isMassDeletionAccepted, onEvent: () => {} });
  return { plannedCalls: plan.calls, ...swept };
}

describe('a sweep of an export feed that skips records', () => {
  test('a sweep finds skipped records, loads them and does not move the cursor', async () => {
    const night = await startNight(
      { customers: rows(40) },
      { sandbox: { ...SMALL_PAGES, faults: [skipping('customers')] } },
    );
    expect(receiptOf(await night.run())).toMatchObject({ new: 37 });
    const before = await night.query(STATE);
    expect(await sweep(night, 'customers')).toMatchObject({
      here: 37,
      there: 40,
      missing: 3,
      newer: 0,
      vanished: [],
    });
    expect(await night.versions('customers')).toHaveLength(40);
    expect(await night.query(STATE)).toEqual(before);
    expect(await sweep(night, 'customers')).toMatchObject({ windows: 1, missing: 0, newer: 0, calls: 1 });
    expect(receiptOf(await night.run({ full: true }))).toMatchObject({ read: 40, new: 0 });
    const loaded = await night.versions('customers');
    await night.replay();
    expect(await night.versions('customers')).toEqual(loaded);
  });

  test('a sweep finds skipped records where the list hides deactivated ones, which are not missing', async () => {
    const hidden = job('1234567890123456789', at(2), { active: false });
    const large = job('1234567890123456781', at(2));
    const night = await startNight(
      { jobs: [...rows(40), hidden, large] },
      { sandbox: { ...SMALL_PAGES, faults: [skipping('jobs')] } },
    );
    expect(receiptOf(await night.run())).toMatchObject({ new: 39 });
    expect(await sweep(night, 'jobs')).toMatchObject({
      here: 38,
      there: 41,
      windows: 1,
      missing: 3,
      newer: 0,
      vanished: [],
    });
    expect(await sweep(night, 'jobs')).toMatchObject({ windows: 1, missing: 0, newer: 0, vanished: [] });
    expect(await night.query(VANISHED)).toEqual([]);
  });

  test('a sweep finds a skipped change although both sides have as many records', async () => {
    const night = await startNight({ customers: rows(40) });
    await night.run();
    // The continuation token is past this instant, so no feed shows the change.
    night.sandbox.change({ entity: 'customers', json: job(3, at(155), { name: 'changed' }) });
    expect(receiptOf(await night.run())).toMatchObject({ read: 0 });
    expect(await sweep(night, 'customers')).toMatchObject({
      here: 40,
      there: 40,
      missing: 0,
      newer: 1,
      vanished: [],
    });
    expect(
      await night.query('SELECT name FROM st_raw_v2.raw_customers WHERE id = 3 ORDER BY modifiedOn'),
    ).toEqual([{ name: 'N2' }, { name: 'changed' }]);
  });

  test('a sweep finds a missing and a deleted record of the same day that leave the count equal', async () => {
    const night = await startNight({ customers: rows(40) });
    await night.run();
    night.sandbox.change(
      { entity: 'customers', id: '5', remove: true },
      { entity: 'customers', json: job(77, at(16.5)) },
    );
    expect(await sweep(night, 'customers')).toMatchObject({
      here: 40,
      there: 40,
      missing: 1,
      vanished: ['5'],
    });
  });
});

describe('a sweep compares contents', () => {
  const names = (night: Night, table: string, id: number) =>
    night.query(
      `SELECT name, coalesce(_generation, 0)::INTEGER AS generation FROM st_raw_v2.raw_${table}
       WHERE id = ${id} ORDER BY _extracted_at`,
    );

  test('a sweep finds a change that left modifiedOn as it was', async () => {
    const night = await startNight({ customers: rows(40) });
    await night.run();
    night.sandbox.change({ entity: 'customers', json: job(3, at(8), { name: 'renamed' }) });
    expect(receiptOf(await night.run())).toMatchObject({ new: 0 });
    expect(await sweep(night, 'customers')).toMatchObject({ missing: 0, newer: 1, vanished: [] });
    expect(await names(night, 'customers', 3)).toEqual([
      { name: 'N2', generation: 0 },
      { name: 'renamed', generation: 0 },
    ]);
    expect(await sweep(night, 'customers')).toMatchObject({ missing: 0, newer: 0 });
    expect(receiptOf(await night.run({ full: true }))).toMatchObject({ read: 40, new: 0 });
  });

  test('a sweep that shows a record with an older modifiedOn turns it back', async () => {
    const night = await startNight({ customers: rows(40) });
    await night.run();
    night.sandbox.change({ entity: 'customers', json: job(3, at(2), { name: 'restored' }) });
    expect(await sweep(night, 'customers')).toMatchObject({ missing: 0, newer: 1, vanished: [] });
    expect(await names(night, 'customers', 3)).toEqual([
      { name: 'N2', generation: 0 },
      { name: 'restored', generation: 1 },
    ]);
    expect(await sweep(night, 'customers')).toMatchObject({ missing: 0, newer: 0 });
  });

  test('a list that does not send active shows a deactivated record: it is active again', async () => {
    const [deactivated, active] = [false, true].map((flag) => job(7, at(2), { active: flag }));
    const night = await startNight({ jobs: [...rows(5), deactivated ?? ''] });
    await night.run();
    expect(await sweep(night, 'jobs')).toMatchObject({ here: 5, missing: 0, newer: 0, vanished: [] });
    night.sandbox.change({ entity: 'jobs', json: active ?? '' });
    expect(await sweep(night, 'jobs')).toMatchObject({ missing: 0, newer: 1, vanished: [] });
    expect(await sweep(night, 'jobs')).toMatchObject({ here: 6, missing: 0, newer: 0, vanished: [] });
  });

  test('values that the raw table leaves out are no difference', async () => {
    const customer = job(1, at(1), { name: 'Ada', address: { street: 'Main 1', zip: '89101' } });
    const night = await startNight({ customers: [customer] }, { env: { PERSONAL_DATA: 'drop' } });
    await night.run();
    expect(await sweep(night, 'customers')).toMatchObject({ here: 1, missing: 0, newer: 0 });
  });

  test('a record that breaks its schema is neither missing nor different again in each sweep', async () => {
    const night = await startNight({ tag_types: [...rows(5), job(6, at(3), { name: 7 })] });
    expect(receiptOf(await night.run())).toMatchObject({ new: 5, rejected: 1 });
    expect(await sweep(night, 'tag_types')).toMatchObject({ missing: 0, newer: 0, vanished: [] });
    // A stored record that does not fit any more is noted once.
    night.sandbox.change({ entity: 'tag_types', json: job(2, at(5), { name: 7 }) });
    expect(await sweep(night, 'tag_types')).toMatchObject({ missing: 0, newer: 1, vanished: [] });
    expect(await sweep(night, 'tag_types')).toMatchObject({ missing: 0, newer: 0, vanished: [] });
    expect(await night.query('SELECT record_id FROM st_logs_v2.rejected_records ORDER BY ALL')).toEqual([
      { record_id: '2' },
      { record_id: '6' },
    ]);
  });
});

describe('the pages of a sweep', () => {
  const many = (count: number, day: (index: number) => number) =>
    Array.from({ length: count }, (_, i) => job(i + 1, at(day(i))));

  test('a sweep takes one call for each page, and the plan says how many', async () => {
    const night = await startNight({ jobs: many(10_400, (i) => Math.floor(i / 100)) });
    await night.run();
    expect(await sweep(night, 'jobs')).toMatchObject({ plannedCalls: 3, calls: 3, windows: 3, newer: 0 });
    night.sandbox.change(
      { entity: 'jobs', json: job(99_999, at(60)) },
      { entity: 'jobs', json: job(10, at(50), { summary: 'changed' }) },
      { entity: 'jobs', id: '9000', remove: true },
    );
    expect(await sweep(night, 'jobs')).toMatchObject({
      ...{ windows: 3, missing: 1, newer: 1, vanished: ['9000'], failure: undefined },
    });
    expect(await sweep(night, 'jobs')).toMatchObject({ missing: 0, newer: 0, vanished: ['9000'] });
    const log = await night.query(
      "SELECT count(*)::INTEGER AS n FROM st_logs_v2.ingestion_logs WHERE mode = 'sweep'",
    );
    expect(log).toEqual([{ n: 3 }]);
  });

  test('a sweep after a bulk change that moved only modifiedOn finds no difference, in bounded calls', async () => {
    const night = await startNight({ jobs: many(10_400, (i) => Math.floor(i / 100)) });
    await night.run();
    night.sandbox.change({ entity: 'jobs', touch: true });
    night.sandbox.setNow(new Date(night.sandbox.now().getTime() + 3_600_000));
    night.pass(3_600_000);
    await night.run();
    const swept = await sweep(night, 'jobs');
    expect(swept).toMatchObject({ here: 10_400, missing: 0, newer: 0, vanished: [], failure: undefined });
    expect(swept.calls).toBeLessThan(80);
  });

  test('a merge that moves locations without a new modifiedOn is found by a sweep and by no night', async () => {
    const record = (id: number, fields: object) =>
      JSON.stringify({ id, createdOn: at(0), modifiedOn: at(0), active: true, ...fields });
    const night = await startNight({
      customers: [1, 2].map((id) => record(id, {})),
      locations: [1, 2].map((id) => record(id, { customerId: id })),
    });
    await night.run();
    night.sandbox.change(
      { entity: 'customers', id: '1', set: { active: false, mergedToId: 2 } },
      { entity: 'locations', id: '1', set: { customerId: 2, modifiedOn: at(0) } },
    );
    night.sandbox.setNow(new Date(night.sandbox.now().getTime() + 3_600_000));
    const results = await night.run();
    expect(results.map((result) => result.status === 'success' && result.receipt.new)).toEqual([1, 0]);
    expect(await sweep(night, 'locations')).toMatchObject({ newer: 1, missing: 0 });
  });

  test('a sweep reads more records of one instant than a page holds', async () => {
    const night = await startNight({ jobs: many(5_200, () => 3) });
    await night.run();
    night.sandbox.change({ entity: 'jobs', id: '5100', remove: true });
    expect(await sweep(night, 'jobs')).toMatchObject({ missing: 0, newer: 0, vanished: ['5100'] });
  });

  test('a sweep that fails on its last page loads nothing, and the next one everything', async () => {
    const night = await startNight({ jobs: many(10_400, (i) => Math.floor(i / 100)) });
    await night.run();
    const refused: FaultRule = {
      entity: 'jobs',
      feed: 'list',
      nth: 4,
      times: null,
      fault: { kind: 'status', status: 404 },
    };
    night.sandbox.faults.add(refused);
    night.sandbox.change(
      { entity: 'jobs', json: job(99_999, at(1)) },
      { entity: 'jobs', id: '5', remove: true },
    );
    const loaded = await night.versions('jobs');
    expect(await sweep(night, 'jobs')).toMatchObject({
      ...{ windows: 2, missing: 0, vanished: [], failure: { status: 'failed' } },
    });
    expect(await night.versions('jobs')).toEqual(loaded);
    expect(await night.query(VANISHED)).toEqual([]);
    night.sandbox.faults.clear();
    expect(await sweep(night, 'jobs')).toMatchObject({ windows: 3, missing: 1, vanished: ['5'] });
  });
});

describe('a sweep of records missing at source', () => {
  test('a deleted record stays in the raw table, is noted as missing at source and cleared when it returns', async () => {
    const night = await startNight({ customers: rows(40) });
    await night.run();
    night.sandbox.change({ entity: 'customers', id: '5', remove: true });
    expect(await sweep(night, 'customers')).toMatchObject({ missing: 0, vanished: ['5'] });
    const noted = [{ entity: 'customers', id: '5', evidence: 'not found by its id' }];
    expect(await night.query(VANISHED)).toEqual(noted);
    expect(await night.versions('customers')).toHaveLength(40);
    expect(await sweep(night, 'customers')).toMatchObject({ here: 39, there: 39, vanished: ['5'] });
    expect(await night.query(VANISHED)).toEqual(noted);
    night.sandbox.change({ entity: 'customers', json: rows(5)[4] ?? '' });
    expect(await sweep(night, 'customers')).toMatchObject({ missing: 0, vanished: [] });
    expect(await night.query(VANISHED)).toEqual([]);
  });

  test('a record that only changed or was deactivated is not noted as missing at source', async () => {
    const night = await startNight({ customers: rows(40) });
    await night.run();
    night.sandbox.change(
      { entity: 'customers', json: job(5, '2025-10-27T11:59:00Z') },
      { entity: 'customers', json: job(6, '2025-10-27T11:59:00Z', { active: false }) },
    );
    expect(await sweep(night, 'customers')).toMatchObject({ vanished: [] });
    expect(await night.query(VANISHED)).toEqual([]);
  });

  test('a record without lookup by id is confirmed as missing at source by the rest of the list', async () => {
    const night = await startNight({ tag_types: rows(40) });
    await night.run();
    night.sandbox.change({ entity: 'tag_types', id: '5', remove: true });
    night.sandbox.change({ entity: 'tag_types', json: job(6, '2025-10-27T11:59:00Z') });
    expect(await sweep(night, 'tag_types')).toMatchObject({ vanished: ['5'] });
    expect(await night.query(VANISHED)).toEqual([
      { entity: 'tag_types', id: '5', evidence: 'not in the list since its last change' },
    ]);
  });

  test('records of two entities swept at the same time are both noted as missing at source', async () => {
    const night = await startNight({ customers: rows(40), tag_types: rows(40) });
    await night.run();
    for (const name of ['customers', 'tag_types']) {
      night.sandbox.change({ entity: name, id: '5', remove: true });
    }
    await Promise.all([sweep(night, 'customers'), sweep(night, 'tag_types')]);
    expect(await night.query(VANISHED)).toMatchObject([{ entity: 'customers' }, { entity: 'tag_types' }]);
  });

  test('a record missing at source that returns with a change is cleared by the run that reads it', async () => {
    const night = await startNight({ customers: rows(40) });
    await night.run();
    night.sandbox.change({ entity: 'customers', id: '5', remove: true });
    await sweep(night, 'customers');
    expect(await night.query(VANISHED)).toMatchObject([{ id: '5' }]);
    night.sandbox.change({ entity: 'customers', json: job(5, '2025-10-27T11:00:00Z') });
    expect(receiptOf(await night.run())).toMatchObject({ read: 1, new: 1 });
    expect(await night.query(VANISHED)).toEqual([]);
  });

  test('after a sweep that was killed before it noted a missing record the next one notes it', async () => {
    const night = await startNight({ jobs: rows(40) });
    await night.run();
    night.sandbox.change({ entity: 'jobs', id: '5', remove: true });
    const killed = () => Promise.reject(new Error('killed'));
    const warehouse = { ...night.warehouse, noteMissing: killed };
    expect(await sweep(night, 'jobs', { warehouse })).toMatchObject({ failure: { status: 'failed' } });
    expect(await night.query(VANISHED)).toEqual([]);
    await night.run();
    expect(await sweep(night, 'jobs')).toMatchObject({ windows: 1, vanished: ['5'] });
    expect(await night.query(VANISHED)).toMatchObject([{ id: '5' }]);
  });
});

describe('a sweep whose list shows far fewer records than are stored (mass deletion)', () => {
  const nothing: FaultRule = {
    feed: 'list',
    times: null,
    fault: { kind: 'envelope', set: { data: [], hasMore: false, totalCount: 0 } },
  };
  const failure = async (swept: ReturnType<typeof sweep>) => {
    const result = (await swept).failure;
    return failureOf(result ? [result] : []);
  };

  test.each([
    'campaigns',
    'tag_types',
    'jobs',
    'gross_pay_items',
  ])('a sweep never believes an empty list, with or without mass deletion accepted: %s', async (name) => {
    const night = await startNight({ [name]: rows(12) });
    await night.run();
    night.sandbox.faults.add(nothing);
    for (const isMassDeletionAccepted of [false, true]) {
      const swept = sweep(night, name, { isMassDeletionAccepted });
      expect(await failure(swept)).toContain(`${name}: the list returned no records`);
    }
    expect(await night.query(VANISHED)).toEqual([]);
    night.sandbox.faults.clear();
    expect(await sweep(night, name)).toMatchObject({ vanished: [], failure: undefined });
  });

  test('a sweep with mass deletion accepted does not disarm the volume alarm of an empty list', async () => {
    const night = await startNight({ campaigns: rows(40) });
    await night.run();
    night.sandbox.faults.add(nothing);
    expect(failureOf(await night.run())).toContain('only 0 of 40 known records');
    await sweep(night, 'campaigns', { isMassDeletionAccepted: true });
    expect(failureOf(await night.run())).toContain('only 0 of 40 known records');
  });

  test.each([
    ['looked up by their ids', 'campaigns'],
    ['in a list that hides deactivated records', 'jobs'],
    ['confirmed by the rest of the list', 'tag_types'],
  ])('a sweep refuses a mass deletion unless it is accepted: %s', async (_, name) => {
    const night = await startNight({ [name]: rows(9) });
    await night.run();
    const gone = ['1', '2', '3', '4', '5'];
    night.sandbox.change(...gone.map((id) => ({ entity: name, id, remove: true as const })));
    expect(await failure(sweep(night, name))).toBe(
      `${name}: only 4 of 9 known records were found, fewer than half`,
    );
    expect(await night.query(VANISHED)).toEqual([]);
    expect(await sweep(night, name, { isMassDeletionAccepted: true })).toMatchObject({
      vanished: gone,
    });
    // Noted records are known to be gone, so the next sweep counts only the remaining ones.
    night.sandbox.change({ entity: name, id: '6', remove: true });
    expect(await sweep(night, name)).toMatchObject({ failure: undefined });
    expect(await night.query(VANISHED)).toHaveLength(6);
  });
});

test('a sweep of an entity that was never loaded is refused', async () => {
  const night = await startNight({ customers: rows(3) });
  await expect(sweep(night, 'customers')).rejects.toThrow('nothing is loaded');
});
