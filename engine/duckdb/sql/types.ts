import { type ResolvedType, UnsupportedSql } from './resolved-node.ts';

const SCALARS: Readonly<Record<string, { readonly duckdb: string; readonly name: string }>> = {
  TYPE_INT64: { duckdb: 'BIGINT', name: 'INT64' },
  TYPE_NUMERIC: { duckdb: 'DECIMAL(38,9)', name: 'NUMERIC' },
  TYPE_DOUBLE: { duckdb: 'DOUBLE', name: 'DOUBLE' },
  TYPE_BOOL: { duckdb: 'BOOLEAN', name: 'BOOL' },
  TYPE_STRING: { duckdb: 'VARCHAR', name: 'STRING' },
  TYPE_DATE: { duckdb: 'DATE', name: 'DATE' },
  TYPE_TIMESTAMP: { duckdb: 'TIMESTAMPTZ', name: 'TIMESTAMP' },
  TYPE_JSON: { duckdb: 'JSON', name: 'JSON' },
};

/** The DuckDB type that holds every value of a GoogleSQL type. */
export function duckdbTypeOf(type: ResolvedType): string {
  if (type.arrayType) return `${duckdbTypeOf(type.arrayType.elementType)}[]`;
  if (type.structType) {
    const fields = (type.structType.field ?? []).map(
      (f) => `${identifier(f.fieldName ?? '')} ${duckdbTypeOf(f.fieldType)}`,
    );
    return `STRUCT(${fields.join(', ')})`;
  }
  return scalar(type).duckdb;
}

/** GoogleSQL's own name of a type, as signatures spell it. */
export function typeName(type: ResolvedType): string {
  if (type.arrayType) return `ARRAY<${typeName(type.arrayType.elementType)}>`;
  if (type.structType) return 'STRUCT';
  return scalar(type).name;
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function scalar(type: ResolvedType): { duckdb: string; name: string } {
  const found = SCALARS[type.typeKind];
  if (found) return found;
  throw new UnsupportedSql(
    `the type ${type.typeKind.replace('TYPE_', '')}; add it to engine/duckdb/sql/types.ts`,
  );
}
