import type { Cell } from './cell.ts';
import { isEqual } from './decimals.ts';
import { type ExplainOptions, evidenceOf, literal, type MeasureEvidence } from './evidence.ts';
import { EXPLAINED } from './measures.ts';
import { compareWithScreen, type ScreenComparison } from './screen.ts';

/** Everything that is known of a cell. */
export interface Explanation {
  readonly cell: Cell;
  /** As the mart has it; null where it has no such period. */
  readonly value: string | null;
  readonly numerator: MeasureEvidence;
  readonly denominator: MeasureEvidence | null;
  /** Whether the records add up to the mart's cell; null where the mart has none. */
  readonly agrees: boolean | null;
  readonly screen: ScreenComparison | null;
}

/** Finds the records behind a cell of the mart and what neighbouring definitions would make of it. */
export async function explain(cell: Cell, options: ExplainOptions): Promise<Explanation> {
  const spec = EXPLAINED[cell.kpi];
  if (!spec) throw new TypeError(`${cell.kpi} has no evidence`);
  const numerator = await evidenceOf(spec.numerator, cell, options);
  const denominator = spec.denominator ? await evidenceOf(spec.denominator, cell, options) : null;
  const { mart, stage } = options.datasets;
  const [ours] = await options.query<{ value: string; numerator: string; denominator: string | null }>(
    `SELECT value, numerator, denominator FROM ${stage}.int_kpi_values
     WHERE kpi = '${cell.kpi}' AND business_unit = ${literal(cell.businessUnit)}
       AND period_start = DATE '${cell.start}' AND period_end = DATE '${cell.end}'`,
  );
  const [screen] = options.screenValue
    ? [{ ui_value: options.screenValue }]
    : await options.query<{ ui_value: string }>(
        `SELECT ui_value FROM ${mart}.kpi_reconciliation
         WHERE kpi = '${cell.kpi}' AND business_unit = ${literal(cell.businessUnit)}
           AND period_start = DATE '${cell.start}' AND period_end = DATE '${cell.end}'`,
      );
  const agrees = ours
    ? isEqual(numerator.total, ours.numerator) &&
      (denominator === null || isEqual(denominator.total, ours.denominator ?? '0'))
    : null;
  const value = ours?.value ?? null;
  const known = { cell, value, numerator, denominator, agrees };
  return {
    ...known,
    screen: screen ? await compareWithScreen(screen.ui_value, known, spec.numerator, options) : null,
  };
}
