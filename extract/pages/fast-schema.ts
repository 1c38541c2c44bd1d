import type { JsonSchema } from '../../schemas/columns.ts';
import { type NameOrder, nameOrder } from './record-shape.ts';

/** A JSON Schema compiled for validation on bytes: the values that one field allows. */
export interface FastSchema {
  readonly isNullable: boolean;
  readonly isBoolean: boolean;
  readonly number: 'never' | 'whole' | 'int32' | 'any';
  readonly text: 'never' | 'any' | 'date-time' | 'date' | 'decimal';
  /** Whether the field has the name of a date-time field, whose fractions of a second are cut. */
  readonly isCut: boolean;
  /** The documented values in compact JSON; undefined if any value is allowed. */
  readonly knownValues: readonly Buffer[] | undefined;
  readonly items: FastSchema | undefined;
  readonly fields: Fields | undefined;
}

/** The fields of an object that allows no others, and the validator's state for it. */
export interface Fields {
  readonly members: readonly Member[];
  readonly requiredCount: number;
  readonly order: NameOrder;
  /** For each member, the member that followed it last time; the last entry is the first member of an object. */
  readonly next: Uint16Array;
  /** For each member, the number of the object in which it occurred last. */
  readonly seen: Uint32Array;
  /** Objects validated so far. */
  objects: number;
}

interface Member {
  readonly name: string;
  /** `"name":` in compact JSON. */
  readonly token: Buffer;
  readonly schema: FastSchema;
  readonly isRequired: boolean;
  readonly isChangeField: boolean;
}

const MATCHES_NOTHING: FastSchema = {
  isNullable: false,
  isBoolean: false,
  number: 'never',
  text: 'never',
  isCut: false,
  knownValues: undefined,
  items: undefined,
  fields: undefined,
};

/** Keywords that are implemented below, and those that do not restrict a value. */
const SUPPORTED_KEYWORDS = new Set([
  ...['type', 'format', 'properties', 'required', 'additionalProperties', 'items'],
  ...['$schema', '$id', 'title', 'description', 'x-personal', 'x-known-values', 'x-accepted'],
]);

/** Compiles a schema. A part with unsupported keywords matches nothing, so its records go to the slow validator. */
export function fastSchemaOf(
  schema: JsonSchema,
  names: { readonly dateTimeKeys: ReadonlySet<string>; readonly changeField: string | undefined },
  key = '',
): FastSchema {
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  const { properties, items, format, required = [] } = schema;
  if (!Object.keys(schema).every((keyword) => SUPPORTED_KEYWORDS.has(keyword))) return MATCHES_NOTHING;
  const isClosed = types.includes('object') && schema.additionalProperties === false;
  return {
    isNullable: types.includes('null'),
    isBoolean: types.includes('boolean'),
    number: numberRule(types, format),
    text: types.includes('string') ? textRule(format) : 'never',
    isCut: names.dateTimeKeys.has(key),
    // Only strings: a known number could be the beginning of a longer one.
    knownValues: schema['x-known-values']
      ?.filter((value) => typeof value === 'string')
      .map((value) => Buffer.from(JSON.stringify(value))),
    items: types.includes('array') && items ? fastSchemaOf(items, names, key) : undefined,
    fields: isClosed && properties ? fieldsOf(properties, required, names, key === '') : undefined,
  };
}

function fieldsOf(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
  names: Parameters<typeof fastSchemaOf>[1],
  isRecord: boolean,
): Fields {
  const members = Object.entries(properties).map(([name, schema]): Member => {
    const isChangeField = isRecord && name === names.changeField;
    return {
      name,
      token: Buffer.from(`${JSON.stringify(name)}:`),
      // The change instant is read from its bytes, so it must be a date-time.
      schema:
        isChangeField && schema.format !== 'date-time' ? MATCHES_NOTHING : fastSchemaOf(schema, names, name),
      isRequired: required.includes(name),
      isChangeField,
    };
  });
  const inOrder = Uint16Array.from(
    [...members.keys(), members.length],
    (n) => (n + 1) % (members.length + 1),
  );
  return {
    members,
    requiredCount: required.length,
    order: nameOrder(members.map(({ name }) => name)),
    next: inOrder,
    seen: new Uint32Array(members.length),
    objects: 0,
  };
}

function numberRule(types: readonly string[], format: string | undefined): FastSchema['number'] {
  const isKnown = format === undefined || ['int64', 'int32', 'double', 'decimal'].includes(format);
  if (types.includes('number')) return isKnown ? 'any' : 'never';
  if (!types.includes('integer') || !isKnown) return 'never';
  return format === 'int32' ? 'int32' : 'whole';
}

function textRule(format: string | undefined): FastSchema['text'] {
  if (format === undefined) return 'any';
  return format === 'date-time' || format === 'date' || format === 'decimal' ? format : 'never';
}
