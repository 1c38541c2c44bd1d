import { type CsvError, parse } from 'csv-parse/sync';
import { UsageError } from '../../base/errors.ts';
import type { Reading } from './add-screen-value.ts';
import type { ReferenceTables } from './reference-files.ts';

/** Readings of a report that was exported as CSV, and what of it was left out. */
export interface ReportReadings {
  readonly readings: readonly Reading[];
  /** Columns that are no KPI. */
  readonly otherColumns: readonly string[];
  /** Rows whose name is no business unit of the reference. */
  readonly otherRows: readonly string[];
}

export interface ReportKpi {
  readonly name: string;
  readonly kind: string;
  readonly label: string;
}

const UNIT_COLUMNS = new Set(['businessunit', 'unit', 'name', 'businessunitname']);
const ALL = new Set(['all', 'total', 'totals', 'grandtotal', 'company']);

/** Titles of ServiceTitan's columns that name a KPI, beside the KPI's own name and label. */
const TITLES: Readonly<Record<string, string>> = {
  totalsales: 'total_booked',
  salesopportunity: 'sales_opportunities',
  salesopportunities: 'sales_opportunities',
  closedopportunity: 'closed_opportunities',
  closedopportunities: 'closed_opportunities',
  closerate: 'close_rate_percent',
  closedaveragesale: 'closed_average_sale',
  grossmargin: 'gpm_percent',
};

/**
 * Reads a report with one row per business unit, as ServiceTitan exports it and a spreadsheet pastes it: columns by comma,
 * semicolon or tab. A column is a KPI by its name in the mart, by its label, or by ServiceTitan's title. A file with the
 * columns of `ui_kpi_values.csv` is taken as it is.
 *
 * @param period first and last day of the report, which its export does not name
 * @throws UsageError when it is no such report
 */
export function readingsOf(
  text: string,
  {
    period,
    units,
    kpis,
  }: {
    readonly period: readonly [start: string, end: string] | undefined;
    readonly units: ReferenceTables['business_units'];
    readonly kpis: readonly ReportKpi[];
  },
): ReportReadings {
  const [titles = [], ...rows] = cellsOf(text);
  if (
    ['period_start', 'period_end', 'business_unit', 'kpi', 'ui_value'].every((name) => titles.includes(name))
  ) {
    const readings = rows.map((row) =>
      Object.fromEntries(
        titles.flatMap((name, index) => (row[index] ? [[name, row[index].trim()] as const] : [])),
      ),
    );
    return { readings, otherColumns: [], otherRows: [] };
  }
  const unitAt = titles.findIndex((title) => UNIT_COLUMNS.has(keyOf(title)));
  if (unitAt < 0) throw refused('it has no column Business Unit', text);
  if (!period) {
    throw new UsageError(
      ['--from-csv needs --period: the export of a report does not name its days'],
      'For example: --period 2025-10-20,2025-10-26',
    );
  }
  const columns = titles.map((title) => kpis.find((kpi) => isTitleOf(title, kpi)));
  if (columns.every((kpi) => kpi === undefined)) throw refused('none of its columns is a KPI', text);
  const found = unitsByName(units);
  const otherRows: string[] = [];
  const readings = rows.flatMap((row) => {
    const name = (row[unitAt] ?? '').trim();
    const unit = ALL.has(keyOf(name)) ? { name: 'ALL', kind: undefined } : found.get(keyOf(name));
    if (!unit) {
      if (name !== '') otherRows.push(name);
      return [];
    }
    return columns.flatMap((kpi, index): Reading[] => {
      // A report shows every column for every unit; those of the other kind say nothing.
      const isOther = unit.kind !== undefined && unit.kind !== 'both' && unit.kind !== kpi?.kind;
      const value = kpi && !isOther ? numberOf(row[index] ?? '') : undefined;
      if (!kpi || value === undefined) return [];
      const [period_start, period_end] = period;
      return [{ period_start, period_end, business_unit: unit.name, kpi: kpi.name, ui_value: value }];
    });
  });
  const otherColumns = titles.filter((_, index) => index !== unitAt && !columns[index]);
  return { readings, otherColumns, otherRows };
}

function cellsOf(text: string): readonly (readonly string[])[] {
  const [first = ''] = text.split('\n');
  const delimiter = [',', ';', '\t'].reduce((best, one) =>
    first.split(one).length > first.split(best).length ? one : best,
  );
  try {
    return parse(text, {
      bom: true,
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as string[][];
  } catch (error) {
    throw refused(`it is no CSV: ${(error as CsvError).message}`, text);
  }
}

function refused(reason: string, text: string): UsageError {
  const [titles = ''] = text.trim().split('\n');
  return new UsageError(
    [`the report cannot be read, because ${reason}; it begins with "${titles.slice(0, 120)}"`],
    'docs/reconciliation.md says which columns are read.',
  );
}

function keyOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9%]/g, '');
}

function isTitleOf(title: string, { name, label }: ReportKpi): boolean {
  const key = keyOf(title).replace(/(%|percent|percentage)$/, '');
  return [name.replace(/_percent$/, ''), label].some((known) => keyOf(known) === key) || TITLES[key] === name;
}

/** Units by every spelling that the reference has for them. */
function unitsByName(units: ReferenceTables['business_units']) {
  const counted = units.filter(({ in_kpi_set }) => String(in_kpi_set).toLowerCase() === 'true');
  return new Map(
    counted.flatMap(({ raw_name, normalised_name, kind }) =>
      [raw_name, normalised_name].map(
        (spelling) =>
          [keyOf(String(spelling)), { name: String(normalised_name), kind: String(kind) }] as const,
      ),
    ),
  );
}

const AMOUNT = /^(\(?)(-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?)(\)?)$/;

/** `$1,234.50` as `1234.50`, `(12.00)` as `-12.00`, `41.2 %` as `41.2`; undefined for an empty cell or a dash. */
function numberOf(cell: string): string | undefined {
  const bare = cell.replace(/[$%\s]/g, '');
  if (/^[-–—]?$/.test(bare)) return undefined;
  const [, open = '', digits = '', close = ''] = AMOUNT.exec(bare) ?? [];
  if (digits === '' || (open === '') !== (close === '')) {
    throw new UsageError(
      [`"${cell.slice(0, 40)}" in the report is not a number like 1,234.50`],
      'Export it with a point before the decimals.',
    );
  }
  const plain = digits.replaceAll(',', '');
  return open === '' ? plain : `-${plain.replace(/^-/, '')}`;
}
