import { UsageError } from '../../base/errors.ts';
import { dollars, type PricedAction } from '../../engine/bigquery/price.ts';
import { textTable } from './text-table.ts';

/** List price of BigQuery's on-demand queries in US regions, in dollars a TiB. */
export const PRICE_PER_TIB = 6.25;

/** Reads `--price`. @throws UsageError */
export function pricePerTib(text: string): number {
  if (/^\d{1,6}(\.\d{1,6})?$/.test(text)) return Number(text);
  throw new UsageError(
    ['--price is not an amount of dollars like 6.25'],
    'Give the on-demand price of a TiB in your region, without a currency sign.',
  );
}

/** Says what a run would cost: the most expensive actions, the total, and the actions without a price. */
export function priceSummary(actions: readonly PricedAction[], perTib: number): string {
  const priced = actions.filter(({ bytesBilled }) => bytesBilled !== null);
  const unpriced = actions.filter(({ bytesBilled }) => bytesBilled === null);
  const bytes = (action: PricedAction) => action.bytesBilled ?? 0;
  const rows = priced
    .toSorted((a, b) => bytes(b) - bytes(a))
    .slice(0, 10)
    .map((action) => [
      action.name,
      mib(action.bytesProcessed ?? 0),
      mib(bytes(action)),
      money(dollars(bytes(action), perTib)),
    ]);
  const headings = ['Most expensive actions', 'Reads MiB', 'Bills MiB', 'USD'];
  const total = priced.reduce((sum, action) => sum + bytes(action), 0);
  return [
    textTable(headings, rows, new Set(headings.slice(1))),
    `${priced.length} actions would bill at least ${mib(total)} MiB: ${money(dollars(total, perTib))} USD at ${perTib} USD a TiB. Nothing was run.`,
    ...(unpriced.length > 0
      ? [`${unpriced.length} have no price:`, ...unpriced.map(({ name, reason }) => `  ${name}: ${reason}`)]
      : []),
  ].join('\n');
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

function money(amount: number): string {
  return amount.toFixed(4);
}
