import { expect, test } from 'vitest';
import { addDays } from '../../../base/calendar.ts';
import { newRunId } from '../../../extract/landing/run-id.ts';
import { extractAll } from '../../../extract/run.ts';
import { entity } from '../../../schemas/entities.ts';
import { type Night, receiptOf, startNight } from '../night.ts';

/** A paid invoice whose only line costs this much; its change time never moves. */
const invoice = (id: number, cost: number) =>
  JSON.stringify({
    ...{ id, createdOn: '2025-01-01T00:00:00Z', modifiedOn: '2025-06-01T00:00:00Z', active: true },
    ...{ balance: '0', items: [{ id: id * 10, cost: String(cost) }] },
  });
const INVOICES = Array.from({ length: 120 }, (_, at) => invoice(at + 1, 5));

/** Runs the night of a date; returns its receipt and its calls by id. */
async function nightOf(night: Night, runDate: string) {
  const { config, client, landing, warehouse, clock, sandbox } = night;
  sandbox.requests.clear();
  const results = await extractAll({
    config: { ...config, runDate },
    runId: newRunId(clock(), runDate.replaceAll('-', '')),
    ...{ client, landing, warehouse, clock, entities: [entity('invoices')], onEvent() {} },
    signal: new AbortController().signal,
  });
  return {
    receipt: receiptOf(results),
    calls: sandbox.requests.all().filter(({ query }) => query.includes('ids=')).length,
  };
}

const costs = async (night: Night) => {
  const rows = await night.query(
    `SELECT items[1].cost::VARCHAR AS cost, count(*) AS n FROM (
       SELECT * FROM st_raw_v2.raw_invoices QUALIFY row_number() OVER (PARTITION BY id ORDER BY _extracted_at DESC) = 1
     ) GROUP BY ALL ORDER BY ALL`,
  );
  return rows.map(({ cost, n }) => [cost, n]);
};

test('lines that change without modifiedOn are found in as many nights as the call budget needs', async () => {
  const night = await startNight({ invoices: INVOICES }, { env: { REREAD_CALLS: '1' } });
  await nightOf(night, '2025-10-27');
  for (let id = 1; id <= 120; id++) night.sandbox.change({ entity: 'invoices', json: invoice(id, 7) });

  // 120 invoices in calls of 50 ids are three turns.
  const news: number[] = [];
  for (let day = 1; day <= 3; day++) {
    const { receipt, calls } = await nightOf(night, addDays('2025-10-27', day));
    expect(calls).toBe(1);
    news.push(receipt.new);
  }
  expect(news.sort((a, b) => a - b)).toEqual([20, 50, 50]);
  expect(await costs(night)).toEqual([['7.000000000', '120']]);
  const again = await nightOf(night, '2025-10-31');
  expect(again.receipt.new).toBe(0);
});

test('no invoice is read again by default', async () => {
  const night = await startNight({ invoices: INVOICES });
  await nightOf(night, '2025-10-27');
  for (let id = 1; id <= 120; id++) night.sandbox.change({ entity: 'invoices', json: invoice(id, 7) });
  const { receipt, calls } = await nightOf(night, '2025-10-28');
  expect([receipt.new, calls]).toEqual([0, 0]);
  expect(await costs(night)).toEqual([['5.000000000', '120']]);
});
