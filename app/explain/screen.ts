import { addDays } from '../../base/calendar.ts';
import { decimal, isEqual, units } from '../../base/decimals.ts';
import type { Cell } from './cell.ts';
import {
  type Evidence,
  type ExplainOptions,
  filled,
  lastDay,
  type MeasureEvidence,
  unitsOf,
} from './evidence.ts';
import type { Measure } from './measures.ts';
import { definitionText, equalsScreen, valuesOf } from './values.ts';

export interface ScreenComparison {
  readonly value: string;
  readonly difference: string | null;
  /** Changes that would make the two equal, as sentences. */
  readonly candidates: readonly string[];
}

/** A number of the mart, for comparison with the screen's. */
interface OurNumber {
  readonly cell: Cell;
  readonly value: string | null;
  readonly numerator: MeasureEvidence | null;
  readonly denominator: MeasureEvidence | null;
}

/** Looks for a change that makes our number equal the screen's: an alternative definition, or one record more or less. */
export async function compareWithScreen(
  screen: string,
  ours: OurNumber,
  measure: Measure,
  options: ExplainOptions,
): Promise<ScreenComparison> {
  const { cell, value, numerator, denominator } = ours;
  const difference = value === null ? null : decimal(units(value) - units(screen));
  if (difference === null || units(difference) === 0n || numerator === null)
    return { value: screen, difference, candidates: [] };
  const candidates = valuesOf(cell.kpi, { numerator, denominator }).flatMap((each) =>
    each.value !== null && equalsScreen(cell.kpi, each.value, screen)
      ? [`${definitionText(each)} gives ${shortest(each.value)}`]
      : [],
  );
  if (measure.combine === 'sum' && denominator === null) {
    for (const { id, amount } of numerator.records) {
      if (isEqual(amount, difference))
        candidates.push(`without ${numerator.entity} ${id} (${shortest(amount)}) they are equal`);
    }
    const missing = decimal(-units(difference));
    for (const found of await excludedRecords(measure, missing, cell, options)) {
      candidates.push(
        `with ${numerator.entity} ${found.id} (${shortest(found.amount)}, ${found.status}, ${found.local_date ?? 'no date'}) they are equal`,
      );
    }
  }
  return { value: screen, difference, candidates };
}

/** Finds records of the unit with exactly this amount that the rule excludes. */
function excludedRecords(
  measure: Measure,
  amount: string,
  cell: Cell,
  options: ExplainOptions,
): Promise<readonly Evidence[]> {
  const { pool, rule, any } = measure;
  return options.query<Evidence>(
    filled(
      `SELECT id, job_id, NULL AS job_number, NULL AS job_type, status, CAST(happened_at AS STRING) AS utc, CAST(${any.date} AS STRING) AS local_date,
         CAST(${any.amount} AS STRING) AS amount, NULL AS run_id, NULL AS page
       FROM (${pool}) AS pool
       WHERE ${unitsOf(cell)} AND ${any.amount} = CAST('${amount}' AS DECIMAL(38, 9))
         AND NOT coalesce((${rule.where}) AND ${rule.date} BETWEEN DATE '${cell.start}' AND DATE '${lastDay(cell, options)}', false)
         AND coalesce(${any.date} BETWEEN DATE '${addDays(cell.start, -31)}' AND DATE '${addDays(cell.end, 31)}', true)
       ORDER BY id LIMIT 5`,
      options,
    ),
  );
}

/** A decimal without trailing zeros. */
function shortest(amount: string): string {
  return decimal(units(amount));
}
