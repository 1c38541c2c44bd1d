import { join } from 'node:path';
import { expect, test } from 'vitest';
import { job } from '../../sandbox/client.ts';
import { openWarehouse, query, receiptOf, startNight } from '../night.ts';

const NAMES = ['jobs', 'customers', 'payrolls'];
const STATE =
  'SELECT entity, mode, continuation_token, watermark, last_run_id FROM st_logs_v2.sync_state ORDER BY entity';
const LOG = `SELECT * EXCLUDE (status, start_time, end_time, records_visible) FROM st_logs_v2.ingestion_logs
  WHERE mode <> 'replay' ORDER BY entity, run_id`;

/** Runs in which records change, break their schema and become valid again, and one full read. */
async function nights() {
  const night = await startNight(
    {
      jobs: Array.from({ length: 25 }, (_, i) =>
        job(i + 1, `2025-0${1 + (i % 9)}-01T00:00:00.1234567Z`, { total: i }),
      ),
      customers: [
        job(1, '2025-01-01T00:00:00Z', { unheardOf: { deep: 1.5 } }),
        job(2, '2025-01-02T00:00:00Z'),
      ],
      payrolls: [job(1, '2025-01-01T00:00:00Z')],
    },
    { sandbox: { rowsPerExportPage: 10 } },
  );
  const { sandbox, run } = night;
  await run();
  sandbox.change({ entity: 'jobs', json: job(3, '2025-10-01T11:00:00Z', { total: 99.5 }) });
  sandbox.change({ entity: 'customers', json: job(2, '2025-10-01T11:00:00Z', { name: 5 }) });
  await run();
  // One record returns to its earlier state, and a rejected record becomes valid.
  sandbox.change({ entity: 'jobs', json: job(3, '2025-10-02T11:00:00Z', { total: 2 }) });
  sandbox.change({ entity: 'customers', json: job(2, '2025-10-02T11:00:00Z', { name: 'right' }) });
  await run();
  await run({ full: true });
  return night;
}

test('replay into a new warehouse rebuilds raw tables, cursors and log equal in every column', async () => {
  const night = await nights();
  const raw = (name: string) => `SELECT * FROM st_raw_v2.raw_${name} ORDER BY ALL`;
  const before = await Promise.all([...NAMES.map(raw), STATE, LOG].map((sql) => night.query(sql)));
  expect(before.slice(0, 3).map((rows) => rows.length)).toEqual([27, 3, 1]);

  night.sandbox.requests.clear();
  await night.sandbox.close();
  const warehouse = await openWarehouse(night.config, join(night.folder, 'again.duckdb'));
  const results = await night.replay({ warehouse });
  expect(results.map(({ status }) => status)).toEqual(['success', 'success', 'success']);
  const after = await Promise.all([...NAMES.map(raw), STATE, LOG].map((sql) => query(warehouse, sql)));
  expect(after).toEqual(before);
});

test('replay in place changes neither raw tables nor the log of earlier runs', async () => {
  const night = await nights();
  const log = `SELECT * FROM st_logs_v2.ingestion_logs WHERE mode <> 'replay' ORDER BY entity, run_id`;
  const [rows, told] = [
    await night.query('SELECT * FROM st_raw_v2.raw_jobs ORDER BY ALL'),
    await night.query(log),
  ];
  await night.replay();
  expect(await night.query('SELECT * FROM st_raw_v2.raw_jobs ORDER BY ALL')).toEqual(rows);
  expect(await night.query(log)).toEqual(told);
});

test('the run after a replay into a new warehouse loses and doubles nothing', async () => {
  const night = await nights();
  const warehouse = await openWarehouse(night.config, join(night.folder, 'again.duckdb'));
  await night.replay({ warehouse });
  night.sandbox.change({ entity: 'jobs', json: job(7, '2025-10-03T11:00:00Z', { total: 7.5 }) });
  expect(receiptOf(await night.run({ names: ['jobs'], warehouse }))).toMatchObject({ read: 1, new: 1 });
  expect(receiptOf(await night.run({ names: ['customers'], warehouse }))).toMatchObject({ read: 0, new: 0 });
  // The restored log knows a run that the landing no longer holds, so the replay is refused.
  const [run] = await night.landing.list('jobs');
  const landing = {
    ...night.landing,
    list: async (path: string) => (await night.landing.list(path)).filter((name) => name !== run),
  };
  const [refused] = await night.replay({ names: ['jobs'], warehouse, landing });
  expect(String(refused?.status === 'failed' && refused.error)).toContain(
    `run ${run} is missing from the landing`,
  );
});
