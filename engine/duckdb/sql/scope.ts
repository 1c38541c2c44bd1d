import type { ResolvedColumn } from '../../googlesql/resolved-node.ts';
import type { TreeNode } from '../../googlesql/tree.ts';

/** The context in which a part of a query is translated. */
export interface Scope {
  /** Gives the DuckDB relation for a table name without its dataset: `raw_jobs` to `"st_raw_v2"."raw_jobs"`. */
  readonly relation: (table: string) => string;
  /** Columns of the WITH queries in scope, in the order of their definition. */
  readonly withColumns: Map<string, readonly ResolvedColumn[]>;
  /** The query of WITH RECURSIVE that is being translated: a reference without a name means it. */
  readonly recursive?: { readonly name: string; readonly columns: readonly ResolvedColumn[] };
  /** SQL of columns that a value of one row is computed from, by column id. */
  readonly bound?: ReadonlyMap<string, string>;
  /** Translates a subquery in an expression; passed in because expressions and scans contain each other. */
  readonly subquery: (scan: TreeNode, scope: Scope) => string;
}
