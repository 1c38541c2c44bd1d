/**
 * A node of GoogleSQL's resolved tree as plain data. `kind` is the node's name without `resolved…Node`. Own and inherited
 * fields are on the same level. A field that is not set is absent.
 */
export interface TreeNode {
  readonly kind: string;
  readonly [field: string]: unknown;
}

/**
 * Converts the protocol's tree to plain nodes. In the protocol a node is `{node: 'resolvedXNode', resolvedXNode: {…}}`,
 * base kinds are nested, and inherited fields are under `parent`.
 */
export function plainTree(message: unknown): TreeNode {
  const tree = plain(message);
  if (isNode(tree)) return tree;
  throw new TypeError('The answer of GoogleSQL has no statement');
}

export function isNode(value: unknown): value is TreeNode {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

/** A node and all nodes in it. */
export function nodesIn(tree: unknown): TreeNode[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return [...(isNode(tree) ? [tree] : []), ...Object.values(tree).flatMap(nodesIn)];
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  const message = value as Record<string, unknown>;
  if (typeof message.node === 'string') return plainNode(message.node, message[message.node]);
  return fields(message);
}

function plainNode(oneof: string, message: unknown): unknown {
  const body = (message ?? {}) as Record<string, unknown>;
  if (typeof body.node === 'string') return plainNode(body.node, body[body.node]);
  const name = oneof.replace(/^resolved/, '').replace(/Node$/, '');
  return { ...fields(body), kind: name };
}

function fields(body: Record<string, unknown>): Record<string, unknown> {
  const { parent, ...own } = body;
  const inherited = parent ? fields(parent as Record<string, unknown>) : {};
  return {
    ...inherited,
    ...Object.fromEntries(Object.entries(own).map(([name, part]) => [name, plain(part)])),
  };
}
