import { createRequire } from 'node:module';
import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import type { JsonSchema } from './columns.ts';
import { isSpareLineField } from './entities.ts';
import { newValuesCheck } from './known-values.ts';
import { readSchema } from './schema-files.ts';

/** The result of validating a record. All lists are empty if the record matches its schema. */
export interface Finding {
  /** Broken rules such as `/total: must be number or string`; never a value. */
  readonly errors: readonly string[];
  /** JSON pointers of fields that the schema does not know. */
  readonly unknown: readonly string[];
  /** Broken rules, in the form of `errors`, of line fields that no KPI needs; see `isSpareLineField`. */
  readonly misfits: readonly string[];
  /** JSON pointers of fields whose value is not documented. The values are stored unchanged. */
  readonly newValues: readonly string[];
}

const VALID: Finding = { errors: [], unknown: [], misfits: [], newValues: [] };
/** Parsed as doubles, the numbers just below these limits are equal to them, so they are refused too. */
const INT64_LIMIT = 2 ** 63;
const NUMERIC_LIMIT = 1e29;
const FIRST_INSTANT = Date.parse('0001-01-01T00:00:00Z');
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z');
const DAY = /\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])/;
const TIME = /([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?/;
// Both warehouses take offsets up to 14 hours.
const ZONE = /Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00/;
const DATE = new RegExp(`^${DAY.source}$`);
// The API sends up to seven digits of a second; a TIMESTAMP keeps six.
const DATE_TIME = new RegExp(`^${DAY.source}T${TIME.source}(${ZONE.source})?$`);

/** Compiles the validator of one entity. The function is called once per record, with the parsed record. */
export function compileValidator(
  name: string,
  schema: JsonSchema = readSchema(name),
): (record: unknown) => Finding {
  const validate = ajv().compile(withBounds(schema)) as ValidateFunction;
  const newValuesOf = newValuesCheck(schema);
  return (record) => {
    const isValid = validate(record);
    const newValues = newValuesOf(record);
    return isValid && newValues.length === 0 ? VALID : finding(name, validate.errors ?? [], newValues);
  };
}

/** Loaded for the first validator: a night whose records all fit their schemas needs none of ajv's sixty files. */
function ajv(): Ajv {
  const { Ajv } = createRequire(import.meta.url)('ajv') as typeof import('ajv');
  const instance = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, verbose: false });
  instance.addKeyword({ keyword: 'x-personal' });
  instance.addKeyword({ keyword: 'x-accepted' });
  instance.addKeyword({ keyword: 'x-known-values' });
  instance.addFormat('int64', {
    type: 'number',
    validate: (n: number) => n > -INT64_LIMIT && n < INT64_LIMIT,
  });
  instance.addFormat('int32', { type: 'number', validate: (n: number) => Math.abs(n) <= 2 ** 31 });
  instance.addFormat('double', { type: 'number', validate: Number.isFinite });
  instance.addFormat('decimal', isNumeric);
  instance.addFormat('date', (text: string) => DATE.test(text) && isDay(text));
  instance.addFormat('date-time', (text: string) => DATE_TIME.test(text) && isDay(text) && isStorable(text));
  return instance;
}

const AMOUNT = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * Whether NUMERIC can hold an amount in text: 29 digits before the point. Both warehouses round what is finer than nine
 * decimals half away from zero.
 */
function isNumeric(text: string): boolean {
  const [isAmount, whole = '', fraction = '', exponent] = AMOUNT.exec(text) ?? [];
  if (isAmount === undefined) return false;
  const digits = `${whole}${fraction}`;
  const significant = digits.replace(/^0+/, '');
  if (significant === '') return true;
  const before = whole.length + Number(exponent ?? 0) - (digits.length - significant.length);
  return before < 29 || (before === 29 && !/^9{38}[5-9]/.test(significant));
}

/** Whether the day exists: a warehouse would refuse the whole load because of one 30 February. */
function isDay(text: string): boolean {
  if (text.startsWith('0000')) return false;
  const isInEveryMonth = text.charAt(8) < '3' && text.slice(8, 10) !== '29';
  if (isInEveryMonth) return true;
  const day = text.slice(0, 10);
  const instant = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(day);
}

/** Whether the instant lies in the years 1 to 9999 of UTC: with an offset, the first or last day of these years may not. */
function isStorable(text: string): boolean {
  if (!/^(0001-01-01|9999-12-31)/.test(text) || text.endsWith('Z')) return true;
  const instant = Date.parse(text);
  return Number.isNaN(instant) || (instant >= FIRST_INSTANT && instant <= LAST_INSTANT);
}

/** Adds bounds to decimals that are sent as numbers, because the format `decimal` checks only text. */
function withBounds(schema: JsonSchema): JsonSchema {
  const bounds = { exclusiveMaximum: NUMERIC_LIMIT, exclusiveMinimum: -NUMERIC_LIMIT };
  return JSON.parse(JSON.stringify(schema), (_, part) =>
    part?.format === 'decimal' && part.type?.includes('number') ? { ...part, ...bounds } : part,
  );
}

function finding(name: string, found: readonly ErrorObject[], newValues: readonly string[]): Finding {
  const isUnknown = ({ keyword }: ErrorObject) => keyword === 'additionalProperties';
  const isMisfit = ({ instancePath }: ErrorObject) => isSpareLineField(name, instancePath);
  const broken = found.filter((error) => !isUnknown(error));
  const ruleOf = ({ instancePath, message }: ErrorObject) => `${instancePath || '/'}: ${message}`;
  return {
    errors: broken.filter((error) => !isMisfit(error)).map(ruleOf),
    misfits: broken.filter(isMisfit).map(ruleOf),
    unknown: found
      .filter(isUnknown)
      .map(
        ({ instancePath, params }) => `${instancePath}/${escapedPointer(String(params.additionalProperty))}`,
      ),
    newValues,
  };
}

function escapedPointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
