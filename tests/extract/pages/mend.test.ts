import { describe, expect, test } from 'vitest';
import { countMembers, createMend } from '../../../extract/pages/mend.ts';
import { columnsOf, type JsonSchema } from '../../../schemas/columns.ts';

const SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    id: { type: 'integer', format: 'int64' },
    amount: { type: ['number', 'string'], format: 'decimal' },
    ids: { type: 'array', items: { type: 'integer', format: 'int64' } },
    items: {
      type: 'array',
      items: { type: 'object', properties: { id: { type: 'integer', format: 'int64' } } },
    },
  },
};
const mend = createMend(columnsOf(SCHEMA));

describe('a member that an object has twice', () => {
  test.each([
    ['equal', '{"id":1,"id":1}', '{"id":1}'],
    ['written with an escape', '{"id":1,"i\\u0064":1}', '{"id":1}'],
    ['equal as numbers', '{"id":1,"amount":1.50,"amount":1.5}', '{"id":1,"amount":1.50}'],
    [
      'equal objects with members in another order',
      '{"new":{"a":1,"b":2},"new":{"b":2,"a":1}}',
      '{"new":{"a":1,"b":2}}',
    ],
    ['nested in a list', '{"items":[{"id":1,"id":1},{"id":2}]}', '{"items":[{"id":1},{"id":2}]}'],
    ['three times', '{"id":1,"id":1,"id":1}', '{"id":1}'],
  ])('a member with the same value twice is taken once: %s', (_, record, expected) => {
    expect(mend(record)).toEqual({ text: expected, errors: [], misfits: [] });
  });

  test.each([
    ['at the top', '{"id":1,"id":2}', '/id'],
    ['written with an escape', '{"id":1,"i\\u0064":2}', '/id'],
    ['nested in a list', '{"items":[{"id":1},{"id":2,"id":3}]}', '/items/1/id'],
    ['in an unknown field', '{"new":{"a/b":1,"a/b":null}}', '/new/a~1b'],
    ['that only its text tells apart', '{"new":9007199254740993,"new":9007199254740992}', '/new'],
  ])('a member with two values is an error with its place: %s', (_, record, place) => {
    expect(mend(record).errors).toEqual([`${place}: comes twice, with different values`]);
  });

  test('a record has a member twice if its text has more members than its parsed form', () => {
    const record = '{"a":{"b":[{"c":1},{"d":{}}]},"__proto__":1,"e":[]}';
    expect(countMembers(JSON.parse(record))).toBe(6);
    expect(countMembers(JSON.parse('{"a":1,"a":{"b":1,"b":1}}'))).toBe(2);
  });
});

describe('whole numbers with a point or an exponent', () => {
  test.each([
    ['7.0', '7'],
    ['12e2', '1200'],
    ['-0.0', '0'],
    ['1.000000000000000e3', '1000'],
    ['9223372036854775807.0', '9223372036854775807'],
    ['"9007199254740993.0"', '"9007199254740993"'],
  ])('%s in a column of whole numbers is written as %s', (number, expected) => {
    expect(mend(`{"id":${number},"ids":[${number}]}`)).toEqual({
      text: `{"id":${expected},"ids":[${expected}]}`,
      errors: [],
      misfits: [],
    });
  });

  test.each([
    '999999999.999999999',
    '0.99999999999999999999',
    '1e-400',
    '9223372036854775808',
    '1e400',
  ])('%s in a column of whole numbers is an error', (number) => {
    expect(mend(`{"ids":[1,${number}]}`).errors).toEqual(['/ids/1: must be integer']);
  });

  test('amounts, unknown fields and text keep the way in which they are written', () => {
    const record = '{"amount":7.0,"new":12e2,"text":"7.0, \\"id\\":1.0","id":1}';
    expect(mend(record)).toEqual({ text: record, errors: [], misfits: [] });
  });
});
