import { expect, test } from 'vitest';
import { UsageError } from '../../../base/errors.ts';
import { planBackfill } from '../../../extract/upkeep/backfill-plan.ts';
import { sweepEntity } from '../../../extract/upkeep/sweep.ts';
import { planSweepOf } from '../../../extract/upkeep/sweep-plan.ts';
import { entity } from '../../../schemas/entities.ts';
import { failureOf, receiptOf, startNight } from '../night.ts';

/** A night that reads one entity of the catalogue from its 36 generic records. */
async function nightOf(name: string) {
  const night = await startNight({}, { env: { ENTITIES: name } });
  const run = async () => receiptOf(await night.run({ names: [name] }));
  const queries = () =>
    night.sandbox.requests
      .all()
      .flatMap(({ method, query }) => (method === 'GET' ? [new URLSearchParams(query)] : []));
  return { ...night, run, results: () => night.run({ names: [name] }), queries };
}

const ALL = { read: 36, landed: 36, loaded: 36, visible: 36, new: 36 };

test('a list that is a bare array is read whole, and a second read adds nothing', async () => {
  const { run } = await nightOf('contact_preference_types');
  expect(await run()).toMatchObject({ ...ALL, source: null });
  expect(await run()).toMatchObject({ read: 36, new: 0 });
});

test('a list that is an object with data alone is read whole', async () => {
  const { run } = await nightOf('proposal_types');
  expect(await run()).toMatchObject({ ...ALL, source: null });
});

test('a list without pages that says that it has more records fails its entity', async () => {
  const { results, sandbox } = await nightOf('proposal_types');
  sandbox.faults.add({ feed: 'list', fault: { kind: 'envelope', set: { hasMore: true } } });
  expect(failureOf(await results())).toContain('it has more records, although it has no pages');
});

test('a list whose pages are counted from 0 is asked for page 0 first', async () => {
  const { run, queries } = await nightOf('intacct_business_units');
  expect((await run()).read).toBeGreaterThan(30);
  expect(queries().map((query) => query.get('page'))).toEqual(['0']);
});

test('a list that allows fewer rows on a page is asked for so many', async () => {
  const { run, queries } = await nightOf('journal_entries');
  expect(await run()).toMatchObject({ ...ALL, source: 36 });
  expect(queries().map((query) => query.get('pageSize'))).toEqual(['500']);
});

test('a list that shows one type of record at a time is read once for each type', async () => {
  const { run, queries } = await nightOf('ap_bills');
  expect(await run()).toMatchObject({ ...ALL, source: 36 });
  expect(queries().map((query) => query.get('billType'))).toEqual(['Procurement', 'ApBill']);
});

test.each([
  ['teams', 'includeInactive', 'true'],
  ['return_types', 'activeOnly', 'false'],
  ['zones', 'active', 'Any'],
])('the list of %s shows inactive records by its parameter %s', async (name, parameter, value) => {
  const { run, queries, query } = await nightOf(name);
  expect(await run()).toMatchObject(ALL);
  expect(queries().map((each) => each.get(parameter))).toEqual([value]);
  expect(await query(`SELECT count(*)::INT AS n FROM st_raw_v2.raw_${name} WHERE NOT active`)).toEqual([
    { n: 4 },
  ]);
});

test('another change field bounds the window by its own parameters, and moves the watermark', async () => {
  const { run, queries, query } = await nightOf('form_submissions');
  expect(await run()).toMatchObject({ ...ALL, source: 36 });
  expect(await run()).toMatchObject({ read: 8, new: 0 });
  expect(queries().map((each) => each.get('submittedOnOrAfter'))).toEqual([
    '2020-01-01T00:00:00.000Z',
    '2025-10-19T12:00:00.000Z',
  ]);
  const [state] = await query('SELECT watermark::VARCHAR AS watermark FROM st_logs_v2.sync_state');
  expect(state?.watermark).toMatch(/^2025-10-26 12:00/);
});

test('records without a change field are read whole, and a state that comes back is a new version', async () => {
  const { run, sandbox, query } = await nightOf('user_roles');
  expect(await run()).toMatchObject(ALL);
  const rename = (name: string) => sandbox.change({ entity: 'user_roles', id: '2', set: { name } });
  rename('Foreman');
  expect(await run()).toMatchObject({ read: 36, new: 1 });
  expect(await run()).toMatchObject({ read: 36, new: 0 });
  rename('name 2');
  expect(await run()).toMatchObject({ read: 36, new: 1 });
  expect(
    await query('SELECT name FROM st_raw_v2.raw_user_roles WHERE id = 2 ORDER BY _extracted_at'),
  ).toEqual([{ name: 'name 2' }, { name: 'Foreman' }, { name: 'name 2' }]);
});

test('an export feed without a change field goes on from its token', async () => {
  const { run, sandbox } = await nightOf('job_canceled_logs');
  expect(await run()).toMatchObject(ALL);
  expect(await run()).toMatchObject({ read: 0, new: 0 });
  sandbox.change({ entity: 'job_canceled_logs', id: '5', set: { memo: 'called again' } });
  sandbox.setNow(new Date('2025-10-27T13:00:00Z'));
  expect(await run()).toMatchObject({ read: 1, new: 1 });
});

test('records with a compound key are told apart by all of it', async () => {
  const { run, sandbox, query } = await nightOf('technician_ratings');
  expect(await run()).toMatchObject(ALL);
  const rating = { technicianId: 3, active: true, createdOn: '2025-10-27T10:00:00Z' };
  const record = (jobId: number, stars: number, minute: number) =>
    JSON.stringify({ ...rating, jobId, rating: stars, modifiedOn: `2025-10-27T10:0${minute}:00Z` });
  // Another job of technician 3, and a new rating for a job that has one.
  sandbox.change({ entity: 'technician_ratings', json: record(99, 5, 1) });
  sandbox.change({ entity: 'technician_ratings', json: record(3, 1, 2) });
  expect(await run()).toMatchObject({ read: 2, new: 2 });
  expect(
    await query(
      'SELECT jobId::INT AS job, count(*)::INT AS versions FROM st_raw_v2.raw_technician_ratings WHERE technicianId = 3 GROUP BY ALL ORDER BY ALL',
    ),
  ).toEqual([
    { job: 3, versions: 2 },
    { job: 99, versions: 1 },
  ]);
});

test.each([
  'technician_ratings',
  'contacts',
  'user_roles',
  'ap_bills',
])('a sweep of %s finds a record that the warehouse lost, whatever its key', async (name) => {
  const night = await nightOf(name);
  await night.run();
  await night.query(
    `DELETE FROM st_raw_v2.raw_${name} WHERE _extracted_at = (SELECT min(_extracted_at) FROM st_raw_v2.raw_${name})`,
  );
  const options = { ...night, query: night.warehouse.query, signal: new AbortController().signal };
  const plan = await planSweepOf(entity(name), options);
  if (!plan) throw new Error('there is nothing to sweep');
  const result = await sweepEntity(plan, { ...options, suffix: () => 'sweep1', onEvent: () => {} });
  expect(result).toMatchObject({ missing: 1, newer: 0, vanished: [], failure: undefined });
  expect(await night.query(`SELECT count(*)::INT AS n FROM st_raw_v2.raw_${name}`)).toEqual([{ n: 36 }]);
});

test('a backfill of an entity whose list takes no range is refused with what to do instead', async () => {
  const { warehouse, client, clock, config } = await nightOf('user_roles');
  const range = { since: new Date('2025-01-01'), until: new Date('2025-02-01') };
  const options = { config, client, clock, query: warehouse.query, signal: new AbortController().signal };
  const plan = planBackfill({ ...options, ...range, entity: entity('user_roles') });
  await expect(plan).rejects.toThrow(UsageError);
  await expect(plan).rejects.toThrow('every run reads it whole');
});

test('a rejected record of a compound key is listed by all of it', async () => {
  const { results, sandbox, query } = await nightOf('payroll_settings');
  sandbox.change({
    entity: 'payroll_settings',
    json: '{"employeeId":7,"employeeType":"Technician","active":"maybe","modifiedOn":"2025-10-20T00:00:00Z"}',
  });
  expect(receiptOf(await results())).toMatchObject({ rejected: 1 });
  expect(await query('SELECT record_id FROM st_logs_v2.rejected_records')).toEqual([
    { record_id: '7/Technician' },
  ]);
});
