import { isNode, type TreeNode } from './tree.ts';

/** The translation to DuckDB does not know a part of the query. The message says what to add. */
export class UnsupportedSql extends Error {
  override readonly name = 'UnsupportedSql';
  /** Byte offset of that part in the analysed query. */
  offset: number | undefined;
}

/** A column of the resolved tree; `columnId` is unique in its query. */
export interface ResolvedColumn {
  readonly name: string;
  readonly columnId: string;
  readonly type: ResolvedType;
}

export interface ResolvedType {
  readonly typeKind: string;
  readonly arrayType?: { readonly elementType: ResolvedType };
  readonly structType?: {
    readonly field?: readonly { readonly fieldName?: string; readonly fieldType: ResolvedType }[];
  };
}

/** Reads a node's fields with their types, and remembers which fields were read. */
export interface Reader {
  node(field: string): TreeNode;
  optionalNode(field: string): TreeNode | undefined;
  nodes(field: string): readonly TreeNode[];
  columns(field: string): readonly ResolvedColumn[];
  /** Any value. The caller knows its type from GoogleSQL's protocol. */
  value<T>(field: string): T;
  /** Any value, or undefined if the field is not set. */
  optional<T>(field: string): T | undefined;
  list<T>(field: string): readonly T[];
  text(field: string, fallback?: string): string;
  /** Marks fields as read that do not change the result of the query. */
  ignore(...fields: readonly string[]): void;
  /** Refuses the node if the field is set to any other value. */
  only(field: string, value: unknown): void;
}

/**
 * Reads a node and then refuses it if a field is set that `read` did not read, because SQL written without that field
 * could compute something else.
 */
export function readNode<T>(node: TreeNode, read: (reader: Reader) => T): T {
  try {
    return readAllFields(node, read);
  } catch (error) {
    // The innermost node with a location sets the offset.
    if (error instanceof UnsupportedSql) {
      error.offset ??= offsetOf(node);
    }
    throw error;
  }
}

/** Where a node begins in the analysed query, in bytes. */
export function offsetOf(node: TreeNode): number | undefined {
  return (node.parseLocationRange as { start?: number } | undefined)?.start;
}

function readAllFields<T>(node: TreeNode, read: (reader: Reader) => T): T {
  const seen = new Set(['kind', 'parseLocationRange']);
  const get = (field: string): unknown => {
    seen.add(field);
    return node[field];
  };
  const required = (field: string): unknown => {
    const value = get(field);
    if (value === undefined) throw new UnsupportedSql(`${node.kind} without ${field}`);
    return value;
  };
  const result = read({
    node: (field) => asNode(required(field), `${node.kind}.${field}`),
    optionalNode: (field) =>
      get(field) === undefined ? undefined : asNode(get(field), `${node.kind}.${field}`),
    nodes: (field) => ((get(field) ?? []) as unknown[]).map((item) => asNode(item, `${node.kind}.${field}`)),
    columns: (field) => (get(field) ?? []) as readonly ResolvedColumn[],
    value: <V>(field: string) => required(field) as V,
    optional: <V>(field: string) => get(field) as V | undefined,
    list: <V>(field: string) => (get(field) ?? []) as readonly V[],
    text: (field, fallback) => String(get(field) ?? fallback ?? required(field)),
    ignore: (...fields) => {
      for (const field of fields) seen.add(field);
    },
    only: (field, value) => {
      const found = get(field);
      if (found !== undefined && found !== value) {
        throw new UnsupportedSql(`${node.kind} with ${field} = ${JSON.stringify(found)}`);
      }
    },
  });
  for (const [field, value] of Object.entries(node)) {
    if (!seen.has(field) && !isUnset(value)) {
      throw new UnsupportedSql(`${node.kind} with ${field} = ${JSON.stringify(value)?.slice(0, 120)}`);
    }
  }
  return result;
}

/** The protocol sends some fields although they have their default value; such a field counts as not set. */
function isUnset(value: unknown): boolean {
  if (
    value === undefined ||
    value === null ||
    value === false ||
    value === '' ||
    value === '0' ||
    value === 0
  )
    return true;
  return typeof value === 'object' && Object.values(value).every(isUnset);
}

function asNode(value: unknown, where: string): TreeNode {
  if (isNode(value)) return value;
  throw new UnsupportedSql(`${where} is not a node`);
}
