import { type ResolvedType, readNode } from '../../googlesql/resolved-node.ts';
import type { TreeNode } from '../../googlesql/tree.ts';
import { duckdbTypeOf, text } from './types.ts';

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
  if (value.arrayValue !== undefined && type.arrayType) {
    const { elementType } = type.arrayType;
    const elements = (value.arrayValue.element ?? []).map((element) => constant(element, elementType));
    return `CAST([${elements.join(', ')}] AS ${duckdbTypeOf(type)})`;
  }
  if (value.structValue !== undefined && type.structType) {
    const fields = (type.structType.field ?? []).map(
      ({ fieldName, fieldType }, index) =>
        `${text(fieldName ?? '')}: ${constant(value.structValue?.field?.[index] ?? {}, fieldType)}`,
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
  const fraction = String(nanos).padStart(9, '0').slice(0, 6).replace(/0+$/, '');
  return `${whole}${fraction && `.${fraction}`}+00`;
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
