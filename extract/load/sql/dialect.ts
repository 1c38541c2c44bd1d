import type { TableSchema } from '../../../schemas/columns.ts';

/**
 * What GoogleSQL and DuckDB write differently. Everything else in this folder is SQL that both read alike: lower-case
 * keywords, `cast(x as string)`, `error()`, `qualify`, `merge`.
 */
export interface Dialect {
  /** A text as a literal; null is NULL. */
  readonly literal: (text: string | null) => string;
  /** A column's name, which may be a reserved word. */
  readonly column: (name: string) => string;
  /** A table by its dataset and name. */
  readonly table: (table: Pick<TableSchema, 'dataset' | 'name'>) => string;
}

/** An instant as a literal, to the microsecond. */
export function timestamp(at: Date | string | null): string {
  if (at === null) return 'cast(null as timestamp)';
  return `timestamp '${typeof at === 'string' ? at : at.toISOString()}'`;
}

/** A whole number, or NULL. */
export function number(value: number | null | undefined): string {
  return value === null || value === undefined ? 'null' : String(value);
}

/** Earlier than any change instant. */
export const EARLIEST = timestamp('0001-01-01T00:00:00Z');

/** A statement that ends the script, and so its transaction, when a condition holds. */
export function endWhen(condition: string, message: string): string {
  return `select case when ${condition} then error(${message}) end`;
}
