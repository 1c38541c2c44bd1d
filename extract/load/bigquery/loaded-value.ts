import type { BigqueryField } from '../../../schemas/columns.ts';
import { quoted } from './sql.ts';

/** A loaded value in the raw table's type: fields that were not loaded are NULL. */
export function loadedValue(
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
    const member = loadedValue(`${item}.${quoted(field.name)}`, field, byName.get(field.name), depth + 1);
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
