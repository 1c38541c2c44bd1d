import { type Column, columnsOf, duckdbType, readSchema } from '../../schemas/columns.ts';
import type { Config } from '../config.ts';
import type { ReadablePage } from './duckdb-pages.ts';
import { literal, quoted } from './duckdb-sql.ts';

/** DuckDB's reader takes buffers of twice the longest line per thread; pages with longer ones say so. */
const LONGEST_LINE = 1024 * 1024;

/** A query that gives landed pages as typed rows with their bookkeeping columns, in the raw table's order. */
export function loadTableQuery(
  config: Pick<Config, 'personalData'>,
  run: { readonly entity: string; readonly runId: string },
  pages: readonly ReadablePage[],
): string {
  const keep = (column: Column) => config.personalData === 'keep' || column.personal !== true;
  const columns = columnsOf(readSchema(run.entity)).map((column) => ({
    name: quoted(column.name),
    type: duckdbType(column),
    readAs: readType(column, keep),
  }));
  const structure = columns.flatMap(({ name, readAs }) => (readAs ? [`${name}: ${literal(readAs)}`] : []));
  const typed = columns.map(({ name, type, readAs }) => {
    if (readAs === type) return name;
    return `CAST(${readAs ? name : 'NULL'} AS ${type}) AS ${name}`;
  });
  const content = [...columns.map(({ name }) => name), '_extra'];
  const longestLine = Math.max(LONGEST_LINE, ...pages.map(({ page }) => page.longest_line + 1024));
  const ofPage = (value: (page: ReadablePage) => string) =>
    `MAP {${pages.map((page) => `${literal(page.file)}: ${literal(value(page))}`).join(', ')}}[filename]`;

  return `
    WITH typed AS (
      SELECT ${typed.join(', ')}, CAST(_extra AS JSON) AS _extra, filename
      FROM read_ndjson(
        [${pages.map(({ file }) => literal(asPattern(file))).join(', ')}],
        columns = {${structure.join(', ')}, "_extra": 'VARCHAR'},
        filename = true,
        maximum_object_size = ${longestLine}
      )
    )
    SELECT
      * EXCLUDE (filename),
      sha256(concat_ws('|', ${content.map(hashed).join(', ')})) AS _row_hash,
      ${literal(run.runId)} AS _run_id,
      CAST(${ofPage(({ page }) => page.extracted_at)} AS TIMESTAMPTZ) AS _extracted_at,
      ${ofPage(({ uri }) => uri)} AS _source_uri
    FROM typed`;
}

/** DuckDB takes file names for patterns: one that matches this file alone. */
function asPattern(file: string): string {
  return file.replace(/[*?[]/g, '[$&]');
}

/**
 * What a column is read as: numbers that must stay exact as text, which is cast as a whole. Fields left out
 * of a STRUCT here are NULL after the cast.
 *
 * @returns undefined for a column that is not kept.
 */
function readType(column: Column, keep: (column: Column) => boolean): string | undefined {
  if (!keep(column)) return undefined;
  const list = column.repeated ? '[]' : '';
  if (column.type === 'NUMERIC' || column.type === 'JSON') return `VARCHAR${list}`;
  if (column.type !== 'STRUCT') return duckdbType(column);
  const fields = (column.fields ?? []).flatMap((field) => {
    const type = readType(field, keep);
    return type === undefined ? [] : [`${quoted(field.name)} ${type}`];
  });
  return fields.length === 0 ? undefined : `STRUCT(${fields.join(', ')})${list}`;
}

/**
 * Name, length and text of a value, so that no two contents read alike. A NULL is left out, so that a
 * column that is added later changes no hash.
 */
function hashed(column: string): string {
  const text = `CAST(${column} AS VARCHAR)`;
  return `${literal(`${column}:`)} || strlen(${text}) || ':' || ${text}`;
}
