import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { ConfigurationError } from '../../base/errors.ts';
import type { TextRow } from '../../extract/load/warehouse.ts';
import { columnsOf } from '../../schemas/columns.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import { COMPARED, hasKind, type Kind } from '../report/kpis.ts';

/** The three reference tables of a tenant. Numbers and dates keep the text of the file. */
export interface ReferenceTables {
  readonly business_units: readonly TextRow[];
  readonly job_types: readonly TextRow[];
  readonly ui_kpi_values: readonly TextRow[];
}

/** KPIs that a screen value may be compared with, each with the kind of its units. */
const KINDS: ReadonlyMap<string, Kind> = new Map(COMPARED.map(({ name, kind }) => [name, kind]));

/** Columns that a file must have; some of their cells may be empty. */
const COLUMNS: Readonly<Record<keyof ReferenceTables, readonly string[]>> = {
  business_units: ['raw_name', 'business_unit_id', 'normalised_name', 'region', 'kind', 'in_kpi_set'],
  job_types: ['name', 'job_type_id'],
  ui_kpi_values: ['period_start', 'period_end', 'business_unit', 'kpi', 'ui_value'],
};

/** Other numbers of the same reports. They are stored but not asserted, like any name with a colon. */
const CONTEXT = new Set([
  'completed_jobs',
  'jobs_with_sales',
  'job_total_cost',
  'labor_pay',
  'materials_equipment_po_bill_cost',
  'open_opportunities',
  'payroll_adjustments',
  'produced_jobs',
  'return_cost',
  'sold_estimates',
  'warranty_cost',
]);

/** The kinds of units. */
const UNIT_KINDS: readonly string[] = ['sales', 'production', 'both'];

/** The values of columns that allow only some; written exactly so, because the models compare them letter by letter. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  'business_units.kind': UNIT_KINDS,
  'ui_kpi_values.unit': ['usd', 'count', 'percent'],
};

/** Columns by which rows are joined, so that a space too many would separate them. */
const JOINED = new Set(['normalised_name', 'region', 'business_unit', 'kpi']);

interface CsvRow {
  readonly record: Readonly<Record<string, string>>;
  readonly line: number;
}

/**
 * Reads `business_units.csv`, `job_types.csv` and `ui_kpi_values.csv`.
 *
 * @throws ConfigurationError listing every error with file and line.
 */
export function readReference(dir: string): ReferenceTables {
  const problems: string[] = [];
  const units = readTable(dir, 'business_units', problems);
  const types = readTable(dir, 'job_types', problems);
  const values = readTable(dir, 'ui_kpi_values', problems);
  checkUnits(units, problems);
  checkTypes(types, problems);
  checkValues(values, units, problems);
  if (problems.length > 0) {
    throw new ConfigurationError(
      problems,
      `Correct the files in ${dir}, or set REFERENCE_DIR to another folder; docs/kpis.md lists the KPIs.`,
    );
  }
  return {
    business_units: units.map(({ record }) => cells(record, 'business_units')),
    job_types: types.map(({ record }) => cells(record, 'job_types')),
    ui_kpi_values: values.map(({ record }) => ({
      ...cells(record, 'ui_kpi_values'),
      ui_decimals: record.ui_value ? String(record.ui_value.split('.')[1]?.length ?? 0) : null,
    })),
  };
}

function readTable(dir: string, name: keyof ReferenceTables, problems: string[]): CsvRow[] {
  const file = `${name}.csv`;
  try {
    const bytes = readFileSync(join(dir, file));
    const [header = []] = parse(bytes, { bom: true, to_line: 1 }) as string[][];
    const parsed = parse(bytes, {
      bom: true,
      columns: true,
      info: true,
      skip_empty_lines: true,
      trim: false,
    }) as unknown as { record: Record<string, string>; info: { lines: number } }[];
    const rows = parsed.map(({ record, info }) => ({ record, line: info.lines }));
    const missing = COLUMNS[name].filter((column) => !header.includes(column));
    // Screen values are read one by one, so at first there may be none.
    if (rows.length === 0 && name !== 'ui_kpi_values') problems.push(`${file}: has no rows`);
    else if (missing.length > 0)
      problems.push(`${file}:1: the header lacks the column ${missing.join(', ')}`);
    else for (const row of rows) checkCells(file, row, name, problems);
    return missing.length > 0 ? [] : rows;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      problems.push(`${file}: file not found`);
      return [];
    }
    const line = error instanceof CsvError && typeof error.lines === 'number' ? `:${error.lines}` : '';
    problems.push(`${file}${line}: ${error instanceof Error ? error.message : 'cannot be read'}`);
    return [];
  }
}

const SHAPES: Readonly<Record<string, readonly [RegExp, string]>> = {
  INT64: [/^-?\d{1,18}$/, 'a whole number'],
  NUMERIC: [/^-?\d{1,29}(\.\d{1,9})?$/, 'a number'],
  BOOL: [/^(true|false)$/i, 'true or false'],
  DATE: [/^\d{4}-\d\d-\d\d$/, 'a date like 2025-08-18'],
  TIMESTAMP: [
    /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/,
    'an instant like 2025-08-25T16:00:00Z',
  ],
};

function checkCells(
  file: string,
  { record, line }: CsvRow,
  name: keyof ReferenceTables,
  problems: string[],
): void {
  for (const column of columnsOf(readSchema(`reference/${name}`))) {
    const value = record[column.name] ?? '';
    const choices = CHOICES[`${name}.${column.name}`];
    if (/\p{Cc}/u.test(value)) problems.push(`${file}:${line}: ${column.name} contains a control character`);
    if (JOINED.has(column.name) && value !== value.trim())
      problems.push(`${file}:${line}: ${column.name} is "${value}", with a space at its beginning or end`);
    if (choices && value !== '' && !choices.includes(value))
      problems.push(
        `${file}:${line}: ${column.name} is "${value}"; write ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`,
      );
    const [shape, wanted] = SHAPES[column.type] ?? [];
    if (value === '') {
      if (column.required) problems.push(`${file}:${line}: ${column.name} is empty`);
    } else if (shape && (!shape.test(value) || (/DATE|TIMESTAMP/.test(column.type) && !isInstant(value)))) {
      problems.push(`${file}:${line}: ${column.name} is "${value}", which is not ${wanted}`);
    } else if (/DATE|TIMESTAMP/.test(column.type) && !/^20\d\d/.test(value)) {
      problems.push(`${file}:${line}: ${column.name} is "${value}"; its year is not between 2000 and 2099`);
    }
  }
}

/** Checks what the models take for granted: each id and each name means one unit, and each unit is one kind and region. */
function checkUnits(units: readonly CsvRow[], problems: string[]): void {
  const report = (line: number, reason: string) => problems.push(`business_units.csv:${line}: ${reason}`);
  const [ids, names, normalised] = [firstRows(), firstRows(), firstRows()];
  for (const row of units) {
    const { record, line } = row;
    const { business_unit_id = '', raw_name = '', normalised_name = '', region = '' } = record;
    const isCounted = record.in_kpi_set?.toLowerCase() === 'true';
    if (isCounted && region === '') report(line, 'region is empty, but in_kpi_set is true');
    const sameId = business_unit_id === '' ? undefined : ids(String(Number(business_unit_id)), row);
    if (sameId) report(line, `repeats the business_unit_id of line ${sameId.line}`);
    const sameName = names(raw_name.trim().replace(/\s+/g, ' ').toLowerCase(), row);
    if (sameName && sameName.record.normalised_name !== normalised_name)
      report(line, `maps "${raw_name}" to ${normalised_name}, and line ${sameName.line} to another unit`);
    const sameUnit = normalised(normalised_name, row);
    for (const column of ['kind', 'region', 'in_kpi_set'] as const) {
      const other = sameUnit?.record[column];
      if (other !== undefined && other.toLowerCase() !== (record[column] ?? '').toLowerCase())
        report(
          line,
          `${column} of ${normalised_name} is "${record[column]}", and on line ${sameUnit?.line} "${other}"`,
        );
    }
  }
}

/** Checks that each id and each name means one job type. */
function checkTypes(types: readonly CsvRow[], problems: string[]): void {
  const report = (line: number, reason: string) => problems.push(`job_types.csv:${line}: ${reason}`);
  const [ids, names] = [firstRows(), firstRows()];
  for (const row of types) {
    const { job_type_id = '', name = '' } = row.record;
    if (job_type_id === '' && name.trim() === '') report(row.line, 'job_type_id and name are empty');
    const sameId = job_type_id === '' ? undefined : ids(String(Number(job_type_id)), row);
    if (sameId) report(row.line, `repeats the job_type_id of line ${sameId.line}`);
    const sameName = name.trim() === '' ? undefined : names(name.trim().toLowerCase(), row);
    for (const column of ['is_estimate', 'is_warranty'] as const) {
      const [ours = '', other] = [row.record[column], sameName?.record[column]];
      if (other !== undefined && other.toLowerCase() !== ours.toLowerCase())
        report(row.line, `${column} of "${name}" is ${ours}, and on line ${sameName?.line} ${other}`);
    }
  }
}

/** Remembers the first row of each key; returns the row that had the key before. */
function firstRows() {
  const rows = new Map<string, CsvRow>();
  return (key: string, row: CsvRow): CsvRow | undefined => {
    const first = rows.get(key);
    if (first === undefined) rows.set(key, row);
    return first;
  };
}

function checkValues(values: readonly CsvRow[], units: readonly CsvRow[], problems: string[]): void {
  const kinds = new Map(
    units
      .filter(({ record }) => record.in_kpi_set?.toLowerCase() === 'true')
      .map(({ record }) => [record.normalised_name, record.kind]),
  );
  const seen = new Map<string, number>();
  for (const { record, line } of values) {
    const { period_start = '', period_end = '', business_unit = '', kpi = '', ui_value } = record;
    const report = (reason: string) => problems.push(`ui_kpi_values.csv:${line}: ${reason}`);
    const isContext = kpi.includes(':') || CONTEXT.has(kpi);
    const kind = KINDS.get(kpi);
    if (!isContext && kind === undefined)
      report(`there is no KPI "${kpi}"; the KPIs are ${[...KINDS.keys()].join(', ')}`);
    if (business_unit !== 'ALL' && !kinds.has(business_unit)) {
      const valid = ['ALL', ...kinds.keys()].join(', ');
      report(`there is no business unit "${business_unit}"; the units are ${valid}`);
    } else if (kind !== undefined && business_unit !== 'ALL' && !hasKind(kinds.get(business_unit), kind)) {
      report(`${kpi} is a KPI of ${kind} units, and ${business_unit} is not one`);
    }
    if (period_end < period_start) report('period_end is before period_start');
    const key = [period_start, period_end, business_unit, kpi].join(' ');
    const first = seen.get(key);
    if (first !== undefined && ui_value && !isContext) report(`repeats line ${first}`);
    seen.set(key, line);
  }
}

/** The row of the table: empty cells and columns that the file lacks are NULL. */
function cells(record: Readonly<Record<string, string>>, name: keyof ReferenceTables): TextRow {
  return Object.fromEntries(
    columnsOf(readSchema(`reference/${name}`)).map(({ name: column }) => [column, record[column] || null]),
  );
}

/** Whether the day exists: 31 February matches the pattern. */
function isInstant(text: string): boolean {
  const time = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, 10));
}
