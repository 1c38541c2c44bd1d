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
};

/** The DuckDB type for a GoogleSQL type. It can hold every value of that type. */
export function duckdbTypeOf(type: ResolvedType): string {
  if (type.arrayType) return `${duckdbTypeOf(type.arrayType.elementType)}[]`;
  if (type.structType) {
    const fields = (type.structType.field ?? []).map(
      (f) => `${identifier(f.fieldName ?? '')} ${duckdbTypeOf(f.fieldType)}`,
    );
    return `STRUCT(${fields.join(', ')})`;
  }
  const scalar = SCALARS[type.typeKind];
  if (scalar !== undefined) return scalar;
  throw new UnsupportedSql(
    `the type ${type.typeKind.replace('TYPE_', '')}; add it to engine/duckdb/sql/types.ts`,
  );
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
