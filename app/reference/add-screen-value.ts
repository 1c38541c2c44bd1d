import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { ConfigurationError } from '../../base/errors.ts';
import { readReference } from './reference-files.ts';

/**
 * Appends a number that a person read off a screen to `ui_kpi_values.csv`.
 *
 * @returns its line
 * @throws ConfigurationError when the file would not be valid with the new line; the file is then unchanged.
 */
export function addScreenValue(dir: string, reading: Readonly<Record<string, string>>): number {
  const file = join(dir, 'ui_kpi_values.csv');
  // An error that the file already has must not be blamed on the new line.
  readReference(dir);
  const before = readFileSync(file, 'utf8');
  const [header = []] = parse(before, { bom: true, to_line: 1 }) as string[][];
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
  const line = header.map((name) => quoted(reading[name] ?? '')).join(',');
  const after = `${before}${before.endsWith('\n') ? '' : '\n'}${line}\n`;
  writeFileSync(file, after);
  try {
    readReference(dir);
  } catch (error) {
    // Restored by renaming, so that the file is never half written.
    writeFileSync(`${file}.before`, before);
    renameSync(`${file}.before`, file);
    throw error;
  }
  return after.trimEnd().split('\n').length;
}

function quoted(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
