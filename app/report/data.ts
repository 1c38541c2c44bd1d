/** Counted up with each change of the report's data: a stored report of another format is made anew. */
export const REPORT_FORMAT = 2;

/** The report's data: the JSON file is this object, HTML and Markdown show it. */
export interface ReportData {
  readonly format: number;
  readonly generatedAt: string;
  readonly runDate: string;
  /** Where the records came from: the sandbox tenant or a tenant of ServiceTitan. */
  readonly source: string;
  readonly verdict: Verdict;
  /** Entities that were not read to the end for the run date. Their figures are older, so the verdict is RED. */
  readonly unread: readonly string[];
  readonly reconciliation: readonly ReconciliationRow[];
  /** The last complete week before the run date, one row per business unit. */
  readonly week: { readonly start: string; readonly end: string; readonly rows: readonly KpiRow[] } | null;
  /** Each KPI of each unit over the last weeks. */
  readonly series: readonly Series[];
  /** The previous run date with stored weeks to compare with; null in a first nightly run. */
  readonly nightBefore: string | null;
  readonly movements: readonly Movement[];
  readonly assertions: readonly AssertionRow[];
  readonly entities: readonly EntityRow[];
  /** The zone of the days; instants are shown in it. */
  readonly timeZone: string;
  /** All units together; null while the mart has no complete week. */
  readonly company: Company | null;
  /** The units of each region on one row, the best sellers of the last complete week first. */
  readonly regions: readonly Region[];
  /** Why screen values differ: what alternative definitions give. At most twenty, the worst first. */
  readonly explanations: readonly ScreenExplanation[];
}

/** A value of the last complete week, of the week before, and of the same week a year before; decimal text. */
export interface Compared {
  readonly value: string | null;
  readonly weekBefore: string | null;
  /** null also where the mart does not have the whole of that week. */
  readonly yearBefore: string | null;
}

export interface Company {
  readonly week: Period;
  /** From the first of the month to the day before the run date. */
  readonly month: Period;
  readonly kpis: readonly CompanyKpi[];
}

export interface Period {
  readonly start: string;
  readonly end: string;
}

export interface CompanyKpi extends Compared {
  readonly kpi: string;
  /** The day of a snapshot; null for a KPI of a week. */
  readonly takenOn: string | null;
  /** null for a snapshot. */
  readonly month: string | null;
  /** The same days of the month a year before. */
  readonly monthYearBefore: string | null;
  /** Twelve weeks, oldest first. */
  readonly weeks: readonly { readonly start: string; readonly value: string | null }[];
}

export interface Region {
  readonly name: string;
  /** null without any, or if the region has several. */
  readonly salesUnit: string | null;
  readonly productionUnit: string | null;
  /** By KPI, and by the columns that a ratio is computed from. */
  readonly kpis: Readonly<Record<string, Compared>>;
  /** How many records with an amount make up Produced and Collected, in the week and in the week before. */
  readonly records: Readonly<Record<string, { readonly value: number; readonly weekBefore: number }>>;
}

/** What would explain the difference between a screen value and ours; amounts are exact decimal text. */
export interface ScreenExplanation {
  readonly period_start: string;
  readonly period_end: string;
  readonly business_unit: string;
  readonly kpi: string;
  /** Changes that would make the two equal, as sentences. */
  readonly candidates: readonly string[];
  readonly alternatives: readonly {
    readonly name: string;
    /** Whether it is ServiceTitan's own definition; absent in reports of before it was named. */
    readonly isVendor?: boolean;
    /** What the KPI would be. */
    readonly value: string | null;
    readonly equalsScreen: boolean;
    readonly adds: readonly CountedRecord[];
    readonly drops: readonly CountedRecord[];
    readonly addCount: number;
    readonly dropCount: number;
  }[];
  /** How many records our number has. */
  readonly records: number;
  readonly entity: string;
}

export interface CountedRecord {
  readonly id: string | null;
  readonly amount: string;
  readonly local_date: string | null;
}

export type Verdict = 'GREEN' | 'YELLOW' | 'RED';

/** A screen value and ours; numbers are exact decimal text. */
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
  /** When the screen was read, and which screen it was, as far as the reference says. */
  readonly read_on?: string | null;
  readonly source_note?: string | null;
}

/** A row of `weekly_kpis`: KPI columns by name, NULL where the KPI is not of the unit's kind. */
export interface KpiRow {
  readonly business_unit: string;
  readonly kind: string;
  readonly [kpi: string]: string | null;
}

/** A KPI of a unit by week, oldest first, with the screen values of those weeks. */
export interface Series {
  readonly kpi: string;
  readonly business_unit: string;
  readonly weeks: readonly {
    readonly start: string;
    readonly value: string | null;
    readonly screen: { readonly value: string; readonly verdict: Verdict } | null;
  }[];
}

/** As many records as are looked for behind a number that moved. */
export const MOST_RECORDS = 10;

/** A week that was complete at the previous nightly run and has another value now. */
export interface Movement {
  readonly week_start: string;
  readonly business_unit: string;
  readonly kpi: string;
  readonly night_before: string;
  readonly value_before: string | null;
  readonly value: string | null;
  /** Records of the unit that changed since then, those of the week first; at most `MOST_RECORDS`. */
  readonly records: readonly MovedRecord[];
}

export interface MovedRecord {
  readonly entity: string;
  readonly id: string;
  readonly status: string | null;
  readonly local_date: string | null;
  /** USD; null where the KPI counts records. */
  readonly amount: string | null;
  /** Whether it counts in the week now. */
  readonly counts: boolean;
}

export interface AssertionRow {
  readonly name: string;
  readonly file: string;
  readonly verdict: Verdict;
  /** null if the assertion could not run. */
  readonly failing_rows: string | null;
  /** USD that counts in no number because of the failing rows; null without an amount. */
  readonly uncounted_amount?: string | null;
  /** Jobs that the failing rows stand for; null if a row does not stand for several. */
  readonly job_count?: string | null;
  /** The first failing rows as JSON text, or why the assertion could not run. */
  readonly sample: string | null;
  /** What a finding means, as the assertion's description says it; absent in reports of before it did. */
  readonly description?: string | null;
}

/** The receipt of an entity's last run: rows counted at each step. */
export interface EntityRow {
  readonly entity: string;
  readonly status: string;
  readonly end_time: string | null;
  /** The newest change that was read. */
  readonly watermark: string | null;
  readonly records_source: string | null;
  readonly records_read: string | null;
  readonly records_landed: string | null;
  readonly records_loaded: string | null;
  readonly records_visible: string | null;
  readonly records_new: string | null;
  readonly records_rejected: string | null;
  readonly api_calls: string | null;
  readonly error: string | null;
}

/** The worst of the verdicts; RED without any, because an empty check proves nothing. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0 || verdicts.includes('RED')) return 'RED';
  return verdicts.includes('YELLOW') ? 'YELLOW' : 'GREEN';
}
