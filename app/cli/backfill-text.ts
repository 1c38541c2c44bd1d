import type { EntityResult } from '../../extract/entity-run.ts';
import type { BackfillPlan } from '../../extract/upkeep/backfill-plan.ts';
import { duration, size } from './quantities.ts';
import { textTable } from './text-table.ts';
import { labelledLines, wrapText } from './wrapped.ts';

/** Describes a backfill before it starts: how much it reads, how long it takes, what it costs. */
export function planText(plan: BackfillPlan, callsPerSecond: number): string {
  const { entity, feed, since, until, goesOn, windows, rows, calls, bytes, seconds, dollars } = plan;
  const number = (value: number) => value.toLocaleString('en');
  const parts = windows.length === 1 ? '1 window' : `${windows.length} windows`;
  const lines: readonly (readonly [string, string])[] = [
    ['Rows', rows === null ? 'unknown: the list endpoint does not count its records' : rowsText(plan, rows)],
    ['Calls', calls === null ? callsUnknown(rows) : `about ${number(calls)}`],
    [
      'Bytes',
      bytes === null ? 'unknown' : `about ${size(bytes)} of responses, ${size(bytes / 14)} in the landing`,
    ],
    [
      'Time',
      seconds === null ? 'unknown' : `at least ${duration(seconds)} at ${callsPerSecond} calls a second`,
    ],
    ['Cost', costText(dollars)],
    ['Cursor', 'does not move; nightly runs continue as before'],
  ];
  return [
    wrapText(
      `Backfill of ${entity}: records changed from ${day(since)} up to, but not including, ${day(until)} (UTC)`,
    ),
    wrapText(
      `Reads the ${feed === 'export' ? 'export feed' : 'list endpoint'} in ${parts}${goesOn ? `; an earlier backfill stopped, so this one continues from ${day(windows[0]?.from ?? until)}` : ''}`,
    ),
    '',
    labelledLines(lines),
  ].join('\n');
}

/** Lists the result of each window, and says how to continue if some are left. */
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
    left === 0
      ? []
      : [`${left} of ${plan.windows.length} windows are left; run the same command again to continue there.`];
  return [textTable(['Window', 'Status', ...numbers], rows, new Set(numbers)), ...rest].join('\n\n');
}

function callsUnknown(rows: number | null): string {
  return rows === null ? 'unknown' : "unknown until a first run has shown how large the feed's pages are";
}

function rowsText({ rowsAtLeast }: BackfillPlan, rows: number): string {
  const counted = `${rows.toLocaleString('en')} as counted by its list endpoint`;
  return rowsAtLeast ? `${counted}; deactivated records may add to that` : counted;
}

function costText(dollars: number | null): string {
  if (dollars === null) return 'unknown';
  if (dollars > 0)
    return `about $${dollars.toFixed(dollars < 0.01 ? 4 : 2)}; ServiceTitan does not charge for calls`;
  return 'nothing: ServiceTitan does not charge for calls, and the rest stays on this machine';
}

/** `2025-01-01`, with the time unless it is midnight. */
function day(instant: string): string {
  return instant.replace(/T00:00:00\.000Z$/, '').replace(/\.000Z$/, 'Z');
}
