import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDriftCollector } from '../../../extract/pages/drift.ts';
import { fastSchemaOf } from '../../../extract/pages/fast-schema.ts';
import { fastValidator, validatingScan } from '../../../extract/pages/fast-validate.ts';
import { createRowHash } from '../../../extract/pages/row-hash.ts';
import { type Scan, scanRecords } from '../../../extract/pages/scan.ts';
import { columnsOf, type JsonSchema } from '../../../schemas/columns.ts';
import { entities } from '../../../schemas/entities.ts';
import { readSchema } from '../../../schemas/schema-files.ts';
import { compileValidator } from '../../../schemas/validator.ts';

const DATE_TIME_KEYS = new Set(['modifiedOn', 'at', 'text']);
const nullable = (...types: string[]) => [...types, 'null'];
/** A schema with every construct that the entities' schemas use. */
const SCHEMA: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['id'],
  properties: {
    id: { type: 'integer', format: 'int64' },
    modifiedOn: { type: nullable('string'), format: 'date-time' },
    text: { type: nullable('string') },
    code: { type: nullable('string', 'integer') },
    status: { type: nullable('string', 'integer'), 'x-known-values': ['Open', 'Closed', 7] },
    flag: { type: nullable('boolean') },
    order: { type: nullable('integer'), format: 'int32' },
    amount: { type: nullable('number', 'string'), format: 'decimal' },
    place: { type: nullable('number'), format: 'double' },
    day: { type: nullable('string'), format: 'date' },
    home: {
      type: nullable('object'),
      additionalProperties: false,
      properties: { other: { type: nullable('string') }, at: { type: nullable('number') } },
    },
    ids: { type: nullable('array'), items: { type: nullable('integer'), format: 'int64' } },
    items: {
      type: nullable('array'),
      items: {
        type: nullable('object'),
        additionalProperties: false,
        properties: {
          at: { type: nullable('string'), format: 'date-time' },
          amount: { type: nullable('number', 'string'), format: 'decimal' },
        },
      },
    },
  },
};
const names = { dateTimeKeys: DATE_TIME_KEYS, changeField: 'modifiedOn' };
const fits = fastValidator(fastSchemaOf(SCHEMA, names));
const validate = compileValidator('test', SCHEMA);
const rowHash = createRowHash(columnsOf(SCHEMA), 'modifiedOn');
const FINDING = { errors: [], unknown: [], misfits: [], newValues: [] };

/** A scan with fast validation, and one that leaves every record to the slow validator. */
function bothScans(record: string): { readonly quick: Scan; readonly plain: Scan } {
  const bytes = Buffer.from(`{"data":[${record}]}`);
  const [quick, plain] = [scanRecords(bytes, DATE_TIME_KEYS, fits), scanRecords(bytes, DATE_TIME_KEYS)];
  if (typeof quick === 'string' || typeof plain === 'string') throw new Error(`${quick}, ${plain}`);
  return { quick, plain };
}

const passes = (record: string) => bothScans(record).quick.changes[0] !== undefined;
const withId = (member: string) => `{"id":1,${member}}`;

describe('records that the fast validation accepts', () => {
  test.each([
    [
      'a complete record with its fields in any order',
      '{"text":"é \\u00e9\\n\\"x\\"","flag":true,"id":9000000000,"ids":[1,-2,null]}',
    ],
    ['nulls and empty lists', withId('"modifiedOn":null,"items":[],"ids":null,"amount":null')],
    [
      'amounts as numbers and as text',
      withId('"amount":-0.5,"items":[{"amount":"-12.50"},{"amount":7},null]'),
    ],
    ['an amount as text with many decimals', withId('"amount":"0.33333333333333333333"')],
    ['the last day of February', withId('"day":"2024-02-29","modifiedOn":"2000-02-29T23:59:59Z"')],
    ['the greatest number of 32 bits', withId('"order":2147483647')],
    ['a documented enum value', withId('"status":"Closed"')],
    ['null for an enum', withId('"status":null')],
  ])('the fast validation accepts %s', (_, record) => {
    expect(validate(JSON.parse(record))).toEqual(FINDING);
    expect(passes(record)).toBe(true);
  });

  test('the fast validation returns the change instant, digits to cut and high-precision numbers', () => {
    const record = withId(
      '"modifiedOn":"2021-07-19T20:35:38.2876004Z","items":[{"at":"1999-12-31T00:00:00.123456789Z"}],"place":33.44837712345678901',
    );
    const { quick, plain } = bothScans(record);
    expect(quick.changes).toEqual([Date.parse('2021-07-19T20:35:38.287Z')]);
    expect(quick.cuts).toHaveLength(4);
    expect(quick.highPrecisionNumbers).toHaveLength(2);
    // Only records for the slow validator have their members counted.
    const slowOnly = { changes: [], hashes: [], memberCounts: [] };
    expect({ ...quick, ...slowOnly }).toEqual({ ...plain, ...slowOnly });
  });
});

describe('records that the fast validation leaves to the slow validator', () => {
  test.each([
    ['an unknown field', withId('"new":1')],
    ['an unknown enum value', withId('"status":"Closing"')],
    ['an unknown enum value that begins like a documented one', withId('"status":"Open\\u0020"')],
    ['a number for an enum', withId('"status":77')],
    ['a missing key', '{"text":"x"}'],
    ['a null key', '{"id":null}'],
    ['a field that comes twice', withId('"text":"a","text":"b"')],
    ['space between tokens', '{ "id": 1 }'],
    ['a wrong type', withId('"flag":"true"')],
    ['text for a number', withId('"place":"1"')],
    ['a list for an object', withId('"items":[[]]')],
    ['a comma too many in a list', withId('"ids":[1,]')],
    ['a comma too many in an object', '{"id":1,}'],
    ['a fraction for a whole number', withId('"order":1.5')],
    ['a number beyond 32 bits', withId('"order":2147483649')],
    ['a number beyond 64 bits', '{"id":9223372036854775808}'],
    ['an exponent', withId('"amount":1e3')],
    ['a leading zero', withId('"amount":01')],
    ['a point without digits', withId('"amount":1.')],
    ['an exponent in text', withId('"amount":"1.5E-05"')],
    ['thirty digits before the point', withId(`"amount":"${'1'.repeat(30)}"`)],
    ['an amount that is not a number', withId('"amount":"1,50"')],
    ['the 30th of February', withId('"day":"2024-02-30"')],
    ['the 29th of February in a year that is no leap year', withId('"modifiedOn":"1900-02-29T00:00:00Z"')],
    ['the 61st second', withId('"modifiedOn":"2024-01-01T00:00:61Z"')],
    ['an instant with another zone', withId('"modifiedOn":"2024-01-01T00:00:00+01:00"')],
    ['ten digits of a second', withId('"modifiedOn":"2024-01-01T00:00:00.1234567890Z"')],
    ['half of a surrogate pair', withId('"text":"\\ud800"')],
    ['a control character', withId('"text":"a\u0001"')],
    ['an invalid escape sequence', withId('"text":"\\x"')],
    ['an invalid literal', withId('"flag":trux')],
    ['an instant in a field that is not declared as one', withId('"text":"2021-07-19T20:35:38.2876004Z"')],
  ])('the fast validation leaves a record to the slow validator: %s', (_, record) => {
    expect(passes(record)).toBe(false);
  });

  test('the fast validation leaves records to the slow validator when a schema has an unknown keyword', () => {
    const strict = {
      ...SCHEMA,
      properties: { ...SCHEMA.properties, text: { type: 'string', maxLength: 3 } },
    };
    const bytes = Buffer.from('{"data":[{"id":1,"text":"long"}]}');
    expect(scanRecords(bytes, DATE_TIME_KEYS, fastValidator(fastSchemaOf(strict, names)))).toMatchObject({
      changes: [undefined],
    });
  });
});

/** JSON texts near the edge of validity: valid values, broken ones, and valid ones with one byte changed. */
const scalar = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    'false',
    '0',
    '-0',
    '-0.50',
    '100',
    '1.5',
    '1.50',
    '20.0',
    '123456789012345678',
    '12345678901234567.5',
    '1e5',
  ),
  fc.constantFrom(
    '"2024-02-29T00:00:00.1234567Z"',
    '"2023-02-29T00:00:00Z"',
    '"2024-12-31"',
    '"Open"',
    '"12.50"',
    '"-1"',
    '"-0.0"',
    '"007.50"',
    '"2024-02-29T00:00:00.500Z"',
    '"2024-02-29T00:00:00Z"',
    '"0001-01-01T00:00:00Z"',
    '"2024-02-29T01:00:00+01:00"',
  ),
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.string().map((text) => JSON.stringify(text).replaceAll('a', '\\u0061').replaceAll('/', '\\/')),
  fc.double({ noNaN: true }).map((n) => JSON.stringify(n)),
  fc.date({ noInvalidDate: true }).map((date) => JSON.stringify(date)),
);
const item = fc.dictionary(fc.constantFrom('at', 'amount', 'other'), scalar).map(objectText);
const list = (of: fc.Arbitrary<string>) => fc.array(of, { maxLength: 3 }).map((all) => `[${all.join(',')}]`);
const record = fc
  .dictionary(
    fc.constantFrom(...Object.keys(SCHEMA.properties ?? {}), 'other'),
    fc.oneof({ weight: 5, arbitrary: scalar }, list(scalar), list(item), item),
  )
  .map((members) => objectText({ id: '1', ...members }));

function objectText(members: Readonly<Record<string, string>>): string {
  return `{${Object.entries(members).map(([name, value]) => `${JSON.stringify(name)}:${value}`)}}`;
}

test('every record that the fast validation accepts is valid JSON that the slow validator accepts too, with the same row hash', () => {
  let passed = 0;
  const agree = (text: string) => {
    const bytes = Buffer.from(`{"data":[${text}]}`);
    const quick = scanRecords(bytes, DATE_TIME_KEYS, fits);
    if (typeof quick === 'string' || quick.changes[0] === undefined) return;
    passed++;
    const parsed: Record<string, unknown> = JSON.parse(text);
    expect(validate(parsed)).toEqual(FINDING);
    const { modifiedOn } = parsed;
    expect(quick.changes).toEqual([typeof modifiedOn === 'string' ? Date.parse(modifiedOn) : null]);
    expect(quick.hashes).toEqual([rowHash(bytes, quick.starts[0] ?? 0)]);
    const slowOnly = { changes: [], hashes: [], memberCounts: [], oddWholeNumbers: [] };
    expect({ ...quick, ...slowOnly }).toEqual({
      ...(scanRecords(bytes, DATE_TIME_KEYS) as Scan),
      ...slowOnly,
    });
  };
  fc.assert(
    fc.property(record, fc.nat(), fc.nat(255), (text, place, byte) => {
      agree(text);
      const spoilt = Buffer.from(text);
      spoilt[place % spoilt.length] = byte;
      agree(spoilt.toString('utf8'));
    }),
    { numRuns: 5000 },
  );
  expect(passed).toBeGreaterThan(300);
});

/** Records with any of the fields in any order, some written in a way that only the slow validator reads. */
const fewFields = fc
  .shuffledSubarray([
    '"text":"a"',
    '"flag":true',
    '"status":"Open"',
    '"items":[{"at":null}]',
    '"code":1e0',
    '"new":1',
  ])
  .map((members) => `{${['"id":1', ...members].join(',')}}`);

test('missing fields of a page are the same with fast validation and with the slow validator', () => {
  const columns = Object.keys(SCHEMA.properties ?? {});
  const scanPage = validatingScan(fastSchemaOf(SCHEMA, names), DATE_TIME_KEYS);
  fc.assert(
    fc.property(
      fc.array(fc.array(fewFields, { minLength: 10, maxLength: 12 }), { minLength: 2 }),
      (pages) => {
        const collector = createDriftCollector(columns);
        for (const records of pages) {
          const bytes = Buffer.from(`{"data":[${records}]}`);
          const scan = scanPage(bytes) as Scan;
          collector.addPage(records.length, scan.fields ?? []);
          for (const [index, text] of records.entries()) {
            const record = JSON.parse(text);
            if (scan.changes[index] === undefined) collector.addRecord(record, validate(record), false);
          }
        }
        const came = new Set(pages.flat().flatMap((text) => Object.keys(JSON.parse(text))));
        const { records, findings } = collector.drift();
        expect(records).toBe(pages.flat().length);
        expect(findings.filter(({ kind }) => kind === 'missing field').map(({ field }) => field)).toEqual(
          columns.filter((name) => !came.has(name)).map((name) => `/${name}`),
        );
      },
    ),
  );
});

test('the fast validation supports the whole schema of every entity', () => {
  const understood = (shape: ReturnType<typeof fastSchemaOf>): boolean =>
    shape.fields?.members.every((member) => understood(member.schema)) ??
    (shape.items
      ? understood(shape.items)
      : shape.isBoolean || shape.number !== 'never' || shape.text !== 'never');
  const notUnderstood = entities.filter(({ name }) => !understood(fastSchemaOf(readSchema(name), names)));
  expect(notUnderstood).toEqual([]);
});
