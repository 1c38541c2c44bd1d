import type { JsonSchema } from './json-schema.ts';

/** Columns in short notation, by name; see `columnOf`. */
export type Fields = { readonly [name: string]: Field };
type Field = string | Fields | readonly [Field];

/** The properties of a schema; those of the key are never null. */
export function propertiesOf(fields: Fields, key: readonly string[] = []): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => name !== '')
      .map(([name, field]) => {
        const column = columnOf(name, field);
        const isNullable = !key.includes(name);
        return [name, isNullable ? column : { ...column, type: [column.type ?? []].flat()[0] ?? 'string' }];
      }),
  );
}

const TYPES: Readonly<Record<string, JsonSchema>> = {
  int64: { type: ['integer', 'null'], format: 'int64' },
  int32: { type: ['integer', 'null'], format: 'int32' },
  decimal: { type: ['number', 'string', 'null'], format: 'decimal' },
  double: { type: ['number', 'null'], format: 'double' },
  bool: { type: ['boolean', 'null'] },
  'date-time': { type: ['string', 'null'], format: 'date-time' },
  date: { type: ['string', 'null'], format: 'date' },
  text: { type: ['string', 'null'] },
  // The vendor adds enum values, and some answers contain the number of a value.
  enum: { type: ['string', 'integer', 'null'] },
  object: { type: ['object', 'null'] },
};

const NOTATION = /^([\w-]+)(?:\{(.*?)\})?((?: \+[\w-]+)*)(?: (.*))?$/s;

/**
 * The schema of a column in short notation: a type, for an enum its known values in braces, marks that begin with a plus, and
 * the description. `enum{Open|Closed} Status of the call`, `text +personal`. An object stands for a column with fields, a list of
 * one for a list; the description of both is under the empty name.
 *
 * @throws SyntaxError for a text in no such notation.
 */
function columnOf(name: string, field: Field): JsonSchema {
  if (typeof field !== 'string') {
    const [item] = Array.isArray(field) ? field : [];
    if (item !== undefined) {
      const { 'x-personal': personal, 'x-accepted': accepted, ...items } = columnOf(name, item);
      return {
        ...{ type: ['array', 'null'], description: items.description ?? '' },
        ...(personal && { 'x-personal': personal }),
        ...(accepted && { 'x-accepted': accepted }),
        items,
      };
    }
    const fields = field as Fields;
    const description = typeof fields[''] === 'string' ? fields[''] : asSent(name);
    return {
      ...{ type: ['object', 'null'], description },
      additionalProperties: false,
      properties: propertiesOf(fields),
    };
  }
  const [, type = '', values, marks = '', description = asSent(name)] = NOTATION.exec(field) ?? [];
  const known = TYPES[type];
  if (known === undefined) throw new SyntaxError(`schemas/catalogue: ${name} has no type: ${field}`);
  return {
    ...known,
    description,
    ...(marks.includes('+personal') && { 'x-personal': true as const }),
    ...(marks.includes('+accepted') && { 'x-accepted': true as const }),
    ...(values !== undefined && { 'x-known-values': values.split('|').map(numberOrText) }),
  };
}

function numberOrText(value: string): string | number {
  return /^-?\d+$/.test(value) ? Number(value) : value;
}

/** A column in the notation that `columnOf` reads. */
export function notationOf(name: string, column: JsonSchema): Field {
  const { items, ...list } = column;
  if (items) return [notationOf(name, { ...items, ...list, type: items.type ?? 'string' })];
  const description = column.description === asSent(name) ? '' : (column.description ?? '');
  if (column.properties) {
    return {
      ...(description !== '' && { '': description }),
      ...Object.fromEntries(
        Object.entries(column.properties).map(([key, field]) => [key, notationOf(key, field)]),
      ),
    };
  }
  const types = [...[column.type ?? []].flat().filter((type) => type !== 'null'), 'null'];
  const isSame = ({ type, format }: JsonSchema) => format === column.format && String(type) === String(types);
  const [type] = Object.entries(TYPES).find(([, known]) => isSame(known)) ?? ['text'];
  const values = column['x-known-values'];
  return [
    values ? `${type}{${values.join('|')}}` : type,
    ...(column['x-personal'] ? ['+personal'] : []),
    ...(column['x-accepted'] ? ['+accepted'] : []),
    ...(description === '' ? [] : [description]),
  ].join(' ');
}

/** The description of a column that the vendor does not describe. */
export function asSent(name: string): string {
  return `\`${name}\` as the API sends it.`;
}
