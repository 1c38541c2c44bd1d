import { UsageError } from '../../base/errors.ts';
import type { ColumnType, JsonSchema } from '../columns.ts';

/** Types that a field can be accepted as. With `[]` after the type, the field is a list. */
const ACCEPTED_TYPES = [
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

/** Column types by the types of the values that the API sent. The first row that lists all of them applies. */
const INFERENCE: readonly (readonly [type: keyof typeof PROPERTIES, of: readonly string[]])[] = [
  ['INT64', ['integer']],
  ['NUMERIC', ['integer', 'number']],
  ['BOOL', ['boolean']],
  ['DATE', ['date']],
  ['TIMESTAMP', ['date-time']],
  ['STRING', ['string', 'date', 'date-time']],
  ['JSON', ['object']],
];

/** The names in a field path such as `items/newField`, or in a JSON pointer with `*` for array positions. */
export function namesOf(field: string): readonly string[] {
  return field
    .split('/')
    .filter((name) => name !== '' && name !== '*')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * The column type for a field whose values had these types, such as `integer` or `array of string`.
 *
 * @throws UsageError when no column type fits all of them
 */
export function inferredType(seen: readonly string[]): string {
  const types = seen.filter((type) => type !== 'null');
  const isList = types.length > 0 && types.every((type) => type.startsWith('array of '));
  const items = isList ? types.flatMap((type) => type.slice('array of '.length).split(' or ')) : types;
  const known = items.filter((type) => type !== 'nothing' && type !== 'null');
  const found = INFERENCE.find(([, of]) => known.length > 0 && known.every((type) => of.includes(type)));
  if (found) return isList ? `${found[0]}[]` : found[0];
  throw new UsageError(
    [`No column type fits the values of the field; their types are ${seen.join(', ') || 'unknown'}`],
    `Set the type with --type: ${ACCEPTED_TYPES.join(', ')}, with [] after it for a list.`,
  );
}

/**
 * The schema with one more column.
 *
 * @param names the path of the field, from `namesOf`
 * @param type a column type, in the format of `inferredType`
 * @throws UsageError when the field is a column already, when its name cannot be a column's, or when its parent is not a
 *   column with fields
 */
export function withField(schema: JsonSchema, names: readonly string[], type: string): JsonSchema {
  const path = names.join('/');
  const scalar = ACCEPTED_TYPES.find((name) => name === type.replace(/\[\]$/, ''));
  if (scalar === undefined) {
    throw new UsageError(
      [`--type ${type} is not a column type`],
      `Use one of ${ACCEPTED_TYPES.join(', ')}, with [] after it for a list.`,
    );
  }
  const description = `\`${names.at(-1)}\` as the API sends it; not documented by the vendor.`;
  const accepted = { description, 'x-accepted': true as const };
  const property: JsonSchema = type.endsWith('[]')
    ? { type: ['array', 'null'], ...accepted, items: { ...PROPERTIES[scalar], description } }
    : { ...PROPERTIES[scalar], ...accepted };
  return withProperty(schema, names, property, path);
}

function withProperty(
  schema: JsonSchema,
  [name = '', ...rest]: readonly string[],
  property: JsonSchema,
  path: string,
): JsonSchema {
  if (name === '') throw refusal('The path names no field');
  const { properties, items } = schema;
  if (items) return { ...schema, items: withProperty(items, [name, ...rest], property, path) };
  if (!properties) throw refusal(`${path} cannot be accepted: its parent column has no fields`);
  const child = properties[name];
  if (rest.length === 0 && child) throw refusal(`${path} is a column already`);
  if (rest.length > 0 && !child) throw refusal(`${path} cannot be accepted: ${name} is not a column yet`);
  if (rest.length === 0) assertColumnName(name, Object.keys(properties), path);
  const value = rest.length > 0 && child ? withProperty(child, rest, property, path) : property;
  return { ...schema, properties: { ...properties, [name]: value } };
}

/**
 * BigQuery's rule for names of columns, without its prefixes such as `_PARTITION` and the names of our own columns, which
 * all begin with an underscore. DuckDB and BigQuery ignore the case of names.
 */
function assertColumnName(name: string, columns: readonly string[], path: string): void {
  if (!/^[A-Za-z][A-Za-z0-9_]{0,299}$/.test(name)) {
    throw refusal(
      `${path} cannot be a column: its name may have letters, digits and _ only and must begin with a letter. Its values stay in _extra`,
    );
  }
  const twin = columns.find((column) => column.toLowerCase() === name.toLowerCase());
  if (twin === undefined) return;
  throw refusal(
    `${path} cannot be a column beside ${twin}: their names differ only in case, which warehouses ignore. Its values stay in _extra`,
  );
}

function refusal(problem: string): UsageError {
  return new UsageError([problem], '`npm run drift` lists the fields that can be accepted.');
}

/** The newly imported schema, plus the accepted columns of the old schema that the vendor still does not document. */
export function withAccepted(imported: JsonSchema, before: JsonSchema): JsonSchema {
  const merged = Object.entries(before.properties ?? {}).flatMap(([name, property]) => {
    const now = imported.properties?.[name];
    if (now) return [[name, withAccepted(now, property)]];
    return property['x-accepted'] ? [[name, property]] : [];
  });
  return {
    ...imported,
    ...(imported.properties && { properties: { ...imported.properties, ...Object.fromEntries(merged) } }),
    ...(imported.items && before.items && { items: withAccepted(imported.items, before.items) }),
  };
}
