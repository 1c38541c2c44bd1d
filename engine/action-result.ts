import type { Json } from '@duckdb/node-api';
import type { RowChanges } from './duckdb/row-changes.ts';
import type { ActionKind } from './prepare-graph.ts';

/** Rows that are kept of what an assertion found. */
export const SAMPLE_ROWS = 20;

/** A row that an assertion found: column name to value. */
export type RowSample = Readonly<Record<string, Json>>;

/** Columns of an assertion's rows that are added up, so that a finding has its amount: `includes/findings.js` describes them. */
export const SUMMED = ['uncounted_amount', 'job_count'] as const;

/** The sum of each of these columns that the rows have; exact decimal text, null if each row has NULL. */
export type Sums = Readonly<Partial<Record<(typeof SUMMED)[number], string | null>>>;

/** The result of one model or assertion, on DuckDB or BigQuery. */
export interface ActionResult {
  readonly name: string;
  readonly file: string;
  readonly kind: ActionKind;
  readonly tags: readonly string[];
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly seconds: number;
  /** The number of rows in the table, or of rows that the assertion found. */
  readonly rows?: number;
  /** At most `SAMPLE_ROWS` of the rows that the assertion found. */
  readonly sample?: readonly RowSample[];
  /** What all of the rows that the assertion found add up to. */
  readonly sums?: Sums;
  readonly error?: string;
  /** For SQL that was refused: its line with a caret below the place. */
  readonly excerpt?: string;
  /** Not built or checked again, because nothing has changed since an earlier run did. */
  readonly isKept?: true;
  /** How the table differs from the one before; only of a process that builds again and again. */
  readonly changes?: RowChanges;
}
