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
  readonly names: readonly string[];
  readonly byName: ReadonlyMap<string, number>;
  /** The place of each among the names in order. */
  readonly ranks: Int32Array;
  /** Which member followed each one the last time; the last entry is for the first of an object. */
  readonly next: Int32Array;
  /** For each rank where its part begins in the list of parts, plus one; all 0 between objects. */
  readonly slots: Int32Array;
}

/**
 * The shape of a record with these columns.
 *
 * @param leftOut name of the column that does not belong to the content, if there is one.
 */
export function objectShape(columns: readonly Column[], leftOut?: string): Shape {
  const names = columns.map(({ name }) => name);
  const inOrder = [...names].sort();
  return {
    isNumber: false,
    items: undefined,
    members: {
      tokens: names.map((name) => Buffer.from(`"${name}":`)),
      shapes: columns.map((column) => ({
        ...columnShape(column),
        ...(column.name === leftOut && { isLeftOut: true }),
      })),
      names,
      byName: new Map(names.map((name, index) => [name, index])),
      ranks: Int32Array.from(names, (name) => inOrder.indexOf(name)),
      next: Int32Array.from({ length: names.length + 1 }, (_, index) => (index + 1) % (names.length + 1)),
      slots: new Int32Array(names.length),
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
