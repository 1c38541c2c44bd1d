import type { Column } from '../../schemas/columns.ts';

/** What the schema says of a place in a record, as far as the canonical form depends on it. */
export interface Shape {
  /** A number in quotes counts as that number. */
  readonly isNumber: boolean;
  /** The member is an instant of this millennium that does not belong to the content. */
  readonly isLeftOut?: boolean;
  readonly items: Shape | undefined;
  readonly members: Members | undefined;
}

export interface Members {
  /** `"name":` of each, as it is in compact JSON. */
  readonly tokens: readonly Buffer[];
  readonly shapes: readonly Shape[];
  readonly byName: ReadonlyMap<string, number>;
  readonly order: NameOrder;
  /** Which member followed each one the last time; the last entry is for the first of an object. */
  readonly next: Int32Array;
}

/** The order of an object's members in its canonical form. */
export interface NameOrder {
  readonly names: readonly string[];
  /** The place of each among the names in order. */
  readonly ranks: Int32Array;
  /** For each rank where its part begins in the list of parts, plus one; all 0 between objects. */
  readonly slots: Int32Array;
}

export function nameOrder(names: readonly string[]): NameOrder {
  const inOrder = [...names].sort();
  const ranks = Int32Array.from(names, (name) => inOrder.indexOf(name));
  return { names, ranks, slots: new Int32Array(names.length) };
}

/**
 * The shape of a record with these columns.
 *
 * @param leftOut name of the column that does not belong to the content, if there is one.
 */
export function objectShape(columns: readonly Column[], leftOut?: string): Shape {
  const names = columns.map(({ name }) => name);
  return {
    isNumber: false,
    items: undefined,
    members: {
      tokens: names.map((name) => Buffer.from(`"${name}":`)),
      shapes: columns.map((column) => ({
        ...columnShape(column),
        ...(column.name === leftOut && { isLeftOut: true }),
      })),
      byName: new Map(names.map((name, index) => [name, index])),
      order: nameOrder(names),
      next: Int32Array.from({ length: names.length + 1 }, (_, index) => (index + 1) % (names.length + 1)),
    },
  };
}

function columnShape(column: Column): Shape {
  const { type, fields, repeated } = column;
  if (repeated)
    return { isNumber: false, items: columnShape({ ...column, repeated: false }), members: undefined };
  if (type === 'STRUCT') return objectShape(fields ?? []);
  const isNumber = type === 'INT64' || type === 'NUMERIC' || type === 'FLOAT64';
  return { isNumber, items: undefined, members: undefined };
}
