import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countBefore, justAfter, parseInstant, positionOf } from '../../sandbox/store/position.ts';
import { fieldsOf, fieldText, withField, withoutField } from '../../sandbox/store/record-text.ts';
import { createEntityStore, recordOf } from '../../sandbox/store/store.ts';
import { job } from './client.ts';

const anyObject = fc.dictionary(fc.string(), fc.jsonValue());
const spaces = fc.constantFrom(undefined, 1, '\t');

test('the sandbox finds the fields in any record text (property test)', () => {
  fc.assert(
    fc.property(anyObject, spaces, (object, space) => {
      const text = JSON.stringify(object, null, space);
      const found = fieldsOf(text).map((f) => [f.name, JSON.parse(text.slice(f.valueStart, f.end))]);
      expect(found).toEqual(Object.entries(JSON.parse(text)));
    }),
  );
});

test('setting or removing a field leaves every other byte of a record unchanged', () => {
  fc.assert(
    fc.property(anyObject, fc.string(), fc.jsonValue(), spaces, (object, name, value, space) => {
      fc.pre(name !== '__proto__' && !Object.hasOwn(object, '__proto__'));
      const text = JSON.stringify(object, null, space);
      const changed = withField(text, name, JSON.stringify(value));
      expect(JSON.parse(changed)).toEqual(JSON.parse(JSON.stringify({ ...object, [name]: value })));
      const { [name]: _, ...rest } = JSON.parse(text);
      expect(JSON.parse(withoutField(text, name))).toEqual(rest);
    }),
  );
  expect(withField('{"id":9007199254740993,"a":1.10}', 'a', '2.20')).toBe('{"id":9007199254740993,"a":2.20}');
  expect(fieldText('{"id":9007199254740993}', 'id')).toBe('9007199254740993');
});

test('the sandbox store keeps records in the order of modifiedOn, then numeric id', () => {
  const store = createEntityStore(
    [job(10, '2025-01-01T00:00:00Z'), job(9, '2025-01-01T00:00:00Z'), job(1, '2025-01-01T00:00:00.5Z')].map(
      recordOf,
    ),
  );
  const ids = () => store.all().map(({ id }) => id);
  expect(ids()).toEqual(['9', '10', '1']);
  store.upsert(job(9, '2025-01-01T00:00:00.4999999Z'));
  expect(ids()).toEqual(['10', '9', '1']);
  store.upsert(job(2, '2024-01-01T00:00:00Z'));
  store.remove('1');
  expect(ids()).toEqual(['2', '10', '9']);
  expect(() => store.upsert('{"id":3}')).toThrow(/neither createdOn nor modifiedOn/);
});

test('the sandbox store keeps several records with a null id', () => {
  const store = createEntityStore([]);
  store.upsert('{"id":null,"modifiedOn":"2025-01-01T00:00:00Z"}');
  store.upsert('{"id":null,"modifiedOn":"2025-01-01T00:00:00Z"}');
  expect(store.all()).toHaveLength(2);
});

test('a position in the sandbox store counts exactly the records before it', () => {
  const instant = fc.integer({ min: 0, max: 5 }).map((n) => `2025-01-01T00:00:0${n}${n % 2 ? '.50' : ''}Z`);
  const record = fc.tuple(fc.integer({ min: 1, max: 99 }), instant);
  fc.assert(
    fc.property(fc.uniqueArray(record, { selector: ([id]) => id, minLength: 1 }), (rows) => {
      const records = createEntityStore(rows.map(([id, on]) => recordOf(job(id, on)))).all();
      for (const [index, one] of records.entries()) {
        expect(countBefore(records, positionOf(one))).toBe(index);
        expect(countBefore(records, justAfter(positionOf(one)))).toBe(index + 1);
      }
    }),
  );
});

test.each([
  ['2025-10-01', '2025-10-01T00:00:00.0000000'],
  ['2025-10-01T02:03:04', '2025-10-01T02:03:04.0000000'],
  ['2025-10-01T02:03:04.1234567Z', '2025-10-01T02:03:04.1234567'],
  ['2025-10-01T02:03:04.5-07:00', '2025-10-01T09:03:04.5000000'],
  ['2025-13-01', undefined],
  ['10/1/2025', undefined],
])('the sandbox reads %s as the instant %s', (text, expected) => {
  expect(parseInstant(text)).toBe(expected);
});
