import { isEqual } from '../../base/decimals.ts';
import { kpiOf } from '../report/kpis.ts';
import type { Cell } from './cell.ts';
import { type ExplainOptions, evidenceOf, literal, type MeasureEvidence } from './evidence.ts';
import { EXPLAINED } from './measures.ts';
import { compareWithScreen, type ScreenComparison } from './screen.ts';

/** What `explain` finds out about a cell. */
export interface Explanation {
  readonly cell: Cell;
  /** The mart's value; null if the mart has none for this period. */
  readonly value: string | null;
  /** null if the records cannot be listed; `unlisted` says why. */
  readonly numerator: MeasureEvidence | null;
  readonly denominator: MeasureEvidence | null;
  readonly unlisted: string | null;
  /** Whether the records add up to the mart's value; null if either is missing. */
  readonly agrees: boolean | null;
  /** Names of alternative definitions that give the mart's value although the records do not: the mart may count so. */
  readonly martCounts: readonly string[];
  readonly screen: ScreenComparison | null;
}

/** Finds the records behind a cell of the mart, and what alternative definitions would give. */
export async function explain(cell: Cell, options: ExplainOptions): Promise<Explanation> {
  const spec = EXPLAINED[cell.kpi];
  if (!spec) throw new TypeError(`${cell.kpi} has no evidence`);
  const unlisted = reasonNotToList(cell, options);
  const evidence = (measure: typeof spec.denominator) =>
    measure && unlisted === null ? evidenceOf(measure, cell, options) : null;
  const numerator = await evidence(spec.numerator);
  const denominator = await evidence(spec.denominator);
  const { mart, stage } = options.datasets;
  const [stored] = await options.query<{ value: string; numerator: string; denominator: string | null }>(
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
    stored && numerator
      ? isEqual(numerator.total, stored.numerator) &&
        (denominator === null || isEqual(denominator.total, stored.denominator ?? '0'))
      : null;
  const value = stored?.value ?? null;
  const martCounts =
    agrees === false && stored
      ? [...counting(numerator, stored.numerator), ...counting(denominator, stored.denominator)]
      : [];
  const known = { cell, value, numerator, denominator, agrees, martCounts, unlisted };
  return {
    ...known,
    screen: screen ? await compareWithScreen(screen.ui_value, known, spec.numerator, options) : null,
  };
}

/** Alternative definitions of a measure that give this number, where the definition itself does not. */
function counting(measure: MeasureEvidence | null, number: string | null): readonly string[] {
  if (measure === null || number === null || isEqual(measure.total, number)) return [];
  return measure.neighbours.filter(({ total }) => isEqual(total, number)).map(({ name }) => name);
}

/** Why the records of a number cannot be listed: it comes from a report, or from a snapshot of another day. */
function reasonNotToList(
  { kpi, start, end }: Cell,
  { rules, runDate, datasets }: ExplainOptions,
): string | null {
  const source = { dollars_collected: rules.collections_source, outstanding_ar: rules.ar_source }[kpi];
  if (source === 'report') {
    const lines = kpi === 'outstanding_ar' ? 'stg_ar_report' : 'stg_collections_report';
    return `This number comes from the saved report, not from records; its lines are in ${datasets.stage}.${lines}.`;
  }
  if (kpiOf(kpi)?.type !== 'snapshot' || (start <= runDate && runDate <= end)) return null;
  return `A snapshot stores its number but not its records; only the records of ${runDate} can be listed.`;
}
