import type { EntityResult } from '../../extract/entity-run.ts';
import type { BackfillPlan } from '../../extract/upkeep/backfill-plan.ts';
import { duration, size } from './quantities.ts';
import { textTable } from './text-table.ts';
import { factLines, fitted } from './wrapped.ts';

/** What a backfill would read, take and cost. */
export function planText(plan: BackfillPlan, callsPerSecond: number): string {
  const { entity, feed, since, until, goesOn, windows, rows, calls, bytes, seconds, dollars } = plan;
  const unknown = 'cannot be known';
  const number = (value: number) => value.toLocaleString('en');
  const parts = windows.length === 1 ? '1 window' : `${windows.length} windows`;
  const lines: readonly (readonly [string, string])[] = [
    ['Rows', rows === null ? `${unknown}: the list endpoint does not count them` : rowsText(plan, rows)],
    ['Calls', calls === null ? callsUnknown(rows) : `about ${number(calls)}`],
    ['Bytes', bytes === null ? unknown : `about ${size(bytes)} of answers, ${size(bytes / 14)} of landing`],
    [
      'Time',
      seconds === null ? unknown : `at least ${duration(seconds)} at ${callsPerSecond} calls a second`,
    ],
    ['Cost', costText(dollars)],
    ['Cursor', 'stays where it is; the nights go on as before'],
  ];
  return [
    fitted(`Backfill of ${entity}: changed from ${day(since)} up to, not including, ${day(until)} (UTC)`),
    fitted(
      `Reads the ${feed === 'export' ? 'export feed' : 'list endpoint'} in ${parts}${goesOn ? `; an earlier backfill stopped, so it goes on from ${day(windows[0]?.from ?? until)}` : ''}`,
    ),
    '',
    factLines(lines),
  ].join('\n');
}

/** What came of the windows that were read. */
export function backfillResults(
  plan: BackfillPlan,
  results: readonly EntityResult[],
  isAgreed: boolean,
): string {
  if (!isAgreed) return 'Nothing was read. Add --yes to read it.';
  const numbers = ['Read', 'New', 'Rejected', 'Calls'];
  const rows = results.map((result, index) => {
    const window = plan.windows[index];
    const counts = result.status === 'success' ? result.receipt : null;
    const { status, metrics } = result;
    return [
      `${day(window?.from ?? '')}..${day(window?.before ?? '')}`,
      status,
      ...[counts?.read, counts?.new, counts?.rejected].map((count) => count ?? null),
      metrics.calls,
    ];
  });
  const left = plan.windows.length - results.filter(({ status }) => status === 'success').length;
  const rest =
    left === 0 ? [] : [`${left} of ${plan.windows.length} windows are left; the same command goes on there.`];
  return [textTable(['Window', 'Status', ...numbers], rows, new Set(numbers)), ...rest].join('\n\n');
}

function callsUnknown(rows: number | null): string {
  return rows === null ? 'cannot be known' : "cannot be known before a first run has shown the feed's pages";
}

function rowsText({ rowsAtLeast }: BackfillPlan, rows: number): string {
  const counted = `${rows.toLocaleString('en')} by the count of its list endpoint`;
  return rowsAtLeast ? `${counted}; deactivated ones may come on top` : counted;
}

function costText(dollars: number | null): string {
  if (dollars === null) return 'cannot be known';
  if (dollars > 0)
    return `about $${dollars.toFixed(dollars < 0.01 ? 4 : 2)}; ServiceTitan does not charge for calls`;
  return 'nothing: ServiceTitan does not charge for calls, the rest stays on this machine';
}

/** `2025-01-01`, with the time where it is not midnight. */
function day(instant: string): string {
  return instant.replace(/T00:00:00\.000Z$/, '').replace(/\.000Z$/, 'Z');
}
