import { safeMessage } from '../../base/errors.ts';
import type { SweepResult } from '../../extract/upkeep/sweep.ts';
import type { SweepPlan } from '../../extract/upkeep/sweep-plan.ts';
import { textTable } from './text-table.ts';
import { wrapText } from './wrapped.ts';

export type SweepFailure = NonNullable<SweepResult['failure']>;

export function planText(plans: readonly SweepPlan[], unloaded: readonly string[], byIds: boolean): string {
  const table = textTable(
    ['Entity', 'Changed from', 'Loaded', 'At source', 'Compared by', 'Calls'],
    plans.map(({ entity, range, here, there, isCounted, calls }) => [
      entity.name,
      range.from.toISOString().slice(0, 10),
      here,
      there ?? 'not counted',
      isCounted ? 'counts' : 'ids',
      calls,
    ]),
    new Set(['Loaded', 'At source', 'Calls']),
  );
  const why = byIds ? '' : ' Compared by ids: the list hides records or does not count them.';
  const left = unloaded.length > 0 ? [`Not loaded yet, so nothing to compare: ${unloaded.join(', ')}`] : [];
  return [table, '', ...[`Calls: upper limit.${why}`, ...left].map(wrapText)].join('\n');
}

export function resultText(results: readonly SweepResult[]): string {
  if (results.length === 0) return 'Nothing was read.';
  const numbers = ['Windows read', 'Missing', 'Newer', 'Not at source', 'Calls'];
  const table = textTable(
    ['Entity', ...numbers],
    results.map(({ entity, windows, missing, newer, vanished, calls }) => [
      entity,
      windows,
      missing,
      newer,
      vanished.length,
      calls,
    ]),
    new Set(numbers),
  );
  const missingLines = results.flatMap(({ entity, vanished }) =>
    vanished.length > 0
      ? [
          `missing at source: ${entity} ${vanished.slice(0, 20).join(', ')}${vanished.length > 20 ? ', …' : ''}`,
        ]
      : [],
  );
  return [table, ...missingLines.map(wrapText)].join('\n');
}

export function sweepJson(
  plans: readonly SweepPlan[],
  unloaded: readonly string[],
  results: readonly SweepResult[],
  failed: readonly SweepFailure[],
): string {
  const planned = plans.map(({ entity, range, days: _, ...plan }) => ({
    entity: entity.name,
    since: range.from,
    until: range.before,
    ...plan,
  }));
  const swept = results.map(({ failure: _, vanished, calls, ...result }) => ({
    ...result,
    vanished,
    calls,
  }));
  const failures = failed.map(({ entity, error }) => ({ entity, error: safeMessage(error) }));
  return JSON.stringify({ plan: planned, notLoaded: unloaded, results: swept, failures }, null, 2);
}
