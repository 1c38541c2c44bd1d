import { type ResolvedType, readNode } from '../../googlesql/resolved-node.ts';
import type { TreeNode } from '../../googlesql/tree.ts';
import { duckdbTypeOf, fieldNames, text } from './types.ts';

/** A value in GoogleSQL's protocol. At most one field is set; no field means NULL. */
export interface WireValue {
  readonly int64Value?: string;
  readonly boolValue?: boolean;
  readonly stringValue?: string;
  readonly doubleValue?: number;
  /** Days since 1970-01-01. */
  readonly dateValue?: number;
  readonly timestampValue?: { readonly seconds?: string; readonly nanos?: number };
  /** The value times 10^9 as little-endian two's complement, shortest form. */
  readonly numericValue?: Uint8Array;
  readonly jsonValue?: string;
  readonly bytesValue?: Uint8Array;
  readonly datetimeValue?: { readonly bitFieldDatetimeSeconds?: string; readonly nanos?: number };
  /** Hour, minute and second in bit fields, then nanoseconds in the lowest 30 bits. */
  readonly timeValue?: string;
  /** Microseconds, days, and months with nanoseconds, as little-endian integers. */
  readonly intervalValue?: Uint8Array;
  readonly enumValue?: number;
  readonly arrayValue?: { readonly element?: readonly WireValue[] };
  readonly structValue?: { readonly field?: readonly WireValue[] };
}

/** A literal as DuckDB SQL, with its exact type. */
export function literal(node: TreeNode): string {
  return readNode(node, (reader) => {
    reader.ignore('hasExplicitType', 'floatLiteralId', 'preserveInLiteralRemover');
    const { value } = reader.value<{ value?: WireValue; type: ResolvedType }>('value');
    return constant(value ?? {}, reader.value<ResolvedType>('type'));
  });
}

/** A protocol value as DuckDB SQL. */
export function constant(value: WireValue, type: ResolvedType): string {
  const written = plainConstant(value, type);
  return written === undefined ? `CAST(NULL AS ${duckdbTypeOf(type)})` : written;
}

function plainConstant(value: WireValue, type: ResolvedType): string | undefined {
  if (value.int64Value !== undefined) return `CAST(${value.int64Value} AS BIGINT)`;
  if (value.boolValue !== undefined) return String(value.boolValue);
  if (value.stringValue !== undefined) return text(value.stringValue);
  if (value.doubleValue !== undefined) return `CAST('${value.doubleValue}' AS DOUBLE)`;
  if (value.dateValue !== undefined) return `DATE '${dateText(value.dateValue)}'`;
  if (value.numericValue !== undefined) return `CAST('${numericText(value.numericValue)}' AS DECIMAL(38,9))`;
  if (value.timestampValue !== undefined) return `TIMESTAMPTZ '${timestampText(value.timestampValue)}'`;
  if (value.jsonValue !== undefined) return `CAST(${text(value.jsonValue)} AS JSON)`;
  if (value.bytesValue !== undefined) return `unhex('${Buffer.from(value.bytesValue).toString('hex')}')`;
  if (value.datetimeValue !== undefined) return `TIMESTAMP '${datetimeText(value.datetimeValue)}'`;
  if (value.timeValue !== undefined) return `TIME '${timeText(value.timeValue)}'`;
  if (value.intervalValue !== undefined) return intervalSql(value.intervalValue);
  if (value.arrayValue !== undefined && type.arrayType) {
    const { elementType } = type.arrayType;
    const elements = (value.arrayValue.element ?? []).map((element) => constant(element, elementType));
    return `CAST([${elements.join(', ')}] AS ${duckdbTypeOf(type)})`;
  }
  if (value.structValue !== undefined && type.structType) {
    const names = fieldNames(type);
    const fields = (type.structType.field ?? []).map(
      ({ fieldType }, index) =>
        `${text(names[index] ?? '')}: ${constant(value.structValue?.field?.[index] ?? {}, fieldType)}`,
    );
    return `CAST({${fields.join(', ')}} AS ${duckdbTypeOf(type)})`;
  }
  return undefined;
}

export function dateText(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10);
}

export function timestampText({
  seconds = '0',
  nanos = 0,
}: NonNullable<WireValue['timestampValue']>): string {
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `${whole}${fractionText(nanos)}+00`;
}

/** Year, month, day, hour, minute and second in bit fields of 6, 6, 5, 5 and 4 bits from the lowest. */
export function datetimeText({
  bitFieldDatetimeSeconds = '0',
  nanos = 0,
}: NonNullable<WireValue['datetimeValue']>): string {
  const bits = BigInt(bitFieldDatetimeSeconds);
  const field = (shift: bigint, size: bigint) =>
    String((bits >> shift) & ((1n << size) - 1n)).padStart(2, '0');
  const day = `${String(bits >> 26n).padStart(4, '0')}-${field(22n, 4n)}-${field(17n, 5n)}`;
  return `${day} ${field(12n, 5n)}:${field(6n, 6n)}:${field(0n, 6n)}${fractionText(nanos)}`;
}

export function timeText(value: string): string {
  const seconds = BigInt(value) >> 30n;
  const nanos = Number(BigInt(value) & ((1n << 30n) - 1n));
  const field = (shift: bigint) => String((seconds >> shift) & 63n).padStart(2, '0');
  return `${field(12n)}:${field(6n)}:${field(0n)}${fractionText(nanos)}`;
}

function intervalSql(bytes: Uint8Array): string {
  const view = Buffer.from(bytes);
  const monthsAndNanos = view.readUInt32LE(12);
  // The sign and 31 bits: months above the 10 bits for nanoseconds.
  const months = (monthsAndNanos | 0) >> 13;
  const micros = view.readBigInt64LE(0);
  return `(to_months(${months}) + to_days(${view.readInt32LE(8)}) + to_microseconds(${micros}))`;
}

function fractionText(nanos: number): string {
  const fraction = String(nanos).padStart(9, '0').slice(0, 6).replace(/0+$/, '');
  return fraction && `.${fraction}`;
}

/** Exact decimal text without trailing zeros. */
export function numericText(bytes: Uint8Array): string {
  let units = 0n;
  for (const byte of Buffer.from(bytes).reverse()) units = (units << 8n) | BigInt(byte);
  units = BigInt.asIntN(Math.max(bytes.length, 1) * 8, units);
  const digits = String(units < 0n ? -units : units).padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -9)}${fraction && `.${fraction}`}`;
}
