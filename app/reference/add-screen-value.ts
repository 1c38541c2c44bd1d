import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { ConfigurationError } from '../../base/errors.ts';
import { readReference } from './reference-files.ts';

/** Cells of a line of `ui_kpi_values.csv` by column; the others stay empty. */
export type Reading = Readonly<Record<string, string>>;

/** What became of readings. */
export interface StoredReadings {
  readonly added: number;
  readonly replaced: number;
  /** Readings that the file has already, with the same value. */
  readonly unchanged: number;
  /** The line of the last reading. */
  readonly line: number;
}

const KEY = ['period_start', 'period_end', 'business_unit', 'kpi'];

/**
 * Stores numbers that a person read off a screen in `ui_kpi_values.csv`: each in a new line, or with `replace` in the line
 * that has the period, unit and KPI already. A replaced line loses its `read_on` unless the reading has one.
 *
 * @throws ConfigurationError when the file would not be valid with them, or has another value without `replace`; the file is
 *   then unchanged.
 */
export function addScreenValues(
  dir: string,
  readings: readonly Reading[],
  { replace = false }: { readonly replace?: boolean } = {},
): StoredReadings {
  const file = join(dir, 'ui_kpi_values.csv');
  // An error that the file already has must not be blamed on the new line.
  readReference(dir);
  const before = readFileSync(file);
  const [header = []] = parse(before, { bom: true, to_line: 1 }) as string[][];
  for (const reading of readings) checkCells(reading, header);
  const written = merged(before, header, readings, replace);
  writeFileSync(file, written.text);
  try {
    readReference(dir);
  } catch (error) {
    // Restored by renaming, so that the file is never half written.
    writeFileSync(`${file}.before`, before);
    renameSync(`${file}.before`, file);
    throw error;
  }
  return written.stored;
}

function checkCells(reading: Reading, header: readonly string[]): void {
  const missing = Object.keys(reading).filter((name) => !header.includes(name));
  if (missing.length > 0) {
    throw new ConfigurationError(
      [`ui_kpi_values.csv has no column ${missing.join(', ')}`],
      'Add it to the header line.',
    );
  }
  const formula = Object.entries(reading).find(
    ([, cell]) => /^[=+@\t\r-]/.test(cell) && !/^-\d+(\.\d+)?$/.test(cell),
  );
  if (formula) {
    throw new ConfigurationError(
      [`${formula[0]} begins like a formula, which a spreadsheet that opens the file would compute`],
      'Begin it with a letter.',
    );
  }
}

/** The file's text with the readings; lines that no reading replaces stay as they are written. */
function merged(
  before: Buffer,
  header: readonly string[],
  readings: readonly Reading[],
  replace: boolean,
): { readonly text: string; readonly stored: StoredReadings } {
  const parsed = parse(before, { bom: true, info: true, skip_empty_lines: true }) as unknown as {
    readonly record: readonly string[];
    readonly info: { readonly lines: number; readonly bytes: number };
  }[];
  // `bytes` is where a record ends, so each part is the text of one record with its line break.
  const texts = parsed.map(({ info }, index) =>
    before.subarray(parsed[index - 1]?.info.bytes ?? 0, info.bytes).toString(),
  );
  const [head = '', ...parts] = texts;
  const rows = parsed.slice(1).map(({ record, info }) => ({
    record: Object.fromEntries(header.map((name, index) => [name, record[index] ?? ''])) as Reading,
    info,
  }));
  const lines = new Map(rows.map(({ record }, index) => [keyOf(record), index]));
  const problems: string[] = [];
  const counts = { added: 0, replaced: 0, unchanged: 0 };
  const added: string[] = [];
  let line = 1;
  for (const reading of readings) {
    const at = lines.get(keyOf(reading));
    const old = at === undefined ? undefined : rows[at];
    if (at === undefined || !old) {
      added.push(lineOf(header, reading));
      counts.added++;
      continue;
    }
    line = old.info.lines;
    const value = old.record.ui_value ?? '';
    if (value === reading.ui_value && reading.read_on === undefined) counts.unchanged++;
    else if (!replace)
      problems.push(`ui_kpi_values.csv:${line}: has ${value || 'no value'} for ${nameOf(reading)}`);
    else {
      const [first = ''] = /^\r?\n/.exec(parts[at] ?? '') ?? [];
      const [last = ''] = /\r?\n$/.exec(parts[at] ?? '') ?? [];
      parts[at] = `${first}${lineOf(header, { ...old.record, read_on: '', ...reading })}${last}`;
      counts.replaced++;
    }
  }
  if (problems.length > 0) {
    throw new ConfigurationError(problems, 'Add --replace to replace them, if the new ones are right.');
  }
  const whole = [[head, ...parts].join('').replace(/\n$/, ''), ...added].join('\n');
  if (counts.added > 0) line = whole.split('\n').length;
  return { text: `${whole}\n`, stored: { ...counts, line } };
}

function keyOf(reading: Reading): string {
  return KEY.map((column) => reading[column] ?? '').join('\n');
}

function nameOf({ kpi, business_unit, period_start, period_end }: Reading): string {
  return `${kpi} of ${business_unit}, ${period_start} to ${period_end}`;
}

function lineOf(header: readonly string[], reading: Reading): string {
  return header.map((name) => quoted(reading[name] ?? '')).join(',');
}

function quoted(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
