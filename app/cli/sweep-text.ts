import { safeMessage } from '../../base/errors.ts';
import type { SweepResult } from '../../extract/upkeep/sweep.ts';
import type { SweepPlan } from '../../extract/upkeep/sweep-plan.ts';
import { textTable } from './text-table.ts';
import { wrapText } from './wrapped.ts';

const CALLS = 'Calls: one for each page of the list, plus look-ups of records that it does not show.';

export type SweepFailure = NonNullable<SweepResult['failure']>;

/** @param unlisted entities that have only an export feed */
export function planText(
  plans: readonly SweepPlan[],
  unloaded: readonly string[],
  unlisted: readonly string[],
): string {
  const table = textTable(
    ['Entity', 'Changed from', 'Loaded', 'At source', 'Calls'],
    plans.map(({ entity, range, here, there, calls }) => [
      entity.name,
      range.from.toISOString().slice(0, 10),
      here,
      there ?? 'not counted',
      calls,
    ]),
    new Set(['Loaded', 'At source', 'Calls']),
  );
  const left = unloaded.length > 0 ? [`Not loaded yet, so nothing to compare: ${unloaded.join(', ')}`] : [];
  const without =
    unlisted.length > 0 ? [`Not compared, because the API has no list of them: ${unlisted.join(', ')}`] : [];
  return [table, '', ...[CALLS, ...left, ...without].map((text) => wrapText(text))].join('\n');
}

export function resultText(results: readonly SweepResult[]): string {
  if (results.length === 0) return 'Nothing was read.';
  const numbers = ['Missing', 'Changed', 'Not at source', 'Calls'];
  const table = textTable(
    ['Entity', ...numbers],
    results.map(({ entity, missing, newer, vanished, calls }) => [
      entity,
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
  return [table, ...missingLines.map((text) => wrapText(text))].join('\n');
}

export function sweepJson(
  plans: readonly SweepPlan[],
  { unloaded, unlisted }: { readonly unloaded: readonly string[]; readonly unlisted: readonly string[] },
  results: readonly SweepResult[],
  failed: readonly SweepFailure[],
): string {
  const planned = plans.map(({ entity, range, cuts: _, ...plan }) => ({
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
  const left = { notLoaded: unloaded, ...(unlisted.length > 0 && { withoutList: unlisted }) };
  return JSON.stringify({ plan: planned, ...left, results: swept, failures }, null, 2);
}
