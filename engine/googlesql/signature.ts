import { type ResolvedType, UnsupportedSql } from './resolved-node.ts';
import { isNode, type TreeNode } from './tree.ts';

/** Names of date parts by their number in GoogleSQL's DateTimestampPart. */
const DATE_PARTS: Readonly<Record<number, string>> = {
  1: 'YEAR',
  2: 'MONTH',
  3: 'DAY',
  4: 'DAYOFWEEK',
  5: 'DAYOFYEAR',
  6: 'QUARTER',
  7: 'HOUR',
  8: 'MINUTE',
  9: 'SECOND',
  10: 'MILLISECOND',
  11: 'MICROSECOND',
  14: 'WEEK',
  17: 'ISOYEAR',
  18: 'ISOWEEK',
  19: 'WEEK_MONDAY',
  20: 'WEEK_TUESDAY',
  21: 'WEEK_WEDNESDAY',
  22: 'WEEK_THURSDAY',
  23: 'WEEK_FRIDAY',
  24: 'WEEK_SATURDAY',
};

interface SignatureArgument {
  readonly type?: ResolvedType;
  readonly options?: { readonly cardinality?: string };
  readonly numOccurrences?: number;
}

/**
 * The overload that GoogleSQL chose for a call, written as `date_trunc(DATE, WEEK_MONDAY)`, `coalesce(INT64...)`,
 * `count(INT64) distinct`, `row_number() over`, `array_agg(INT64) limit`, `cast(INT64 as NUMERIC)`, `safe.date(…)`.
 */
export function signatureOf(call: TreeNode): string {
  if (call.kind === 'Cast') {
    const from = (call.expr as { type: ResolvedType }).type;
    return castSignature(from, call.type as ResolvedType, call.returnNullOnError === true);
  }
  const name = (call.function as { name: string }).name.replace(/^\w+:/, '');
  const { argument = [] } = (call.signature ?? {}) as { argument?: readonly SignatureArgument[] };
  const given = argument.filter(({ numOccurrences }) => (numOccurrences ?? 0) > 0);
  const parts =
    (call.argumentList as readonly TreeNode[] | undefined)?.filter(isDatePart).map(datePart) ?? [];
  const written = given.map(({ type, options }) =>
    type?.typeKind === 'TYPE_ENUM'
      ? (parts.shift() ?? '?')
      : `${type ? typeName(type) : '?'}${options?.cardinality === 'REPEATED' ? '...' : ''}`,
  );
  const safe = call.errorMode === 'SAFE_ERROR_MODE' ? 'safe.' : '';
  const over = call.kind === 'AnalyticFunctionCall' ? ' over' : '';
  const having = (call.havingModifier as { kind?: string } | undefined)?.kind?.toLowerCase();
  const clauses = `${having ? ` having ${having}` : ''}${call.limit ? ' limit' : ''}`;
  return `${safe}${name}(${written.join(', ')})${clauses}${call.distinct ? ' distinct' : ''}${over}`;
}

/** The signature without `safe.`, DISTINCT and OVER, which every function writes in the same way. */
export function baseSignature(signature: string): string {
  return signature.replace(/^safe[._](?=cast\()|^safe\./, '').replace(/( distinct)?( over)?$/, '');
}

export function castSignature(from: ResolvedType, to: ResolvedType, isSafe: boolean): string {
  return `${isSafe ? 'safe_cast' : 'cast'}(${typeName(from)} as ${typeName(to)})`;
}

/** Every signature that a resolved tree uses. */
export function signaturesIn(tree: unknown): Set<string> {
  return new Set(callsIn(tree).map(signatureOf));
}

/** Every function call and cast of a resolved tree. */
export function callsIn(tree: unknown): TreeNode[] {
  if (typeof tree !== 'object' || tree === null) return [];
  const isCall = isNode(tree) && ('function' in tree || tree.kind === 'Cast');
  return [...(isCall ? [tree] : []), ...Object.values(tree).flatMap(callsIn)];
}

/** Whether an argument is a date part such as WEEK(MONDAY), which is part of the signature and not a value. */
export function isDatePart(node: TreeNode): boolean {
  return (node.type as ResolvedType | undefined)?.typeKind === 'TYPE_ENUM';
}

function datePart(node: TreeNode): string {
  const number = (node.value as { value?: { enumValue?: number } } | undefined)?.value?.enumValue;
  const part = DATE_PARTS[number ?? -1];
  if (part) return part;
  throw new UnsupportedSql(`date part ${number}; add it to engine/googlesql/signature.ts`);
}

/** GoogleSQL's name of a type, as signatures have it. */
export function typeName(type: ResolvedType): string {
  if (type.arrayType) return `ARRAY<${typeName(type.arrayType.elementType)}>`;
  return type.structType ? 'STRUCT' : type.typeKind.replace('TYPE_', '');
}
