import { appendFileSync } from 'node:fs';

/** What one process of the suite did; `npm run test:faults` adds up all processes. */
export interface Entry {
  readonly group?: string;
  readonly cases?: number;
  readonly schedules?: number;
  readonly kills?: number;
  readonly rowsCompared?: number;
  /** A table of a mart that was compared, and its rows. */
  readonly martTable?: string;
  readonly martRows?: number;
  readonly lost?: number;
  readonly doubled?: number;
  /** A planted bug and the first test that found it. */
  readonly bug?: string;
  readonly foundBy?: string;
}

/** Appends an entry to the file that FAULTS_LEDGER names; without that variable it does nothing. */
export function note(entry: Entry): void {
  const file = process.env.FAULTS_LEDGER;
  if (file) appendFileSync(file, `${JSON.stringify(entry)}\n`);
}
