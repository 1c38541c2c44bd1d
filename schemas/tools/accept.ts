import { UsageError } from '../../base/errors.ts';
import type { ColumnType, JsonSchema } from '../columns.ts';

/** Types that a field may be accepted as; with `[]` behind it a list of them. */
export const ACCEPTED_TYPES = [
  'INT64',
  'NUMERIC',
  'FLOAT64',
  'BOOL',
  'STRING',
  'TIMESTAMP',
  'DATE',
  'JSON',
] as const;

const PROPERTIES: Readonly<Record<Exclude<ColumnType, 'STRUCT'>, JsonSchema>> = {
  INT64: { type: ['integer', 'null'], format: 'int64' },
  NUMERIC: { type: ['number', 'string', 'null'], format: 'decimal' },
  FLOAT64: { type: ['number', 'null'], format: 'double' },
  BOOL: { type: ['boolean', 'null'] },
  STRING: { type: ['string', 'null'] },
  TIMESTAMP: { type: ['string', 'null'], format: 'date-time' },
  DATE: { type: ['string', 'null'], format: 'date' },
  JSON: { type: ['object', 'null'] },
};

/** By the types of the values that came; the first row that has all of them decides. */
const INFERENCE: readonly (readonly [type: keyof typeof PROPERTIES, of: readonly string[]])[] = [
  ['INT64', ['integer']],
  ['NUMERIC', ['integer', 'number']],
  ['BOOL', ['boolean']],
  ['DATE', ['date']],
  ['TIMESTAMP', ['date-time']],
  ['STRING', ['string', 'date', 'date-time']],
  ['JSON', ['object']],
];

/** The names on the way to a field that is given as a pointer, `*` for positions, or as a path: `items/newField`. */
export function namesOf(field: string): readonly string[] {
  return field
    .split('/')
    .filter((name) => name !== '' && name !== '*')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * The column type for a field whose values had these types, such as `integer` or `array of string`.
 *
 * @throws UsageError when no column takes all of them.
 */
export function inferredType(seen: readonly string[]): string {
  const types = seen.filter((type) => type !== 'null');
  const isList = types.length > 0 && types.every((type) => type.startsWith('array of '));
  const items = isList ? types.flatMap((type) => type.slice('array of '.length).split(' or ')) : types;
  const told = items.filter((type) => type !== 'nothing' && type !== 'null');
  const found = INFERENCE.find(([, of]) => told.length > 0 && told.every((type) => of.includes(type)));
  if (found) return isList ? `${found[0]}[]` : found[0];
  throw new UsageError(
    [`No column type takes what came in the field: ${seen.join(', ') || 'nothing'}`],
    `Give one with --type, one of ${ACCEPTED_TYPES.join(', ')}, with [] behind it for a list.`,
  );
}

/**
 * The schema with one more column.
 *
 * @param names as of `namesOf`.
 * @param type as of `inferredType`.
 * @throws UsageError when the field is a column already, or what it would stand in is no record.
 */
export function withField(schema: JsonSchema, names: readonly string[], type: string): JsonSchema {
  const path = names.join('/');
  const scalar = ACCEPTED_TYPES.find((name) => name === type.replace(/\[\]$/, ''));
  if (scalar === undefined) {
    throw new UsageError(
      [`--type ${type} is no column type`],
      `Give one of ${ACCEPTED_TYPES.join(', ')}, with [] behind it for a list.`,
    );
  }
  const description = `\`${names.at(-1)}\` as the API sends it; accepted from what came.`;
  const accepted = { description, 'x-accepted': true as const };
  const property: JsonSchema = type.endsWith('[]')
    ? { type: ['array', 'null'], ...accepted, items: { ...PROPERTIES[scalar], description } }
    : { ...PROPERTIES[scalar], ...accepted };
  return added(schema, names, property, path);
}

function added(
  schema: JsonSchema,
  [name = '', ...rest]: readonly string[],
  property: JsonSchema,
  path: string,
): JsonSchema {
  const { properties, items } = schema;
  if (items) return { ...schema, items: added(items, [name, ...rest], property, path) };
  if (!properties) throw refusal(`${path} stands in a column without fields of its own`);
  const child = properties[name];
  if (rest.length === 0 && child) throw refusal(`${path} is a column already`);
  if (rest.length > 0 && !child) throw refusal(`${path} stands in ${name}, which is no column yet`);
  const value = rest.length > 0 && child ? added(child, rest, property, path) : property;
  return { ...schema, properties: { ...properties, [name]: value } };
}

function refusal(problem: string): UsageError {
  return new UsageError([problem], 'List what can be accepted with `npm run drift`.');
}

/** A schema imported anew, with the accepted columns of the one before that the vendor still does not document. */
export function withAccepted(imported: JsonSchema, before: JsonSchema): JsonSchema {
  const kept = Object.entries(before.properties ?? {}).flatMap(([name, property]) => {
    const now = imported.properties?.[name];
    if (now) return [[name, withAccepted(now, property)]];
    return property['x-accepted'] ? [[name, property]] : [];
  });
  return {
    ...imported,
    ...(imported.properties && { properties: { ...imported.properties, ...Object.fromEntries(kept) } }),
    ...(imported.items && before.items && { items: withAccepted(imported.items, before.items) }),
  };
}
