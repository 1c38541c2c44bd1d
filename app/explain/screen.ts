import { addDays } from '../../base/calendar.ts';
import type { Cell } from './cell.ts';
import { decimal, isEqual, units } from './decimals.ts';
import {
  type Evidence,
  type ExplainOptions,
  filled,
  lastDay,
  type MeasureEvidence,
  unitsOf,
} from './evidence.ts';
import type { Measure } from './measures.ts';

export interface ScreenComparison {
  readonly value: string;
  readonly difference: string | null;
  /** What would have to be in or out for the two to be equal. */
  readonly candidates: readonly string[];
}

/** What is known of a number of ours, to be held against the screen's. */
interface Known {
  readonly cell: Cell;
  readonly value: string | null;
  readonly numerator: MeasureEvidence | null;
  readonly denominator: MeasureEvidence | null;
}

/** Looks for what would make our number equal the screen's: another definition, or a single record. */
export async function compareWithScreen(
  screen: string,
  known: Known,
  measure: Measure,
  options: ExplainOptions,
): Promise<ScreenComparison> {
  const { cell, value, numerator } = known;
  const difference = value === null ? null : decimal(units(value) - units(screen));
  if (difference === null || units(difference) === 0n || numerator === null)
    return { value: screen, difference, candidates: [] };
  const candidates = numerator.neighbours
    .filter(({ total }) => known.denominator === null && isEqual(total, screen))
    .map(({ name, total }) => `the definition "${name}" gives ${total}`);
  if (measure.combine === 'sum' && known.denominator === null) {
    for (const { id, amount } of numerator.records) {
      if (isEqual(amount, difference))
        candidates.push(`without ${numerator.entity} ${id} (${amount}) they are equal`);
    }
    const missing = decimal(-units(difference));
    for (const found of await nearby(measure, missing, cell, options)) {
      candidates.push(
        `with ${numerator.entity} ${found.id} (${found.amount}, ${found.status}, ${found.local_date ?? 'no date'}) they are equal`,
      );
    }
  }
  return { value: screen, difference, candidates };
}

/** Records of the unit that do not count here, of exactly the amount, no matter which rule leaves them out. */
function nearby(
  measure: Measure,
  amount: string,
  cell: Cell,
  options: ExplainOptions,
): Promise<readonly Evidence[]> {
  const { facts } = measure;
  const rule = { ...facts.rule, ...measure.rule };
  return options.query<Evidence>(
    filled(
      `SELECT id, job_id, status, CAST(happened_at AS STRING) AS utc, CAST(${rule.date} AS STRING) AS local_date,
         CAST(${rule.amount} AS STRING) AS amount, NULL AS run_id, NULL AS page
       FROM (${facts.pool}) AS pool
       WHERE ${unitsOf(cell)} AND ${rule.amount} = CAST('${amount}' AS DECIMAL(38, 9))
         AND NOT coalesce((${rule.where}) AND ${rule.date} BETWEEN DATE '${cell.start}' AND DATE '${lastDay(cell, options)}', false)
         AND coalesce(${rule.date} BETWEEN DATE '${addDays(cell.start, -31)}' AND DATE '${addDays(cell.end, 31)}', true)
       ORDER BY id LIMIT 5`,
      options,
    ),
  );
}
