import { job } from '../sandbox/client.ts';
import type { Name } from './entity-names.ts';
import { kpiFields } from './kpi-fields.ts';

export type Records = Readonly<Record<Name, readonly string[]>>;

const DAY_MS = 24 * 60 * 60 * 1000;
const FIRST = Date.UTC(2025, 5, 1);

/** Seven digits of a second, as the service sends them. */
function instant(ms: number): string {
  return new Date(ms).toISOString().replace(/Z$/, '4321Z');
}

export function record(id: number, modifiedOn: string, fields: Record<string, unknown> = {}): string {
  return JSON.stringify({ id, createdOn: '2025-01-01T00:00:00Z', modifiedOn, active: true, ...fields });
}

/** An open invoice when `balance` is not zero. */
export function invoice(id: number, modifiedOn: string, balance: number): string {
  const fields = { referenceNumber: `I-${id}`, total: 120.5, balance, ...kpiFields('invoices', id) };
  return record(id, modifiedOn, fields);
}

/**
 * A tenant that is read in a moment and still has what goes wrong in large tenants: three pages of an
 * export feed, open balances, rows with equal timestamps, a 19-digit id.
 */
export function smallTenant(): Records {
  const at = (index: number) => instant(FIRST + index * DAY_MS);
  const count = <T>(rows: number, make: (index: number) => T) =>
    Array.from({ length: rows }, (_, i) => make(i));
  return {
    jobs: [
      ...count(53, (i) =>
        job(i + 1, at(Math.floor(i / 2)), { ...kpiFields('jobs', i + 1), total: i + 0.25 }),
      ),
      job('1234567890123456789', at(60), { summary: 'läßt — “quotes” \u2028 and more', total: 99.5 }),
    ],
    invoices: count(26, (i) => invoice(i + 1, at(i), i % 5 === 0 ? 40.25 : 0)),
    payrolls: count(21, (i) => record(i + 1, at(100 + i), { burdenRate: 1.5 })),
    campaigns: count(6, (i) => record(i + 1, at(i), { name: `Campaign ${i + 1}` })),
  };
}
