import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { columnsOf, declaredTables, duckdbType } from '../../schemas/columns.ts';
import { entities } from '../../schemas/entities.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import { compileValidator } from '../../schemas/validator.ts';

const check = compileValidator('invoices');
const invoice = { id: 1, total: '12.50', createdOn: '2025-08-19T01:02:27.1234567Z', items: null, job: null };

test('a record as the API sends it is valid: decimal text, seven digits of a second, nulls', () => {
  expect(check(invoice)).toEqual({ errors: [], unknown: [], misfits: [], newValues: [] });
});

test('an invalid record is rejected with path and rule and never the value', () => {
  const { errors } = check({ ...invoice, id: null, total: 'Jane Roe' });
  expect(errors).toEqual(['/id: must be integer', '/total: must match format "decimal"']);
});

test.each([
  ...['10.0000000000', '0.3333333333333333', '1.5E-05', '1e28', '0e999999', '1e-999999', '0.000001e34'],
  ...[`${'9'.repeat(29)}.9999999994`, '-12345678901234567890123456789.123456789'],
])('an amount as text is valid with any decimals and exponent that NUMERIC can round: %s', (total) => {
  expect(check({ ...invoice, total }).errors).toEqual([]);
});

test.each([
  ...['1e29', `${'9'.repeat(29)}.9999999995`, '0.000001e35', '1'.repeat(30), '', '1,50', '.5', '5.', '0x1F'],
  ...['1e', 'NaN', ' 5'],
])('an amount as text that NUMERIC cannot hold is rejected: "%s"', (total) => {
  expect(check({ ...invoice, total }).errors).toEqual(['/total: must match format "decimal"']);
});

test('an empty date is rejected because it would silently become no date', () => {
  expect(check({ ...invoice, createdOn: '' }).errors).toEqual(['/createdOn: must match format "date-time"']);
});

test.each([
  ['a day that does not exist', { paidOn: '2025-02-29T00:00:00Z' }, '/paidOn'],
  ['a month that does not exist', { paidOn: '2025-13-01T00:00:00Z' }, '/paidOn'],
  ['an hour that does not exist', { paidOn: '2025-01-01T24:00:00Z' }, '/paidOn'],
  ['the year 0', { paidOn: '0000-01-01T00:00:00Z' }, '/paidOn'],
  ['a whole number beyond 64 bits', { projectId: 2 ** 63 }, '/projectId'],
  ['an amount beyond NUMERIC', { total: 1e30 }, '/total'],
])('a record is rejected before a warehouse would refuse its load: %s', (_, fields, path) => {
  expect(check({ ...invoice, ...fields }).errors).toEqual([expect.stringMatching(`^${path}: must`)]);
});

test.each([
  '0001-01-01T00:00:00+14:00',
  '9999-12-31T23:59:59-07:00',
])('an instant outside the years of a TIMESTAMP is rejected: %s', (completedOn) => {
  expect(check({ ...invoice, paidOn: completedOn }).errors).toHaveLength(1);
});

test('the first and the last instant of a TIMESTAMP are valid', () => {
  for (const completedOn of [
    '0001-01-01T00:00:00Z',
    '0001-01-01T00:00:00-07:00',
    '9999-12-31T23:59:59.9999999Z',
  ])
    expect(check({ ...invoice, paidOn: completedOn }).errors).toEqual([]);
});

test('the last days of months and leap days are valid', () => {
  for (const day of ['2024-02-29', '2025-01-31', '2025-04-30', '0001-01-01', '9999-12-31']) {
    expect(check({ ...invoice, paidOn: `${day}T23:59:59.9999999+14:00` }).errors).toEqual([]);
  }
});

test('unknown fields are named by JSON pointer and do not reject the record', () => {
  const found = check({ ...invoice, 'a/b': 1, items: [{ id: 1, novel: true }] });
  expect(found).toEqual({ errors: [], unknown: ['/a~1b', '/items/0/novel'], misfits: [], newValues: [] });
});

test('a wrong value of a line field that no KPI needs is a misfit and does not reject the record', () => {
  const line = { id: 1, quantity: 'x', memberPrice: 'free', generalLedgerAccount: { id: 'y' } };
  const { errors, misfits } = check({ ...invoice, items: [line] });
  expect(errors.map((error) => error.split(':')[0])).toEqual(['/items/0/quantity']);
  expect(misfits.map((error) => error.split(':')[0]).sort()).toEqual([
    '/items/0/generalLedgerAccount/id',
    '/items/0/memberPrice',
  ]);
  expect(check({ ...invoice, items: ['no line'] }).errors).toHaveLength(1);
});

test('the line fields that KPIs need are those that staging reads', () => {
  for (const [entity, model, row] of [
    ['invoices', 'stg_invoice_items', 'item'],
    ['payments', 'stg_payment_splits', 'split'],
  ] as const) {
    const sql = readFileSync(new URL(`../../definitions/staging/${model}.sqlx`, import.meta.url), 'utf8');
    const read = new Set([...sql.matchAll(new RegExp(`\\b${row}\\.(\\w+)`, 'g'))].map(([, name]) => name));
    // The account is only in int_job_costing, for comparison: a wrong one must not cost an invoice that KPIs count.
    read.delete('generalLedgerAccount');
    const { lineFields = [] } = entities.find(({ name }) => name === entity) ?? {};
    expect(new Set(lineFields.map((field) => field.split('.')[1]))).toEqual(read);
    expect(read.size).toBeGreaterThan(3);
  }
  const unnesting = readdirSync(new URL('../../definitions', import.meta.url), {
    recursive: true,
    encoding: 'utf8',
  })
    .filter((file) => file.endsWith('.sqlx') && !file.includes('tests/'))
    .filter((file) =>
      /unnest\((?!generate_|split\()/.test(
        readFileSync(new URL(`../../definitions/${file}`, import.meta.url), 'utf8'),
      ),
    );
  expect(unnesting.map((file) => file.split('/').at(-1)).sort()).toEqual([
    'stg_invoice_items.sqlx',
    'stg_payment_splits.sqlx',
  ]);
});

test('an unknown enum value, also as a number, is accepted and reported as a new value', () => {
  const bill = compileValidator('inventory_bills');
  const newValues = ['/landedCostMethod'];
  expect(bill({ id: 1, landedCostMethod: 0 })).toEqual({ errors: [], unknown: [], misfits: [], newValues });
  expect(bill({ id: 1, landedCostMethod: 'ByWeight' })).toEqual({
    errors: [],
    unknown: [],
    misfits: [],
    newValues,
  });
  expect(bill({ id: 1, landedCostMethod: null })).toEqual({
    errors: [],
    unknown: [],
    misfits: [],
    newValues: [],
  });
});

test('every entity has a described column per property, an INT64 id and NUMERIC amounts', () => {
  for (const { name } of entities) {
    const columns = columnsOf(readSchema(name));
    expect(columns.find((column) => column.name === 'id')).toMatchObject({ type: 'INT64', required: true });
    expect(columns.filter((column) => column.description === '')).toEqual([]);
  }
  const total = columnsOf(readSchema('invoices')).find((column) => column.name === 'total');
  expect(total?.type).toBe('NUMERIC');
});

test('nested records become structs and lists with exact decimals', () => {
  const appliedTo = columnsOf(readSchema('payments')).find((column) => column.name === 'appliedTo');
  expect(appliedTo && duckdbType(appliedTo)).toMatch(/^STRUCT\(.*"appliedAmount" DECIMAL\(38,9\).*\)\[\]$/);
});

test('personal columns that a KPI reads are told apart from the other personal columns', () => {
  const personal = (entity: string, name: string) =>
    columnsOf(readSchema(entity)).find((column) => column.name === name)?.personal;
  expect(personal('customers', 'name')).toBe('kpi');
  expect(personal('technicians', 'hourlyRate')).toBe(true);
  expect(personal('jobs', 'jobStatus')).toBe(false);
});

test('table names are unique across datasets', () => {
  const names = declaredTables().map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  // One raw table for each entity and for each of the two saved reports.
  expect(names.filter((name) => name.startsWith('raw_'))).toHaveLength(entities.length + 2);
});
