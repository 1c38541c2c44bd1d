import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

/** A query to which GoogleSQL and DuckDB gave the same answer, and the function signatures that it tests. */
export interface ConformanceRow {
  readonly query: string;
  /** In the format of engine/googlesql/signature.ts. */
  readonly signatures: readonly string[];
  /** Rows joined by ` ; `, columns by ` | `; `ERROR` if both engines must fail. */
  readonly expected: string;
  /** What GoogleSQL's reference engine evaluates instead, where it lacks the function: the same by BigQuery's definition. */
  readonly evaluatedAs: string;
}

export const CONFORMANCE_FILE = new URL('conformance.csv', import.meta.url);

export function conformanceRows(): ConformanceRow[] {
  const rows = parse(readFileSync(CONFORMANCE_FILE), { columns: true }) as Record<string, string>[];
  return rows.map(({ query = '', signatures = '', expected = '', evaluated_as: evaluatedAs = '' }) => ({
    query,
    signatures: signatures.split('; ').filter(Boolean),
    expected,
    evaluatedAs,
  }));
}

let proved: ReadonlySet<string> | undefined;

/** Signatures that engine/conformance.csv tests. The file is read once. */
export function provedSignatures(): ReadonlySet<string> {
  proved ??= new Set(conformanceRows().flatMap(({ signatures }) => signatures));
  return proved;
}
