import type { Json } from '@duckdb/node-api';
import type { ActionKind } from './prepare-graph.ts';

/** A row that an assertion found, by column. */
export type RowSample = Readonly<Record<string, Json>>;

/** What came of one model or assertion, on whichever engine it ran. */
export interface ActionResult {
  readonly name: string;
  readonly file: string;
  readonly kind: ActionKind;
  readonly tags: readonly string[];
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly seconds: number;
  /** Rows of a table, or rows that an assertion found. */
  readonly rows?: number;
  /** At most five of the rows that an assertion found. */
  readonly sample?: readonly RowSample[];
  readonly error?: string;
  /** The table was skipped: it is as an earlier run built it. */
  readonly isKept?: true;
}
