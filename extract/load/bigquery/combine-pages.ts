import type { BigqueryField } from '../../../schemas/columns.ts';
import { literal, quoted, timestamp } from './sql.ts';

/** A loaded page, with the bookkeeping values that its rows lack. */
export interface LoadedPage {
  readonly table: string;
  readonly runId: string;
  readonly extractedAt: string;
  readonly uri: string;
}

/** A query that returns loaded pages as rows of the raw table, with its bookkeeping columns. */
export function combineQuery(
  pages: readonly LoadedPage[],
  existing: readonly BigqueryField[],
  loaded: readonly BigqueryField[],
): string {
  const content = existing.filter(({ name }) => name === '_extra' || !name.startsWith('_'));
  const byName = new Map(loaded.map((field) => [field.name, field]));
  const columns = content.map((field) => {
    const value = withMissingFields(quoted(field.name), field, byName.get(field.name));
    return value === quoted(field.name) ? value : `${value} AS ${quoted(field.name)}`;
  });
  const hashed = loaded.map(({ name }) => `${quoted(name)} AS ${quoted(name)}`).join(', ');
  const rows = pages.map(
    ({ table, runId, extractedAt, uri }) =>
      `SELECT *, ${literal(runId)} AS _run_id, ${timestamp(extractedAt)} AS _extracted_at, ${literal(uri)} AS _source_uri FROM ${table}`,
  );
  return `
    SELECT
      ${columns.join(', ')},
      ${rowHash(hashed)} AS _row_hash, _run_id, _extracted_at, _source_uri
    FROM (${rows.join('\n      UNION ALL ')})`;
}

/**
 * SHA-256 of the record as JSON, without members that are NULL or empty lists.
 *
 * So a column that is added later, also a nested one, does not change a hash. Text inside a value cannot be mistaken for
 * such a member, because its quotes are escaped. DuckDB's hashes are different: they are computed from DuckDB's text.
 */
function rowHash(columns: string): string {
  const record = `TO_JSON_STRING(STRUCT(${columns}))`;
  const withoutLaterMembers = `REGEXP_REPLACE(${record}, r',"\\w+":(?:null|\\[\\])', '')`;
  const withoutFirstMembers = `REGEXP_REPLACE(${withoutLaterMembers}, r'\\{"\\w+":(?:null|\\[\\]),?', '{')`;
  return `TO_HEX(SHA256(${withoutFirstMembers}))`;
}

/** An expression for a loaded value in the raw table's type. Fields that were not loaded are NULL. */
function withMissingFields(
  value: string,
  wanted: BigqueryField,
  loaded: BigqueryField | undefined,
  depth = 0,
): string {
  if (loaded === undefined)
    return `CAST(${wanted.mode === 'REPEATED' ? '[]' : 'NULL'} AS ${sqlType(wanted)})`;
  if (!lacksFields(wanted, loaded)) return value;
  const item = wanted.mode === 'REPEATED' ? `item${depth}` : value;
  const byName = new Map(loaded.fields?.map((field) => [field.name, field]));
  const members = (wanted.fields ?? []).map((field) => {
    const member = withMissingFields(
      `${item}.${quoted(field.name)}`,
      field,
      byName.get(field.name),
      depth + 1,
    );
    return `${member} AS ${quoted(field.name)}`;
  });
  const struct = `STRUCT(${members.join(', ')})`;
  if (wanted.mode !== 'REPEATED') return `IF(${value} IS NULL, NULL, ${struct})`;
  return `ARRAY(SELECT ${struct} FROM UNNEST(${value}) AS ${item} WITH OFFSET AS at${depth} ORDER BY at${depth})`;
}

function lacksFields(wanted: BigqueryField, loaded: BigqueryField): boolean {
  const byName = new Map(loaded.fields?.map((field) => [field.name, field]));
  return (wanted.fields ?? []).some((field) => {
    const found = byName.get(field.name);
    return found === undefined || lacksFields(field, found);
  });
}

const SQL_TYPES: Readonly<Record<string, string>> = { INTEGER: 'INT64', FLOAT: 'FLOAT64', BOOLEAN: 'BOOL' };

function sqlType({ type, mode, fields }: BigqueryField): string {
  const members = fields?.map((field) => `${quoted(field.name)} ${sqlType(field)}`).join(', ');
  const name = members === undefined ? (SQL_TYPES[type] ?? type) : `STRUCT<${members}>`;
  return mode === 'REPEATED' ? `ARRAY<${name}>` : name;
}
