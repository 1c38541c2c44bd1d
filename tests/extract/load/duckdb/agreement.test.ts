import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readRows } from '../../../../extract/load/duckdb/read-pages.ts';
import { fastSchemaOf } from '../../../../extract/pages/fast-schema.ts';
import { validatingScan } from '../../../../extract/pages/fast-validate.ts';
import { createMend } from '../../../../extract/pages/mend.ts';
import { createRowHash } from '../../../../extract/pages/row-hash.ts';
import { writeLines } from '../../../../extract/pages/write-lines.ts';
import { columnsOf, dateTimeNames } from '../../../../schemas/columns.ts';
import { readSchema } from '../../../../schemas/schema-files.ts';
import { compileValidator } from '../../../../schemas/validator.ts';
import { testFolder } from '../../night.ts';

const ENTITY = 'invoices';
const schema = readSchema(ENTITY);
const columns = columnsOf(schema);
const dateTimeKeys = dateTimeNames(columns);
const scan = validatingScan(fastSchemaOf(schema, { dateTimeKeys, changeField: 'modifiedOn' }), dateTimeKeys);
const rules = {
  ...{ validate: compileValidator(ENTITY), key: ['id'], changeField: 'modifiedOn' },
  ...{
    rowHash: createRowHash(columns, 'modifiedOn'),
    mend: createMend(columns),
    dateTimeKeys,
    page: 'run/page',
  },
  extractedAt: () => '2025-10-27T12:00:00.000000Z',
};

function land(record: string) {
  const bytes = Buffer.from(`{"data":[${record}]}`);
  const page = scan(bytes);
  if (typeof page === 'string') throw new Error(page);
  return writeLines({ bytes, scan: page, request: { entity: ENTITY, method: 'GET', path: '/x' } }, rules);
}

async function reader() {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  onTestFinished(() => {
    connection.closeSync();
    instance.closeSync();
  });
  const path = join(testFolder(), 'page.ndjson');
  return async (ndjson: Buffer) => {
    writeFileSync(path, ndjson);
    const options = { personalData: 'keep', amounts: 'DECIMAL(38,9)', landingUri: 'x' } as const;
    const files = [{ path, longestLine: ndjson.length }];
    const found = await connection.runAndReadAll(readRows(ENTITY, files, options));
    return found.getRowObjectsJson();
  };
}

/** JSON values as a careless or hostile writer may send them, as text. */
const NUMBERS = [
  ...['0', '-0', '-0.0', '7.0', '12e2', '1e-400', '1.5E-05', '999999999.999999999', '0.1e1', '1e29'],
  ...['9007199254740993', '9223372036854774784.0', '1.000000000000000e3', '0.99999999999999999999'],
  ...['1234567890123456', '9999999999999999', '99999999999999999999999999999.9'],
];
const TEXTS = [
  ...['""', '"a\\u0000b"', '"1.50"', '"7.0"', '"-12345678901234567890.123456789"', '"true"', '"NaN"', '"{}"'],
  ...['"2025-02-28T10:00:00"', '"2025-02-28T10:00:00.1234567+14:00"', '"9999-12-31T23:59:59-01:00"'],
  ...['"0001-01-01T00:00:00Z"', '"0001-01-01T00:00:00+01:00"', '"2025-02-30T00:00:00Z"', '"2025-02-28"'],
];
const OBJECT_KEYS = ['id', 'i\\u0064', 'name', '_extra', '_row_hash', '', 'a/b', '~', 'number'];
const RECORD_KEYS = [
  ...[
    'total',
    'projectId',
    'paidOn',
    'active',
    'invoiceConfiguration',
    'summary',
    'customer',
    'job',
    'items',
  ],
  ...['salesTaxCode', 'modifiedOn', '_extra', '_page', '_extracted_at', '/customer/id', 'ID', 'newField'],
];
const scalar = fc.constantFrom('null', 'true', ...NUMBERS, ...TEXTS);
const objectOf = (keys: readonly string[], value: fc.Arbitrary<string>) =>
  fc
    .array(fc.tuple(fc.constantFrom(...keys), value), { maxLength: 4 })
    .map((members) => `{${members.map(([key, text]) => `"${key}":${text}`).join(',')}}`);
const nested = fc.oneof(scalar, objectOf(OBJECT_KEYS, scalar));
const list = fc.array(nested, { maxLength: 3 }).map((items) => `[${items.join(',')}]`);
const record = objectOf(RECORD_KEYS, fc.oneof(scalar, nested, list)).map(
  (text) => `{"id":1${text === '{}' ? '' : ','}${text.slice(1)}`,
);

describe('the check and the reader of landed lines', () => {
  test('DuckDB reads every line that the check accepts (property test)', { timeout: 60_000 }, async () => {
    const read = await reader();
    let landed = 0;
    let mended = 0;
    await fc.assert(
      fc.asyncProperty(record, async (text) => {
        const { ndjson, rows } = land(text);
        landed += rows;
        if (rows === 0) return;
        if (/"([^"]*)":.*"\1":|\d\.0|\de/.test(text)) mended += 1;
        expect(await read(ndjson)).toHaveLength(1);
      }),
      { numRuns: 1500 },
    );
    // Otherwise the property would hold because everything is rejected.
    expect(landed).toBeGreaterThan(100);
    expect(mended).toBeGreaterThan(20);
  });

  test('a record that came with a member twice, or with 7.0 for 7, has the hash of the plain record', () => {
    const hashOf = (text: string) => /"_row_hash":"(\w+)"/.exec(land(text).ndjson.toString())?.[1];
    const plain = hashOf('{"id":1,"projectId":7,"customer":{"id":2},"newField":{"a":1}}');
    expect(plain).toMatch(/^\w{32}$/);
    expect(
      hashOf('{"id":1,"id":1,"projectId":7.0,"customer":{"id":2,"id":2.0},"newField":{"a":1,"a":1}}'),
    ).toBe(plain);
  });

  test('a record with a member twice and different values is rejected alone, with the reason', () => {
    const { rows, rejected } = land('{"id":1,"total":5},{"id":2,"total":5,"total":6},{"id":3}');
    expect(rows).toBe(2);
    expect(rejected).toMatchObject([{ id: '2', errors: ['/total: comes twice, with different values'] }]);
  });
});
