/** What the report says, as plain data: the JSON file is this object, the HTML page shows it. */
export interface ReportData {
  readonly generatedAt: string;
  readonly runDate: string;
  /** Where the records came from: the sandbox tenant or a tenant of ServiceTitan. */
  readonly source: string;
  readonly verdict: Verdict;
  readonly reconciliation: readonly ReconciliationRow[];
  /** The last whole week before the run date, one row per business unit. */
  readonly week: { readonly start: string; readonly end: string; readonly rows: readonly KpiRow[] } | null;
  readonly assertions: readonly AssertionRow[];
  readonly entities: readonly EntityRow[];
}

export type Verdict = 'GREEN' | 'YELLOW' | 'RED';

/** One screen value beside ours; numbers are decimal text, exact as in the mart. */
export interface ReconciliationRow {
  readonly period_start: string;
  readonly period_end: string;
  readonly business_unit: string;
  readonly kpi: string;
  readonly ui_value: string;
  readonly our_value: string | null;
  readonly difference: string | null;
  readonly tolerance: string;
  readonly verdict: Verdict;
  readonly reason: string;
}

/** A row of `weekly_kpis`: KPI columns by name, NULL where the KPI is not of the unit's kind. */
export interface KpiRow {
  readonly business_unit: string;
  readonly kind: string;
  readonly [kpi: string]: string | null;
}

export interface AssertionRow {
  readonly name: string;
  readonly file: string;
  readonly verdict: Verdict;
  readonly failing_rows: number;
  /** At most five failing rows, as JSON text. */
  readonly sample: string;
}

/** The receipt of an entity's last run, rows counted at each stage. */
export interface EntityRow {
  readonly entity: string;
  readonly status: string;
  readonly records_source: string | null;
  readonly records_read: string;
  readonly records_landed: string;
  readonly records_loaded: string;
  readonly records_visible: string;
  readonly records_new: string;
  readonly records_rejected: string;
  readonly api_calls: string;
  readonly error: string | null;
}

/** The worst of the given verdicts; RED when there is none, for an empty check proves nothing. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0 || verdicts.includes('RED')) return 'RED';
  return verdicts.includes('YELLOW') ? 'YELLOW' : 'GREEN';
}
