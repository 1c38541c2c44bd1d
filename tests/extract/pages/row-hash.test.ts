import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRowHash } from '../../../extract/pages/row-hash.ts';
import type { Column } from '../../../schemas/columns.ts';

function column(name: string, type: Column['type'], more: Partial<Column> = {}): Column {
  return { name, type, repeated: false, required: false, description: '', personal: false, ...more };
}

const ITEM = [column('id', 'INT64'), column('total', 'NUMERIC'), column('note', 'STRING')];
const COLUMNS: readonly Column[] = [
  column('id', 'INT64'),
  column('modifiedOn', 'TIMESTAMP'),
  column('name', 'STRING'),
  column('number', 'STRING'),
  column('total', 'NUMERIC'),
  column('active', 'BOOL'),
  column('address', 'STRUCT', { fields: [column('city', 'STRING'), column('zip', 'STRING')] }),
  column('items', 'STRUCT', { repeated: true, fields: ITEM }),
  column('tags', 'STRING', { repeated: true }),
  column('amounts', 'NUMERIC', { repeated: true }),
];

function hashOf(record: string, columns: readonly Column[] = COLUMNS): string {
  // A record lies somewhere on its page, between others.
  const before = '{"data":[{"id":9},';
  const bytes = Buffer.from(`${before}${record},{"id":8}]}`);
  const start = before.length;
  return createRowHash(columns)(bytes, start);
}

/** Expects one hash for all spellings of a record, with and without a schema that knows its fields. */
function expectSame(spellings: readonly string[], columns = COLUMNS) {
  expect(spellings.map((record) => [record, hashOf(record, columns)])).toEqual(
    spellings.map((record) => [record, hashOf(spellings[0] ?? '', columns)]),
  );
}

test('the row hash is 32 hexadecimal digits, and the neighbours of a record on its page do not count', () => {
  const record = '{"id":1,"name":"A"}';
  expect(hashOf(record)).toMatch(/^[0-9a-f]{32}$/);
  const alone = Buffer.from(record);
  expect(createRowHash(COLUMNS)(alone, 0)).toBe(hashOf(record));
});

test('the change instant of a record does not count, and that of its items does', () => {
  const ofContent = (record: string) => createRowHash(COLUMNS, 'modifiedOn')(Buffer.from(record), 0);
  const record = (at: string, item: string) =>
    `{"modifiedOn":"2025-10-${at}T00:00:00.5Z","id":1,"items":[{"modifiedOn":"2025-10-${item}T00:00:00Z"}]}`;
  const expected = ofContent(record('01', '01'));
  expect(ofContent(record('02', '01'))).toBe(expected);
  expect(ofContent(`{"id":1,"items":[{"modifiedOn":"2025-10-01T00:00:00Z"}],"modifiedOn":null}`)).toBe(
    expected,
  );
  expect(ofContent(`{"id":1,"items":[{"modifiedOn":"2025-10-01T00:00:00Z"}]}`)).toBe(expected);
  const spaced = JSON.stringify(JSON.parse(record('02', '01')), null, 1).replaceAll('":', '" :');
  expect(ofContent(spaced)).toBe(expected);
  for (const never of ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.9999999Z'])
    expect(ofContent(record('01', '01').replace('2025-10-01T00:00:00.5Z', never))).not.toBe(expected);
  expect(ofContent(record('01', '02'))).not.toBe(expected);
  expect(ofContent(record('01', '01').replace('"id":1', '"id":2'))).not.toBe(expected);
});

describe('spellings of one content have one row hash', () => {
  test.each([
    ['another order of fields', ['{"id":1,"name":"A","total":2}', '{"total":2,"id":1,"name":"A"}']],
    [
      'another order of nested fields',
      [
        '{"id":1,"items":[{"id":2,"total":3,"note":"x"}],"address":{"city":"P","zip":"1"}}',
        '{"address":{"zip":"1","city":"P"},"items":[{"note":"x","total":3,"id":2}],"id":1}',
      ],
    ],
    [
      'the spelling of a number',
      ['12.50', '12.5', '"12.5"', '"12.50"', '1.25e1', '1.25E+1', '125e-1', '"1.25e1"'].map(
        (number) => `{"id":1,"total":${number}}`,
      ),
    ],
    ['the spelling of a whole number', ['100', '1e2', '100.0', '"100"'].map((id) => `{"id":${id}}`)],
    ['the sign of zero', ['0', '-0', '0.0', '-0.00', '0e5'].map((total) => `{"total":${total}}`)],
    [
      'a number in a list and in a nested field',
      ['{"amounts":[1.50],"items":[{"total":2.0}]}', '{"amounts":["1.5"],"items":[{"total":"2"}]}'],
    ],
    [
      'null, absent and empty',
      [
        '{"id":1}',
        '{"id":1,"name":null}',
        '{"id":1,"tags":[]}',
        '{"id":1,"address":{}}',
        '{"id":1,"address":{"city":null}}',
        '{"name":null,"id":1,"unknown":null,"tags":[],"other":{"deep":{"empty":[]}}}',
      ],
    ],
    [
      'the offset of an instant',
      ['2021-07-19T20:35:38Z', '2021-07-19T13:35:38-07:00', '2021-07-20T02:05:38+05:30'].map(
        (at) => `{"id":1,"modifiedOn":"${at}"}`,
      ),
    ],
    [
      'zeros at the end of a fraction of a second',
      ['38Z', '38.0Z', '38.000000Z', '38.0000000Z'].map((end) => `{"modifiedOn":"2021-07-19T20:35:${end}"}`),
    ],
    [
      'digits beyond microseconds',
      ['38.2876Z', '38.28760Z', '38.287600Z', '38.2876004Z', '38.287600+00:00'].map(
        (end) => `{"modifiedOn":"2021-07-19T20:35:${end}"}`,
      ),
    ],
    [
      'escapes in a text',
      ['{"name":"é/😀\\n"}', '{"name":"\\u00e9\\/\\ud83d\\uDE00\\n"}', '{"name":"\\u00E9/😀\\u000a"}'],
    ],
    [
      'escapes in an instant and in a number',
      [
        '{"modifiedOn":"2021-07-19T22:35:38+02:00","total":"1.50"}',
        '{"modifiedOn":"2021-07-19T22:35:38\\u002B02:00","total":"1\\u002e5"}',
        '{"modifiedOn":"2021-07-19T20\\u003a35:38Z","total":1.5}',
      ],
    ],
    ['escapes in a name', ['{"name":"x","é":1}', '{"n\\u0061me":"x","\\u00e9":1}']],
    [
      'white space',
      [
        '{"id":1,"tags":["a","b"],"address":{"city":"P"},"total":1.5}',
        '{ "id" : 1 , "tags" : [ "a" , "b" ] ,\r\n\t"address": { "city" :"P" },  "total": 1.50 }',
      ],
    ],
  ])('the row hash does not depend on %s', (_, spellings) => {
    expectSame(spellings);
  });

  test('a field that the schema does not know yet has the same row hash once it knows it', () => {
    const record =
      '{"name":"A","id":1,"modifiedOn":"2021-07-19T13:35:38.50-07:00","items":[{"note":"x","total":1.50,"id":2}],"address":{"zip":"1","city":"P"}}';
    const without = (name: string) => COLUMNS.filter((each) => each.name !== name);
    const fewerNested = COLUMNS.map((each) =>
      each.name === 'items' ? { ...each, fields: ITEM.slice(0, 1) } : each,
    );
    for (const columns of [without('name'), without('items'), without('address'), fewerNested, []])
      expect(hashOf(record, columns)).toBe(hashOf(record));
  });

  test.each([
    ['a text with a T at the eleventh place', 'Some text Title of a job in Phoenix'],
    ['an instant of a day that does not exist', '2021-13-41T25:61:00-07:00'],
    ['an instant with more text', '2021-07-19T20:35:38Z and later'],
  ])('%s is a text like any other', (_, name) => {
    const record = (text: string) => JSON.stringify({ id: 1, name: text });
    expect(hashOf(record(name))).toMatch(/^[0-9a-f]{32}$/);
    expect(hashOf(record(name))).not.toBe(hashOf(record(`${name}!`)));
  });
});

describe('different contents have different row hashes', () => {
  const expectDifferent = (records: readonly string[]) =>
    expect(new Set(records.map((record) => hashOf(record))).size).toBe(records.length);

  test.each([
    ['another value', ['{"id":1,"name":"A"}', '{"id":1,"name":"B"}', '{"id":2,"name":"A"}']],
    ['a value that moves to a neighbouring field', ['{"name":"x"}', '{"number":"x"}', '{"other":"x"}']],
    [
      'text that looks like a neighbouring field',
      ['{"name":"a","number":"b"}', '{"name":"a\\",\\"number\\":\\"b"}', '{"name":"a\\",\\"number\\":null"}'],
    ],
    ['an empty text and none', ['{"id":1}', '{"id":1,"name":""}']],
    ['false, zero and none', ['{"id":1}', '{"id":1,"active":false}', '{"id":1,"total":0}']],
    ['the order of a list', ['{"tags":["a","b"]}', '{"tags":["b","a"]}']],
    ['the length of a list', ['{"tags":["a"]}', '{"tags":["a","a"]}', '{"tags":["a",null]}']],
    ['the place of an empty item', ['{"items":[{},{"id":1}]}', '{"items":[{"id":1},{}]}']],
    ['the borders of list items', ['{"tags":["a,b"]}', '{"tags":["a","b"]}', '{"tags":["a\\",\\"b"]}']],
    ['a text and a number in a column of text', ['{"name":"1"}', '{"name":1}']],
    ['a text and a number in an unknown field', ['{"other":"1"}', '{"other":1}']],
    ['a nested and a top-level field', ['{"address":{"city":"P"}}', '{"city":"P"}']],
    [
      'a sign, a decimal and an exponent',
      ['1.5', '-1.5', '1.51', '15', '1.5e2'].map((n) => `{"total":${n}}`),
    ],
    [
      'a microsecond',
      ['38.287600Z', '38.287601Z', '39Z'].map((end) => `{"modifiedOn":"2021-07-19T20:35:${end}"}`),
    ],
    ['a digit beyond what a double keeps', ['{"id":9007199254740993}', '{"id":9007199254740992}']],
  ])('the row hash depends on %s', (_, records) => {
    expectDifferent(records);
  });

  test('a record with many long numbers is hashed to its last byte', () => {
    const record = (last: string) => `{"amounts":[${Array(3000).fill('1e300').join(',')}],"name":"${last}"}`;
    expectDifferent([record('a'), record('b')]);
    const written = `{"name":"a","amounts":[${Array(3000)
      .fill(`1${'0'.repeat(300)}`)
      .join(',')}]}`;
    expect(hashOf(written)).toBe(hashOf(record('a')));
  });
});

describe('the row hash of any record (property tests)', () => {
  type Value =
    | null
    | boolean
    | string
    | { number: bigint; decimals: number }
    | Value[]
    | { members: Members };
  type Members = readonly (readonly [name: string, value: Value])[];

  // Names of the schema, other names, and such as need escapes.
  const name = fc.oneof(
    fc.constantFrom(...COLUMNS.map((each) => each.name), 'note', 'city', 'é', '"', 'a\\b', '_extra'),
    fc.string({ maxLength: 4 }),
  );
  const number = fc.record({ number: fc.bigInt(-(10n ** 20n), 10n ** 20n), decimals: fc.nat(9) });
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc
      .date({ noInvalidDate: true, min: new Date('1970-01-01'), max: new Date('2100-01-01') })
      .map((date) => date.toISOString()),
  );
  const { value } = fc.letrec<{ value: Value; members: { members: Members } }>((tie) => ({
    members: fc.record({
      members: fc.uniqueArray(fc.tuple(name, tie('value')), { maxLength: 6, selector: ([each]) => each }),
    }),
    value: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(fc.constant(null), fc.boolean(), text, number),
      fc.array(tie('value'), { maxLength: 4 }),
      tie('members'),
    ),
  }));
  const members = fc
    .uniqueArray(fc.tuple(name, value), { minLength: 1, maxLength: 12, selector: ([each]) => each })
    .map((each): Value => ({ members: each }));

  const isNumber = (each: Value): each is { number: bigint; decimals: number } =>
    typeof each === 'object' && each !== null && 'number' in each;
  const isObject = (each: Value): each is { members: Members } =>
    typeof each === 'object' && each !== null && 'members' in each;
  const isEmpty = (each: Value): boolean =>
    each === null ||
    (Array.isArray(each)
      ? each.length === 0
      : isObject(each) && each.members.every(([, child]) => isEmpty(child)));

  /** JSON of a value, spelled as `pick` chooses; it returns a number below its argument. */
  function spelled(each: Value, pick: (below: number) => number): string {
    const space = () => ['', '', ' ', '\n  '][pick(4)] ?? '';
    if (isNumber(each)) return spelledNumber(each, pick);
    if (Array.isArray(each))
      return `[${space()}${each.map((item) => spelled(item, pick)).join(`${space()},${space()}`)}${space()}]`;
    if (isObject(each)) {
      const shuffled = [...each.members];
      for (let at = shuffled.length - 1; at > 0; at--) {
        const other = pick(at + 1);
        const [a, b] = [shuffled[at], shuffled[other]];
        if (a && b) [shuffled[at], shuffled[other]] = [b, a];
      }
      const kept = shuffled.filter(([, child]) => !isEmpty(child) || pick(2) === 0);
      const empty =
        pick(3) === 0 ? [`"added by ${pick(5)}":${['null', '[]', '{}', '{"a":[]}'][pick(4)]}`] : [];
      const written = kept.map(
        ([key, child]) => `${spelledText(key, pick)}${space()}:${space()}${spelled(child, pick)}`,
      );
      return `{${space()}${[...written, ...empty].join(`${space()},${space()}`)}${space()}}`;
    }
    return typeof each === 'string' ? spelledText(each, pick) : String(each);
  }

  function spelledText(each: string, pick: (below: number) => number): string {
    return JSON.stringify(each).replace(/[a-zA-Z/é](?<!\\.)/g, (character, at: number, whole: string) => {
      if (pick(8) > 0 || /\\u?[0-9a-f]{0,4}$/i.test(whole.slice(Math.max(0, at - 5), at))) return character;
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
  }

  function spelledNumber(
    { number: digits, decimals }: { number: bigint; decimals: number },
    pick: (below: number) => number,
  ) {
    const sign = digits < 0n ? '-' : '';
    const all = String(digits < 0n ? -digits : digits).padStart(decimals + 1, '0');
    const whole = all.slice(0, all.length - decimals);
    const fraction = `${all.slice(all.length - decimals)}${'0'.repeat(pick(3))}`;
    const plain = `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
    const exponent = `${sign}${all.replace(/^0+(?=\d)/, '')}${pick(2) === 0 ? 'e' : 'E'}-${decimals}`;
    return pick(2) === 0 ? plain : exponent;
  }

  const inOrder = () => 0;
  const randomly = (seed: number) => {
    let state = seed || 1;
    return (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  };

  test('shuffling the fields and spelling the values in another way never changes the row hash', () => {
    fc.assert(
      fc.property(members, fc.nat(), fc.subarray([...COLUMNS]), (record, seed, columns) => {
        const pick = randomly(seed);
        const other = spelled(record, pick);
        expect(hashOf(other, columns)).toBe(hashOf(spelled(record, inOrder), columns));
      }),
      { numRuns: 2000 },
    );
  });

  /** The value with one of its leaves changed. */
  function changed(each: Value, at: { left: number }): Value {
    if (Array.isArray(each)) return each.map((item) => changed(item, at));
    if (isObject(each))
      return { members: each.members.map(([key, child]) => [key, changed(child, at)] as const) };
    if (at.left-- !== 0) return each;
    if (each === null) return 'was null';
    if (typeof each === 'boolean') return !each;
    if (typeof each === 'string') return `${each}.`;
    return { ...each, number: each.number + 1n };
  }

  const leaves = (each: Value): number => {
    if (Array.isArray(each)) return each.reduce((sum: number, item) => sum + leaves(item), 0);
    return isObject(each) ? each.members.reduce((sum, [, child]) => sum + leaves(child), 0) : 1;
  };

  test('changing one leaf changes the row hash', () => {
    fc.assert(
      fc.property(members, fc.nat(), fc.nat(), fc.subarray([...COLUMNS]), (record, which, seed, columns) => {
        const count = leaves(record);
        fc.pre(count > 0);
        const other = changed(record, { left: which % count });
        expect(hashOf(spelled(other, randomly(seed)), columns)).not.toBe(
          hashOf(spelled(record, inOrder), columns),
        );
      }),
      { numRuns: 2000 },
    );
  });
});
