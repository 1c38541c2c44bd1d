import type { TableSchema } from '../../../schemas/columns.ts';
import type { Datasets } from '../../config.ts';

/** Quotes a name as an identifier. */
export function quoted(name: string): string {
  return `\`${name}\``;
}

/** Quotes a text as a literal. GoogleSQL reads JSON's escapes, but not unpaired surrogates. */
export function literal(text: string | null): string {
  return text === null ? 'NULL' : JSON.stringify(text.replace(/\p{Surrogate}/gu, '\u{FFFD}'));
}

/** `` `st_raw_v2`.`raw_jobs` `` */
export function tableName(datasets: Datasets, table: Pick<TableSchema, 'dataset' | 'name'>): string {
  return `${quoted(datasets[table.dataset])}.${quoted(table.name)}`;
}

/**
 * One script, one transaction. A query at its end stands behind the commit: its rows are the script's result.
 *
 * A change on its own is no transaction: where another one changes the same table, BigQuery lets a statement wait for it,
 * and ends a transaction.
 */
export function script(statements: readonly string[]): string {
  const last = statements.at(-1) ?? '';
  const isQuery = /^\s*select /i.test(last);
  const changes = isQuery ? statements.slice(0, -1) : statements;
  const transaction =
    changes.length === 1 ? changes : ['BEGIN TRANSACTION', ...changes, 'COMMIT TRANSACTION'];
  const parts = [...transaction, ...(isQuery ? [last] : [])];
  return `${parts.join(';\n')};`;
}
