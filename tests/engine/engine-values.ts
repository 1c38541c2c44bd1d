import type { Json } from '@duckdb/node-api';
import { dateText, numericText, timestampText, type WireValue } from '../../engine/duckdb/sql/literals.ts';
import type { ResolvedType } from '../../engine/googlesql/resolved-node.ts';

/** A value of a test table: numbers, dates and instants as text, `null` for NULL. */
export type Value = string | boolean | null | readonly Value[] | { readonly [field: string]: Value };

/** A value as GoogleSQL's wire carries it. */
export function wireOf(value: Value, type: ResolvedType): WireValue {
  if (value === null) return {};
  if (Array.isArray(value) && type.arrayType) {
    const { elementType } = type.arrayType;
    return { arrayValue: { element: value.map((element: Value) => wireOf(element, elementType)) } };
  }
  if (typeof value === 'object' && type.structType) {
    const record = value as Readonly<Record<string, Value>>;
    const field = (type.structType.field ?? []).map(({ fieldName = '', fieldType }) =>
      wireOf(record[fieldName] ?? null, fieldType),
    );
    return { structValue: { field } };
  }
  const text = String(value);
  switch (type.typeKind) {
    case 'TYPE_INT64':
      return { int64Value: text };
    case 'TYPE_BOOL':
      return { boolValue: value === true };
    case 'TYPE_NUMERIC':
      return { numericValue: numericBytes(text) };
    case 'TYPE_DATE':
      return { dateValue: Date.parse(`${text}T00:00:00Z`) / 86_400_000 };
    case 'TYPE_TIMESTAMP':
      return { timestampValue: instantOf(text) };
    case 'TYPE_JSON':
      return { jsonValue: text };
    default:
      return { stringValue: text };
  }
}

/** A value of GoogleSQL's wire format as the text that both engines must agree on. */
export function wireText(value: WireValue, type: ResolvedType): string {
  if (value.arrayValue !== undefined && type.arrayType) {
    const { elementType } = type.arrayType;
    return `[${(value.arrayValue.element ?? []).map((each) => wireText(each, elementType)).join(', ')}]`;
  }
  if (value.structValue !== undefined && type.structType) {
    const fields = type.structType.field ?? [];
    const texts = fields.map(({ fieldType }, index) =>
      wireText(value.structValue?.field?.[index] ?? {}, fieldType),
    );
    return `{${texts.join(', ')}}`;
  }
  if (value.int64Value !== undefined) return value.int64Value;
  if (value.boolValue !== undefined) return String(value.boolValue);
  if (value.stringValue !== undefined) return JSON.stringify(value.stringValue);
  if (value.dateValue !== undefined) return dateText(value.dateValue);
  if (value.timestampValue !== undefined) return timestampText(value.timestampValue);
  if (value.numericValue !== undefined) return numericText(value.numericValue);
  if (value.jsonValue !== undefined) return value.jsonValue;
  return 'NULL';
}

/** The same text for a value that DuckDB returned as JSON. */
export function duckdbText(value: Json | undefined, type: ResolvedType): string {
  if (value === null || value === undefined) return 'NULL';
  if (Array.isArray(value) && type.arrayType) {
    const { elementType } = type.arrayType;
    return `[${value.map((each) => duckdbText(each, elementType)).join(', ')}]`;
  }
  if (typeof value === 'object' && type.structType) {
    const record = value as Readonly<Record<string, Json>>;
    const fields = type.structType.field ?? [];
    return `{${fields.map(({ fieldName = '', fieldType }) => duckdbText(record[fieldName], fieldType)).join(', ')}}`;
  }
  if (type.typeKind === 'TYPE_STRING') return JSON.stringify(value);
  // DuckDB writes all nine decimals.
  return type.typeKind === 'TYPE_NUMERIC' ? String(value).replace(/\.?0+$/, '') || '0' : String(value);
}

function numericBytes(text: string): Uint8Array {
  const [, sign, whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  let units = BigInt(whole + fraction.padEnd(9, '0')) * (sign === '-' ? -1n : 1n);
  const bytes: number[] = [];
  // Little-endian two's complement, as short as the sign allows.
  for (;;) {
    const byte = Number(BigInt.asUintN(8, units));
    bytes.push(byte);
    units >>= 8n;
    if ((units === 0n && byte < 128) || (units === -1n && byte >= 128)) return Uint8Array.from(bytes);
  }
}

function instantOf(text: string): { seconds: string; nanos: number } {
  const [, whole = '', fraction = ''] = /^(.{19})(?:\.(\d{1,6}))?Z$/.exec(text) ?? [];
  return { seconds: String(Date.parse(`${whole}Z`) / 1000), nanos: Number(fraction.padEnd(9, '0')) };
}
