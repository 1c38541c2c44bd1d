import { type ResolvedType, UnsupportedSql } from './resolved-node.ts';
import { isNode, type TreeNode } from './tree.ts';

/** Names of date parts by their number in GoogleSQL's DateTimestampPart. */
const DATE_PARTS: Readonly<Record<number, string>> = {
  1: 'YEAR',
  2: 'MONTH',
  3: 'DAY',
  4: 'DAYOFWEEK',
  7: 'HOUR',
  8: 'MINUTE',
  9: 'SECOND',
  17: 'ISOYEAR',
  18: 'ISOWEEK',
  19: 'WEEK_MONDAY',
};

interface SignatureArgument {
  readonly type?: ResolvedType;
  readonly options?: { readonly cardinality?: string };
  readonly numOccurrences?: number;
}

/**
 * The overload that GoogleSQL chose for a call, written as `date_trunc(DATE, WEEK_MONDAY)`, `coalesce(INT64...)`,
 * `count(INT64) distinct`, `row_number() over`, `cast(INT64 as NUMERIC)`.
 */
export function signatureOf(call: TreeNode): string {
  if (call.kind === 'Cast') {
    const from = typeName((call.expr as { type: ResolvedType }).type);
    return `${call.returnNullOnError ? 'safe_cast' : 'cast'}(${from} as ${typeName(call.type as ResolvedType)})`;
  }
  const name = (call.function as { name: string }).name.replace(/^ZetaSQL:/, '');
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
  return `${safe}${name}(${written.join(', ')})${call.distinct ? ' distinct' : ''}${over}`;
}

/** Every signature that a resolved tree uses. */
export function signaturesIn(tree: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(tree)) for (const item of tree) signaturesIn(item, found);
  else if (typeof tree === 'object' && tree !== null) {
    if (isNode(tree) && ('function' in tree || tree.kind === 'Cast')) found.add(signatureOf(tree));
    for (const part of Object.values(tree)) signaturesIn(part, found);
  }
  return found;
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
function typeName(type: ResolvedType): string {
  if (type.arrayType) return `ARRAY<${typeName(type.arrayType.elementType)}>`;
  return type.structType ? 'STRUCT' : type.typeKind.replace('TYPE_', '');
}
