import type { ResolvedType } from '../../engine/googlesql/resolved-node.ts';
import type { TestTable } from './engines.ts';

const INT64 = { typeKind: 'TYPE_INT64' };
const NUMERIC = { typeKind: 'TYPE_NUMERIC' };
const STRING = { typeKind: 'TYPE_STRING' };
const DATE = { typeKind: 'TYPE_DATE' };
const TIMESTAMP = { typeKind: 'TYPE_TIMESTAMP' };
const BOOL = { typeKind: 'TYPE_BOOL' };
const FLOAT64 = { typeKind: 'TYPE_DOUBLE' };
const BYTES = { typeKind: 'TYPE_BYTES' };
const DATETIME = { typeKind: 'TYPE_DATETIME' };
const TIME = { typeKind: 'TYPE_TIME' };
const JSON_TYPE = { typeKind: 'TYPE_JSON' };
const arrayOf = (elementType: ResolvedType) => ({ typeKind: 'TYPE_ARRAY', arrayType: { elementType } });
const structOf = (fields: Readonly<Record<string, ResolvedType>>) => ({
  typeKind: 'TYPE_STRUCT',
  structType: {
    field: Object.entries(fields).map(([fieldName, fieldType]) => ({ fieldName, fieldType })),
  },
});
const STRUCT = structOf({ id: INT64, name: STRING });

/**
 * The table `t` that the rows of engine/conformance.csv query: two columns of each type with values that are often
 * handled wrongly: NULLs, half cents, both sides of week, year and zone borders, the largest numbers, white space.
 */
const CONFORMANCE_TABLE: TestTable = {
  name: 't',
  columns: [
    { name: 'id', type: INT64 },
    { name: 'i1', type: INT64 },
    { name: 'i2', type: INT64 },
    { name: 'n1', type: NUMERIC },
    { name: 'n2', type: NUMERIC },
    { name: 's1', type: STRING },
    { name: 's2', type: STRING },
    { name: 'd1', type: DATE },
    { name: 'd2', type: DATE },
    { name: 't1', type: TIMESTAMP },
    { name: 't2', type: TIMESTAMP },
    { name: 'b1', type: BOOL },
    { name: 'b2', type: BOOL },
    { name: 'f1', type: FLOAT64 },
    { name: 'f2', type: FLOAT64 },
    { name: 'y1', type: BYTES },
    { name: 'y2', type: BYTES },
    { name: 'dt1', type: DATETIME },
    { name: 'dt2', type: DATETIME },
    { name: 'c1', type: TIME },
    { name: 'c2', type: TIME },
    { name: 'j1', type: JSON_TYPE },
    { name: 's3', type: STRING },
    { name: 'words', type: arrayOf(STRING) },
    { name: 'numbers', type: arrayOf(INT64) },
    { name: 'parts', type: arrayOf(STRUCT) },
    { name: 'party', type: STRUCT },
  ],
  rows: withMore([
    {
      ...{ id: '1', i1: '1', i2: '2', n1: '1.5', n2: '2.5', s1: 'a', s2: 'b', b1: true, b2: false },
      ...{ d1: '2025-08-18', d2: '2025-08-19', t1: '2025-08-19T01:02:27Z', t2: '2025-08-19T08:00:00Z' },
      parts: [
        { id: '1', name: 'x' },
        { id: '2', name: null },
      ],
      party: { id: '7', name: 'Ann' },
    },
    {
      ...{ id: '2', i1: '5', i2: '5', n1: '0.005', n2: '0.005', s1: 'Estimate', s2: 'Estimate' },
      ...{ d1: '2024-12-30', d2: '2024-12-30', b1: true, b2: true },
      ...{ t1: '2025-08-18T06:59:59.999999Z', t2: '2025-08-18T06:59:59.999999Z' },
      parts: [],
      party: { id: '8', name: null },
    },
    {
      ...{ id: '3', i1: null, i2: '3', n1: null, n2: '3', s1: null, s2: 'x', b1: null, b2: true },
      ...{ d1: null, d2: '2025-01-01', t1: null, t2: '2025-01-01T00:00:00Z' },
      parts: [{ id: '3', name: 'z' }],
      party: null,
    },
    {
      ...{ id: '4', i1: '-7', i2: '2', n1: '-2.345', n2: '2', s1: 'ESTIMATE- Cabinets', s2: 'estimate' },
      ...{ d1: '2025-10-26', d2: '2025-10-27', b1: false, b2: true },
      ...{ t1: '2025-10-27T06:59:59Z', t2: '2025-10-27T07:00:00Z' },
      parts: [],
      party: { id: null, name: "O'Neil" },
    },
    {
      ...{ id: '5', i1: '9223372036854775807', i2: '1', n2: '1', s2: '' },
      ...{ n1: '99999999999999999999999999999.999999999', s1: ' \t padded \u00a0\n', b1: false, b2: null },
      ...{ d1: '2020-12-31', d2: '2021-01-03', t1: '2025-03-09T12:00:00Z', t2: '2024-03-09T12:30:00Z' },
      parts: [],
      party: { id: '1', name: '' },
    },
    {
      ...{ id: '6', i1: '0', i2: '0', n1: '0', n2: '0', s1: '', s2: '', b1: false, b2: false },
      ...{ d1: '2021-01-04', d2: '2020-12-28', t1: '1969-12-31T23:59:59.5Z', t2: '1970-01-01T00:00:00Z' },
      parts: [{ id: null, name: null }],
      party: { id: '2', name: 'a%b' },
    },
    { id: '7', parts: [] },
    {
      ...{ id: '8', i1: '10', i2: '-3', n1: '100.005', n2: '-0.333333333', s1: 'a%b_c\\d  e', s2: 'a\\%b' },
      ...{ d1: '2024-02-29', d2: '2025-02-28', b1: true, b2: null },
      ...{ t1: '2024-02-29T23:30:00Z', t2: '2024-03-01T07:00:00Z' },
      parts: [
        { id: '9', name: 'y' },
        { id: '9', name: 'y' },
      ],
      party: { id: '9', name: 'ß Ärger' },
    },
  ]),
};

/** The columns of the less usual types, by id of the row. */
function withMore(rows: TestTable['rows']): TestTable['rows'] {
  const more: Readonly<Record<string, TestTable['rows'][number]>> = {
    1: {
      ...{ f1: '1.5', f2: '-2.25', y1: 'ab', y2: 'ac', words: ['a', 'b'], numbers: ['1', '2'] },
      ...{ dt1: '2025-08-18 18:02:27', dt2: '2025-08-19 00:00:00', c1: '18:02:27', c2: '00:00:00' },
      ...{ j1: '{"a": 1, "b": {"c": "x"}, "d": [1, "y"], "n": null}', s3: '12.5' },
    },
    2: {
      ...{ f1: '2.5', f2: '2.5', y1: '', y2: '', words: [], numbers: [] },
      ...{ dt1: '2024-12-29 23:59:59', dt2: '2024-12-30 00:00:00', c1: '23:59:59', c2: '23:59:59' },
      ...{ j1: '[]', s3: ' 42 ' },
    },
    4: {
      ...{ f1: '-0.335', f2: '1e20', y1: 'Ärger', y2: 'x', words: ['x'], numbers: ['5', '-7', '0'] },
      ...{ dt1: '2024-02-29 00:00:00', dt2: '2023-03-31 12:30:15', c1: '07:08:09', c2: '12:30:15' },
      ...{ j1: '{"a": "text", "b": true}', s3: '2025-08-18' },
    },
    5: { f1: '0.1', f2: '3', dt1: '2020-12-31 12:00:00', c1: '12:00:00', j1: '"word"', s3: 'true' },
    6: {
      ...{ f1: '0', f2: '0', y1: '0', words: ['', 'a', 'a'], numbers: ['0'], j1: 'null' },
      ...{ s3: '2025-08-18T18:02:27-07:00' },
    },
    8: {
      ...{ f1: '123456.789', f2: '0.001', words: ['b'], numbers: ['3', '3'], j1: '{"a": 2.5}', s3: 'abc' },
      ...{ dt1: '2025-02-28 07:00:00', dt2: '2024-02-29 06:59:59' },
    },
  };
  return rows.map((row) => ({ words: [], numbers: [], ...row, ...more[String(row.id)] }));
}

/** Nested records and arrays, as a raw table of invoices has them. */
const INVOICES: TestTable = {
  name: 'inv',
  columns: [
    { name: 'id', type: INT64 },
    { name: 'customer', type: structOf({ name: STRING, address: structOf({ zip: STRING }) }) },
    { name: 'items', type: arrayOf(structOf({ sku: STRING, q: INT64, price: STRING })) },
    { name: 'tags', type: arrayOf(STRING) },
    { name: 'total', type: NUMERIC },
    { name: 'cost', type: NUMERIC },
    { name: 'created_at', type: TIMESTAMP },
    { name: 'extra', type: JSON_TYPE },
  ],
  rows: [
    {
      ...{
        id: '1',
        customer: { name: 'Ann', address: { zip: '85001' } },
        tags: ['x', 'y'],
        total: '100.005',
      },
      items: [
        { sku: 'a', q: '1', price: '1.10' },
        { sku: 'b', q: '2', price: '2.20' },
      ],
      ...{ cost: '40.5', created_at: '2025-08-18T07:30:00Z', extra: '{"a":1}' },
    },
    {
      ...{ id: '2', customer: { name: 'Bob test', address: { zip: null } }, items: [], tags: [] },
      ...{ total: '250.333333333', cost: '300', created_at: '2025-08-25T06:59:59Z', extra: '{"a":"x"}' },
    },
    {
      ...{ id: '3', customer: { name: null, address: null }, tags: ['z'], total: null, cost: null },
      items: [{ sku: 'c', q: '3', price: '0.333333333' }],
      created_at: '2025-08-19T01:02:27.125Z',
    },
    {
      ...{ id: '4', customer: { name: 'Ann', address: { zip: '85002' } }, tags: [], total: '33.335' },
      items: [{ sku: 'a', q: '5', price: '10' }],
      ...{ cost: '0', created_at: '2025-08-31T23:00:00Z', extra: '{"b":2}' },
    },
  ],
};

const UPDATES: TestTable = {
  name: 'upd',
  columns: [
    { name: 'id', type: INT64 },
    { name: 'v', type: NUMERIC },
  ],
  rows: [
    { id: '1', v: '10.5' },
    { id: '2', v: '20.5' },
    { id: '3', v: '30.5' },
  ],
};

/** Every table that a row of engine/conformance.csv may read. */
export const CONFORMANCE_TABLES: readonly TestTable[] = [CONFORMANCE_TABLE, INVOICES, UPDATES];
