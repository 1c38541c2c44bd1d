import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

/** A query on which both engines were seen to answer alike, and the signatures that it proves. */
export interface ConformanceRow {
  readonly query: string;
  /** As engine/googlesql/signature.ts writes them. */
  readonly signatures: readonly string[];
  /** Rows joined by ` ; `, columns by ` | `; ERROR where both must fail. */
  readonly expected: string;
}

export const CONFORMANCE_FILE = new URL('conformance.csv', import.meta.url);

export function conformanceRows(): ConformanceRow[] {
  const rows = parse(readFileSync(CONFORMANCE_FILE), { columns: true }) as Record<string, string>[];
  return rows.map(({ query = '', signatures = '', expected = '' }) => ({
    query,
    signatures: signatures.split('; ').filter(Boolean),
    expected,
  }));
}

let proved: ReadonlySet<string> | undefined;

/** Signatures that a row of engine/conformance.csv proves; read once. */
export function provedSignatures(): ReadonlySet<string> {
  proved ??= new Set(conformanceRows().flatMap(({ signatures }) => signatures));
  return proved;
}
