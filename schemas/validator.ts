import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type JsonSchema, readSchema } from './columns.ts';

/** What a record's check found; both lists are empty for a record that fits its schema whole. */
export interface Finding {
  /** `/total: must be number or string`: paths and rules, never a value. */
  readonly errors: readonly string[];
  /** JSON pointers of fields that the schema does not know. */
  readonly unknown: readonly string[];
}

const FITS: Finding = { errors: [], unknown: [] };
const INT64_LIMIT = 2 ** 63;

/** The check of one entity's records, made once and called per record on a parsed copy. */
export function compileValidator(
  name: string,
  schema: JsonSchema = readSchema(name),
): (record: unknown) => Finding {
  const validate = ajv().compile(schema) as ValidateFunction;
  return (record) => (validate(record) ? FITS : finding(validate.errors ?? []));
}

function ajv(): Ajv {
  const instance = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, verbose: false });
  instance.addKeyword({ keyword: 'x-personal' });
  instance.addKeyword({ keyword: 'x-known-values' });
  instance.addFormat('int64', {
    type: 'number',
    validate: (n: number) => n >= -INT64_LIMIT && n <= INT64_LIMIT,
  });
  instance.addFormat('int32', { type: 'number', validate: (n: number) => Math.abs(n) <= 2 ** 31 });
  instance.addFormat('double', { type: 'number', validate: Number.isFinite });
  // NUMERIC holds 29 digits before the point and 9 after it; more would be rounded on the way.
  instance.addFormat('decimal', /^-?\d{1,29}(\.\d{1,9})?$/);
  instance.addFormat('date', /^\d{4}-\d\d-\d\d$/);
  // Up to seven digits of a second are sent; the sixth is the last that a TIMESTAMP keeps.
  instance.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/);
  return instance;
}

function finding(found: readonly ErrorObject[]): Finding {
  const isUnknown = ({ keyword }: ErrorObject) => keyword === 'additionalProperties';
  return {
    errors: found
      .filter((error) => !isUnknown(error))
      .map(({ instancePath, message }) => `${instancePath || '/'}: ${message}`),
    unknown: found
      .filter(isUnknown)
      .map(({ instancePath, params }) => `${instancePath}/${escaped(String(params.additionalProperty))}`),
  };
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
