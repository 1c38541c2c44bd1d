import type { Json } from '@duckdb/node-api';
import {
  dateText,
  datetimeText,
  numericText,
  timestampText,
  timeText,
  type WireValue,
} from '../../engine/duckdb/sql/literals.ts';
import { fieldNames } from '../../engine/duckdb/sql/types.ts';
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
    case 'TYPE_DOUBLE':
      return { doubleValue: Number(text) };
    case 'TYPE_BYTES':
      return { bytesValue: Buffer.from(text) };
    case 'TYPE_DATETIME':
      return { datetimeValue: datetimeOf(text) };
    case 'TYPE_TIME':
      return { timeValue: String(secondBits(text) << 30n) };
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
  if (value.jsonValue !== undefined) return JSON.stringify(sortedKeys(JSON.parse(value.jsonValue)));
  if (value.doubleValue !== undefined) return floatText(value.doubleValue);
  if (value.bytesValue !== undefined) return Buffer.from(value.bytesValue).toString('hex');
  if (value.datetimeValue !== undefined) return datetimeText(value.datetimeValue);
  if (value.timeValue !== undefined) return timeText(value.timeValue);
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
    const names = fieldNames(type);
    const fields = type.structType.field ?? [];
    return `{${fields.map(({ fieldType }, index) => duckdbText(record[names[index] ?? ''], fieldType)).join(', ')}}`;
  }
  switch (type.typeKind) {
    case 'TYPE_STRING':
      return JSON.stringify(value);
    // DuckDB writes all nine decimals.
    case 'TYPE_NUMERIC':
      return String(value).replace(/\.?0+$/, '') || '0';
    case 'TYPE_DOUBLE':
      return floatText(Number(value));
    case 'TYPE_JSON':
      return JSON.stringify(sortedKeys(JSON.parse(String(value))));
    case 'TYPE_BYTES':
      return bytesHex(String(value));
    default:
      return String(value);
  }
}

/** A FLOAT64 with 13 digits: the engines add in different orders, so the last digits may differ. */
function floatText(value: number): string {
  return String(Number(value.toPrecision(13)) + 0);
}

/** DuckDB writes bytes outside ASCII, and quotes, as `\\xFF`. */
function bytesHex(text: string): string {
  return text
    .split(/(\\x[0-9A-F]{2})/)
    .map((part) => (/^\\x/.test(part) ? part.slice(2) : Buffer.from(part).toString('hex')))
    .join('')
    .toLowerCase();
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sortedKeys(part)]));
}

/** Year, month, day, hour, minute and second in bit fields. */
function datetimeOf(text: string): { bitFieldDatetimeSeconds: string; nanos: number } {
  const [day = '', time = ''] = text.split(/[ T]/);
  const [year = 0n, month = 0n, date = 0n] = day.split('-').map(BigInt);
  const bits = (((year << 4n) | month) << 5n) | date;
  return { bitFieldDatetimeSeconds: String((bits << 17n) | secondBits(time)), nanos: 0 };
}

function secondBits(time: string): bigint {
  const [hour = 0n, minute = 0n, second = 0n] = time.split(':').map(BigInt);
  return (((hour << 6n) | minute) << 6n) | second;
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
