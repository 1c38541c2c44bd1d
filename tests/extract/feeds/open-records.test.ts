import { expect, test } from 'vitest';
import { sweepEntity } from '../../../extract/upkeep/sweep.ts';
import { planSweepOf } from '../../../extract/upkeep/sweep-plan.ts';
import { entity } from '../../../schemas/entities.ts';
import { receiptOf, startNight } from '../night.ts';

const CHANGED = '2025-01-01T00:00:00Z';
const invoice = (id: number, balance: string, fields: Record<string, unknown> = {}) =>
  JSON.stringify({ id, createdOn: CHANGED, modifiedOn: CHANGED, active: true, balance, ...fields });
const BALANCES = `
  SELECT id, balance FROM st_raw_v2.raw_invoices
  QUALIFY row_number() OVER (PARTITION BY id ORDER BY modifiedOn DESC, _extracted_at DESC) = 1
  ORDER BY id`;

test('an open invoice whose balance changes without a new modifiedOn is read again the next run', async () => {
  const night = await startNight({ invoices: [invoice(1, '100.00'), invoice(2, '0.00')] });
  await night.run();
  const set = { balance: '40.00', modifiedOn: CHANGED };
  night.sandbox.change({ entity: 'invoices', id: '1', set });
  expect(receiptOf(await night.run())).toMatchObject({ read: 1, new: 1 });
  expect(await night.query(BALANCES)).toEqual([
    { id: '1', balance: '40.000000000' },
    { id: '2', balance: '0.000000000' },
  ]);
  expect(receiptOf(await night.run())).toMatchObject({ read: 1, new: 0 });
});

test('an invoice that is paid without a new modifiedOn is read by its id once', async () => {
  const night = await startNight({ invoices: [invoice(1, '100.00'), invoice(2, '50.00')] });
  await night.run();
  night.sandbox.change({ entity: 'invoices', id: '1', set: { balance: '0.00', modifiedOn: CHANGED } });
  const [paid] = await night.run();
  expect(paid).toMatchObject({ receipt: { read: 2, new: 1 }, metrics: { calls: 3 } });
  const [after] = await night.run();
  expect(after).toMatchObject({ receipt: { read: 1, new: 0 }, metrics: { calls: 2 } });
  expect(await night.query(BALANCES)).toMatchObject([
    { balance: '0.000000000' },
    { balance: '50.000000000' },
  ]);
});

test('an open invoice that breaks its schema is noted as a rejected record once', async () => {
  const night = await startNight({ invoices: [invoice(1, '100.00', { items: 'none' })] });
  expect(receiptOf(await night.run())).toMatchObject({ read: 1, rejected: 1 });
  expect(receiptOf(await night.run())).toMatchObject({ read: 0, rejected: 0 });
  expect(await night.query('SELECT record_id FROM st_logs_v2.rejected_records')).toEqual([
    { record_id: '1' },
  ]);
});

test('open invoices missing at the source fail the entity until a sweep with mass deletion accepts them', async () => {
  const night = await startNight({ invoices: Array.from({ length: 8 }, (_, i) => invoice(i + 1, '9.00')) });
  await night.run();
  const gone = ['1', '2', '3', '4', '5'];
  night.sandbox.change(...gone.map((id) => ({ entity: 'invoices', id, remove: true as const })));
  const [failed] = await night.run();
  expect(failed).toMatchObject({
    error: {
      message: expect.stringContaining('5 known records are neither in the list nor found by id'),
      remedy: expect.stringContaining('npm run sweep -- invoices --gone'),
    },
  });
  const { client, config, clock, landing, warehouse } = night;
  const signal = new AbortController().signal;
  const options = { client, config, clock, landing, warehouse, signal, query: warehouse.query };
  const plan = await planSweepOf(entity('invoices'), options);
  if (!plan) throw new Error('nothing is loaded');
  const swept = { ...options, suffix: () => 'sweep', isMassDeletionAccepted: true, onEvent: () => {} };
  expect(await sweepEntity(plan, swept)).toMatchObject({ vanished: gone });
  expect(receiptOf(await night.run())).toMatchObject({ read: 3, new: 0 });
});

test('an invoice that is open only in unloaded pages of a stopped run is also read by its id', async () => {
  const night = await startNight({ invoices: [invoice(1, '100.00')] });
  const gone = () => Promise.reject(new Error('gone'));
  await night.run({ warehouse: { ...night.warehouse, load: gone, fail: gone, releaseLease: gone } });
  night.pass(120_000);
  night.sandbox.change({ entity: 'invoices', id: '1', set: { balance: '0.00', modifiedOn: CHANGED } });
  await night.run();
  expect(await night.query(BALANCES)).toEqual([{ id: '1', balance: '0.000000000' }]);
});
