import type { ResolvedColumn } from '../../googlesql/resolved-node.ts';
import type { TreeNode } from '../../googlesql/tree.ts';

/** What a part of a query is written with. */
export interface Scope {
  /** The DuckDB relation of a table by its bare name: `"st_raw_v2"."raw_jobs"`. */
  readonly relation: (table: string) => string;
  /** Columns of the WITH queries in scope, in the order in which references number them. */
  readonly withColumns: Map<string, readonly ResolvedColumn[]>;
  /** Writes the query inside an expression; expressions and scans contain each other. */
  readonly subquery: (scan: TreeNode, scope: Scope) => string;
}
