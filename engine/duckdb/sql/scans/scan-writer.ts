import type { Reader } from '../../../googlesql/resolved-node.ts';
import type { TreeNode } from '../../../googlesql/tree.ts';
import type { Scope } from '../scope.ts';

/** Writes a scan; `scan` writes the scans inside it. */
export type ScanWriter = (reader: Reader, scope: Scope, scan: ScanSql) => string;
export type ScanSql = (node: TreeNode, scope: Scope) => string;
