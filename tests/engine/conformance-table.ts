import type { TestTable } from './engines.ts';

const INT64 = { typeKind: 'TYPE_INT64' };
const NUMERIC = { typeKind: 'TYPE_NUMERIC' };
const STRING = { typeKind: 'TYPE_STRING' };
const DATE = { typeKind: 'TYPE_DATE' };
const TIMESTAMP = { typeKind: 'TYPE_TIMESTAMP' };
const BOOL = { typeKind: 'TYPE_BOOL' };
const STRUCT = {
  typeKind: 'TYPE_STRUCT',
  structType: {
    field: [
      { fieldName: 'id', fieldType: INT64 },
      { fieldName: 'name', fieldType: STRING },
    ],
  },
};

/**
 * The table `t` that the rows of engine/conformance.csv query: two columns of each type with values that are often
 * handled wrongly: NULLs, half cents, both sides of week, year and zone borders, the largest numbers, white space.
 */
export const CONFORMANCE_TABLE: TestTable = {
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
    { name: 'parts', type: { typeKind: 'TYPE_ARRAY', arrayType: { elementType: STRUCT } } },
    { name: 'party', type: STRUCT },
  ],
  rows: [
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
  ],
};
