import { type Column, columnsOf, duckdbType, type JsonSchema } from '../../../schemas/columns.ts';
import type { Entity } from '../../../schemas/entities.ts';
import { readSchema } from '../../../schemas/schema-files.ts';
import type { Config } from '../../config.ts';
import { identityColumns } from '../sql/key.ts';
import type { PageFile } from './page-files.ts';
import { literal, quoted } from './sql.ts';

/** DuckDB's reader takes buffers of twice the longest line per thread; pages with longer lines say so. */
const LONGEST_LINE = 1024 * 1024;

/**
 * How amounts are read before they are cast to their column's type. Those below 10^9 fit 64 bits, which takes a fraction
 * of the time.
 */
export type Amounts = 'DECIMAL(18,9)' | 'DECIMAL(38,9)';

/** A query that reads landed pages as rows of the raw table, without `_generation`. */
export function readRows(
  entity: string,
  files: readonly PageFile[],
  options: {
    readonly personalData: Config['personalData'];
    readonly amounts: Amounts;
    readonly landingUri: string;
    /** Columns of a schema that is not written yet. */
    readonly schema?: JsonSchema;
  },
): string {
  const { personalData, amounts, landingUri, schema = readSchema(entity) } = options;
  const keep = (column: Column) => personalData === 'keep' || column.personal !== true;
  const columns = columnsOf(schema).map((column) => {
    const type = duckdbType(column);
    const castTo = type.replaceAll('DECIMAL(38,9)', amounts);
    return { name: quoted(column.name), type, castTo, readAs: readType(column, keep) };
  });
  const values = columns.map(({ name, type, castTo, readAs }) => {
    if (readAs === type) return name;
    const narrow = `CAST(${readAs ? name : 'NULL'} AS ${castTo})`;
    return `${castTo === type ? narrow : `CAST(${narrow} AS ${type})`} AS ${name}`;
  });
  const structure = columns.flatMap(({ name, readAs }) => (readAs ? [`${name}: ${literal(readAs)}`] : []));
  const reader = readNdjson(files, [...structure, `_extra: 'VARCHAR'`, ...BOOKKEEPING]);
  return `
    SELECT ${values.join(', ')}, CAST(_extra AS JSON) AS _extra, _row_hash,
      split_part(_page, '/', 1) AS _run_id, _extracted_at, concat(${literal(`${landingUri}/`)}, _page) AS _source_uri
    FROM ${reader}`;
}

/** A query that reads only what tells versions apart: key, change instant, hash, instant of extraction and page. */
export function readIdentities(entity: Entity, files: readonly PageFile[]): string {
  const names = identityColumns(entity);
  const columns = columnsOf(readSchema(entity.name)).filter(({ name }) => names.includes(name));
  const structure = columns.map((column) => `${quoted(column.name)}: '${duckdbType(column)}'`);
  return `SELECT * FROM ${readNdjson(files, [...structure, ...BOOKKEEPING])}`;
}

const BOOKKEEPING = [`_row_hash: 'VARCHAR'`, `_extracted_at: 'TIMESTAMPTZ'`, `_page: 'VARCHAR'`];

function readNdjson(files: readonly PageFile[], structure: readonly string[]): string {
  const longestLine = Math.max(LONGEST_LINE, ...files.map(({ longestLine: length }) => length + 1024));
  return `read_ndjson(
      [${files.map(({ path }) => literal(asPattern(path))).join(', ')}],
      columns = {${structure.join(', ')}},
      maximum_object_size = ${longestLine}
    )`;
}

/** DuckDB reads file names as patterns: one that matches this file alone. */
function asPattern(file: string): string {
  return file.replace(/[*?[]/g, '[$&]');
}

/**
 * What a column is read as: numbers that must stay exact as text, which is cast as a whole. Fields left out of a STRUCT here
 * are NULL after the cast.
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
