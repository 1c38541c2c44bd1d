import { expect, test } from 'vitest';
import { createTenant } from '../../sandbox/tenant.ts';

interface Invoice {
  readonly subTotal: string;
  readonly discountTotal: string;
  readonly items:
    | readonly { readonly total: string; readonly generalLedgerAccount: { readonly type: string } }[]
    | null;
}

const cents = (text: string) => Math.round(Number(text) * 100);

test('lines on income accounts of a sandbox invoice add up to its subtotal before the discount', () => {
  const tenant = createTenant({ runDate: '2025-10-27', seed: 1, scale: 0 });
  const invoices = (tenant.entity('invoices')?.all() ?? []).map(({ json }): Invoice => JSON.parse(json));
  const withLines = invoices.filter(({ items }) => items !== null && items.length > 0);
  const wrong = withLines.filter(({ subTotal, discountTotal, items }) => {
    const income = (items ?? []).filter(({ generalLedgerAccount: { type } }) => type === 'Income');
    const sum = income.reduce((total, line) => total + cents(line.total), 0);
    return sum !== cents(subTotal) + cents(discountTotal);
  });
  expect(wrong).toEqual([]);
  expect(withLines.filter(({ discountTotal }) => discountTotal !== '0.00').length).toBeGreaterThan(20);
});
