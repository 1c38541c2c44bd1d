import { type ResolvedType, UnsupportedSql } from '../../googlesql/resolved-node.ts';

const SCALARS: Readonly<Record<string, string>> = {
  TYPE_INT64: 'BIGINT',
  TYPE_NUMERIC: 'DECIMAL(38,9)',
  TYPE_DOUBLE: 'DOUBLE',
  TYPE_BOOL: 'BOOLEAN',
  TYPE_STRING: 'VARCHAR',
  TYPE_DATE: 'DATE',
  TYPE_TIMESTAMP: 'TIMESTAMPTZ',
  TYPE_JSON: 'JSON',
  TYPE_BYTES: 'BLOB',
  TYPE_DATETIME: 'TIMESTAMP',
  TYPE_TIME: 'TIME',
  TYPE_INTERVAL: 'INTERVAL',
};

/** The DuckDB type for a GoogleSQL type. It can hold every value of that type. */
export function duckdbTypeOf(type: ResolvedType): string {
  if (type.arrayType) return `${duckdbTypeOf(type.arrayType.elementType)}[]`;
  if (type.structType) {
    const names = fieldNames(type);
    const fields = (type.structType.field ?? []).map(
      ({ fieldType }, index) => `${identifier(names[index] ?? '')} ${duckdbTypeOf(fieldType)}`,
    );
    return `STRUCT(${fields.join(', ')})`;
  }
  const scalar = SCALARS[type.typeKind];
  if (scalar !== undefined) return scalar;
  throw new UnsupportedSql(
    `the type ${type.typeKind.replace('TYPE_', '')}; add it to engine/duckdb/sql/types.ts`,
  );
}

/** The names of a STRUCT's fields in DuckDB, which needs a different name for each; GoogleSQL allows fields without a name. */
export function fieldNames({ structType }: ResolvedType): string[] {
  const names = (structType?.field ?? []).map(({ fieldName }, index) => fieldName || `_field_${index + 1}`);
  if (new Set(names.map((name) => name.toLowerCase())).size < names.length) {
    throw new UnsupportedSql('a STRUCT with two fields of the same name; give them different names');
  }
  return names;
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
