import { appendFileSync } from 'node:fs';

/** What a part of the suite did; `npm run test:faults` adds up the parts of all its processes. */
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

/** Notes an entry in the file that the variable FAULTS_LEDGER names; without it nothing is kept. */
export function note(entry: Entry): void {
  const file = process.env.FAULTS_LEDGER;
  if (file) appendFileSync(file, `${JSON.stringify(entry)}\n`);
}
