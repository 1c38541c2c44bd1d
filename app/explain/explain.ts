import { COMPARED } from '../report/kpis.ts';
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
  /** null where the records cannot be listed, for the reason in `unlisted`. */
  readonly numerator: MeasureEvidence | null;
  readonly denominator: MeasureEvidence | null;
  readonly unlisted: string | null;
  /** Whether the records add up to the mart's cell; null where either is missing. */
  readonly agrees: boolean | null;
  readonly screen: ScreenComparison | null;
}

/** Finds the records behind a cell of the mart and what neighbouring definitions would make of it. */
export async function explain(cell: Cell, options: ExplainOptions): Promise<Explanation> {
  const spec = EXPLAINED[cell.kpi];
  if (!spec) throw new TypeError(`${cell.kpi} has no evidence`);
  const unlisted = reasonNotToList(cell, options);
  const evidence = (measure: typeof spec.denominator) =>
    measure && unlisted === null ? evidenceOf(measure, cell, options) : null;
  const numerator = await evidence(spec.numerator);
  const denominator = await evidence(spec.denominator);
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
  const agrees =
    ours && numerator
      ? isEqual(numerator.total, ours.numerator) &&
        (denominator === null || isEqual(denominator.total, ours.denominator ?? '0'))
      : null;
  const known = { cell, value: ours?.value ?? null, numerator, denominator, agrees, unlisted };
  return {
    ...known,
    screen: screen ? await compareWithScreen(screen.ui_value, known, spec.numerator, options) : null,
  };
}

/** A number whose records are not, or no longer, those that the rules find. */
function reasonNotToList(
  { kpi, start, end }: Cell,
  { rules, runDate, datasets }: ExplainOptions,
): string | null {
  const source = { dollars_collected: rules.collections_source, outstanding_ar: rules.ar_source }[kpi];
  if (source === 'report') {
    const lines = kpi === 'outstanding_ar' ? 'stg_ar_report' : 'stg_collections_report';
    return `This number comes from the saved report, not from records; its lines are in ${datasets.stage}.${lines}.`;
  }
  const isSnapshot = COMPARED.some(({ name, isSnapshot }) => name === kpi && isSnapshot);
  if (!isSnapshot || (start <= runDate && runDate <= end)) return null;
  return `A snapshot keeps its number, not its records. The records as they stand now are those of ${runDate}.`;
}
