import { type Column, columnsOf, duckdbType, readSchema } from '../../../schemas/columns.ts';
import type { Config } from '../../config.ts';
import type { ReadablePage } from './pages.ts';
import { literal, quoted } from './sql.ts';

/** Longest line of most pages. DuckDB's reader needs buffers of twice the longest line per thread. */
const USUAL_LINE_BYTES = 1024 * 1024;

/**
 * The type of amounts while they are parsed and hashed, before they are cast to their column's type.
 *
 * Amounts below 10^9 fit DECIMAL(18,9), which has 64 bits and takes a fraction of the time to parse and to format.
 */
export type Amounts = 'DECIMAL(18,9)' | 'DECIMAL(38,9)';

/** A query that returns landed pages as rows of the raw table, with its bookkeeping columns and in its column order. */
export function loadTableQuery(
  config: Pick<Config, 'personalData'>,
  run: { readonly entity: string; readonly runId: string },
  pages: readonly ReadablePage[],
  amounts: Amounts,
): string {
  const keep = (column: Column) => config.personalData === 'keep' || column.personal !== true;
  const columns = columnsOf(readSchema(run.entity)).map((column) => {
    const type = duckdbType(column);
    const parsedType = type.replaceAll('DECIMAL(38,9)', amounts);
    return { name: quoted(column.name), type, parsedType, jsonType: jsonTypeOf(column, keep) };
  });
  const structure = columns.flatMap(({ name, jsonType }) =>
    jsonType ? [`${name}: ${literal(jsonType)}`] : [],
  );
  const parsed = columns.map(({ name, parsedType, jsonType }) => {
    if (jsonType === parsedType) return name;
    return `CAST(${jsonType ? name : 'NULL'} AS ${parsedType}) AS ${name}`;
  });
  const typed = columns.map(({ name, parsedType, type }) =>
    parsedType === type ? name : `CAST(${name} AS ${type}) AS ${name}`,
  );
  const content = [...columns.map(({ name }) => name), '_extra'];
  const longestLine = Math.max(USUAL_LINE_BYTES, ...pages.map(({ page }) => page.longest_line + 1024));
  const ofPage = (value: (page: ReadablePage) => string) =>
    `MAP {${pages.map((page) => `${literal(page.file)}: ${literal(value(page))}`).join(', ')}}[filename]`;

  return `
    WITH parsed AS (
      SELECT ${parsed.join(', ')}, CAST(_extra AS JSON) AS _extra, filename
      FROM read_ndjson(
        [${pages.map(({ file }) => literal(asPattern(file))).join(', ')}],
        columns = {${structure.join(', ')}, "_extra": 'VARCHAR'},
        filename = true,
        maximum_object_size = ${longestLine}
      )
    )
    SELECT
      ${typed.join(', ')},
      _extra,
      sha256(concat_ws('|', ${content.map(hashed).join(', ')})) AS _row_hash,
      ${literal(run.runId)} AS _run_id,
      CAST(${ofPage(({ page }) => page.extracted_at)} AS TIMESTAMPTZ) AS _extracted_at,
      ${ofPage(({ uri }) => uri)} AS _source_uri
    FROM parsed`;
}

/** DuckDB reads file names as glob patterns. This one matches only the file itself. */
function asPattern(file: string): string {
  return file.replace(/[*?[]/g, '[$&]');
}

/**
 * The type with which the JSON reader reads a column. Numbers that must stay exact are read as text and cast later.
 *
 * Fields that are left out of a STRUCT here are NULL after the cast.
 *
 * @returns undefined for a personal column that must not be loaded.
 */
function jsonTypeOf(column: Column, keep: (column: Column) => boolean): string | undefined {
  if (!keep(column)) return undefined;
  const list = column.repeated ? '[]' : '';
  if (column.type === 'NUMERIC' || column.type === 'JSON') return `VARCHAR${list}`;
  if (column.type !== 'STRUCT') return duckdbType(column);
  const fields = (column.fields ?? []).flatMap((field) => {
    const type = jsonTypeOf(field, keep);
    return type === undefined ? [] : [`${quoted(field.name)} ${type}`];
  });
  return fields.length === 0 ? undefined : `STRUCT(${fields.join(', ')})${list}`;
}

/**
 * The name, length and text of a value, so that two different rows never give the same text.
 *
 * NULL is left out, so that a column that is added later does not change the hash.
 */
function hashed(column: string): string {
  const text = `CAST(${column} AS VARCHAR)`;
  return `${literal(`${column}:`)} || strlen(${text}) || ':' || ${text}`;
}
