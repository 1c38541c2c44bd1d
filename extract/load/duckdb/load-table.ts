import { type Column, columnsOf, duckdbType, readSchema } from '../../../schemas/columns.ts';
import type { Config } from '../../config.ts';
import type { ReadablePage } from './pages.ts';
import { literal, quoted } from './sql.ts';

/** DuckDB's reader takes buffers of twice the longest line per thread; pages with longer ones say so. */
const LONGEST_LINE = 1024 * 1024;

/**
 * How amounts are held until they are cast to their column's type. Those below 10^9 fit 64 bits, which takes a fraction of
 * the time: to read them as text, and to write them as text for the hash.
 */
export type Amounts = 'DECIMAL(18,9)' | 'DECIMAL(38,9)';

/** A query that gives landed pages as typed rows with their bookkeeping columns, in the raw table's order. */
export function loadTableQuery(
  config: Pick<Config, 'personalData'>,
  run: { readonly entity: string; readonly runId: string },
  pages: readonly ReadablePage[],
  amounts: Amounts,
): string {
  const keep = (column: Column) => config.personalData === 'keep' || column.personal !== true;
  const columns = columnsOf(readSchema(run.entity)).map((column) => {
    const type = duckdbType(column);
    const heldAs = type.replaceAll('DECIMAL(38,9)', amounts);
    return { name: quoted(column.name), type, heldAs, readAs: readType(column, keep) };
  });
  const structure = columns.flatMap(({ name, readAs }) => (readAs ? [`${name}: ${literal(readAs)}`] : []));
  const held = columns.map(({ name, heldAs, readAs }) => {
    if (readAs === heldAs) return name;
    return `CAST(${readAs ? name : 'NULL'} AS ${heldAs}) AS ${name}`;
  });
  const typed = columns.map(({ name, heldAs, type }) =>
    heldAs === type ? name : `CAST(${name} AS ${type}) AS ${name}`,
  );
  const content = [...columns.map(({ name }) => name), '_extra'];
  const longestLine = Math.max(LONGEST_LINE, ...pages.map(({ page }) => page.longest_line + 1024));
  const ofPage = (value: (page: ReadablePage) => string) =>
    `MAP {${pages.map((page) => `${literal(page.file)}: ${literal(value(page))}`).join(', ')}}[filename]`;

  return `
    WITH held AS (
      SELECT ${held.join(', ')}, CAST(_extra AS JSON) AS _extra, filename
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
    FROM held`;
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
