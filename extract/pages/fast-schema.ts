import type { JsonSchema } from '../../schemas/columns.ts';

/** What may stand at one place of a record, made of its JSON Schema for a check on bytes. */
export interface FastSchema {
  readonly isNullable: boolean;
  readonly isFlag: boolean;
  readonly number: 'never' | 'whole' | 'int32' | 'any';
  readonly text: 'never' | 'any' | 'date-time' | 'date' | 'decimal';
  /** Its key is that of a date-time field, whose fractions of a second are cut. */
  readonly isCut: boolean;
  /** Its documented values as they stand in compact JSON; undefined where any may stand. */
  readonly known: readonly Buffer[] | undefined;
  readonly items: FastSchema | undefined;
  readonly fields: Fields | undefined;
}

/** The members of an object that knows no others. */
export interface Fields {
  readonly members: readonly Member[];
  readonly requiredCount: number;
  /** Where each member was followed by which one the last time; the last entry is for the first of an object. */
  readonly next: Uint16Array;
  /** The object in which each member was seen last, by its number. */
  readonly seen: Uint32Array;
  objects: number;
}

export interface Member {
  readonly name: string;
  /** `"name":` as it stands in compact JSON. */
  readonly token: Buffer;
  readonly shape: FastSchema;
  readonly isRequired: boolean;
  readonly isChangeField: boolean;
}

const NOTHING: FastSchema = {
  isNullable: false,
  isFlag: false,
  number: 'never',
  text: 'never',
  isCut: false,
  known: undefined,
  items: undefined,
  fields: undefined,
};

/** Keywords that are carried out below, and those that ask nothing of a value. */
const UNDERSTOOD = new Set([
  ...['type', 'format', 'properties', 'required', 'additionalProperties', 'items'],
  ...['$schema', '$id', 'title', 'description', 'x-personal', 'x-known-values', 'x-accepted'],
]);

/** A schema's shape. What it does not understand fits nothing, so that it is left to the validator. */
export function fastSchemaOf(
  schema: JsonSchema,
  names: { readonly dateTimeKeys: ReadonlySet<string>; readonly changeField: string },
  key = '',
): FastSchema {
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  const { properties, items, format, required = [] } = schema;
  if (!Object.keys(schema).every((keyword) => UNDERSTOOD.has(keyword))) return NOTHING;
  const isClosed = types.includes('object') && schema.additionalProperties === false;
  return {
    isNullable: types.includes('null'),
    isFlag: types.includes('boolean'),
    number: numberRule(types, format),
    text: types.includes('string') ? textRule(format) : 'never',
    isCut: names.dateTimeKeys.has(key),
    // A number may be the beginning of a longer one.
    known: schema['x-known-values']
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
      // The change instant is read from its bytes, which only a date-time allows.
      shape: isChangeField && schema.format !== 'date-time' ? NOTHING : fastSchemaOf(schema, names, name),
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
