import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quoteHighPrecisionNumbers } from '../../../extract/pages/high-precision-numbers.ts';
import { createMend } from '../../../extract/pages/mend.ts';
import { readExportPage } from '../../../extract/pages/page.ts';
import { scanRecords } from '../../../extract/pages/scan.ts';
import { moveUnknownFields } from '../../../extract/pages/unknown-fields.ts';
import { type RecordRules, writeLines } from '../../../extract/pages/write-lines.ts';
import { columnsOf } from '../../../schemas/columns.ts';
import { isSpareLineField } from '../../../schemas/entities.ts';
import { readSchema } from '../../../schemas/schema-files.ts';
import { compileValidator } from '../../../schemas/validator.ts';

const REQUEST = { entity: 'jobs', method: 'GET', path: '/x' } as const;
const DATE_TIME_KEYS = new Set(['modifiedOn', 'date']);
const FITS: RecordRules = {
  key: ['id'],
  changeField: 'modifiedOn',
  validate: () => ({ errors: [], unknown: [], misfits: [], newValues: [] }),
  rowHash: () => 'hash',
  mend: createMend([]),
  dateTimeKeys: DATE_TIME_KEYS,
  extractedAt: (index) => `2025-10-27T12:00:00.00000${index}Z`,
  page: 'run/page-00001.ndjson.gz',
};

/** The members that end each line. */
const LINE_END =
  /,?"_row_hash":"hash","_extracted_at":"2025-10-27T12:00:00\.\d+Z","_page":"run\/page-00001\.ndjson\.gz"\}$/;

function pageOf(data: string) {
  const body = Buffer.from(`{"hasMore":false,"continueFrom":"x","data":${data}}`);
  return readExportPage({ body, request: REQUEST }, (bytes) => scanRecords(bytes, DATE_TIME_KEYS));
}

const write = (data: string, rules: Partial<RecordRules> = {}) =>
  writeLines(pageOf(data), { ...FITS, ...rules });
/** A line without the members that end it. */
const recordOf = (text: string) => text.replace(LINE_END, '}');
const line = (record: string, rules: Partial<RecordRules> = {}) =>
  recordOf(write(`[${record}]`, rules).ndjson.toString().slice(0, -1));

describe('NDJSON lines of landed records', () => {
  test.each([
    ['a trailing zero', '{"total":12.50,"n":1.0e-7}'],
    ['spaces', '{ "id" :  1 ,"a":[ 1 , 2 ] }'],
    ['escapes', '{"s":"\\u00e9\\u2028\\/\\n\\ud83d\\ude00"}'],
    ['other alphabets and line separators', '{"s":"é ñ \u2028 漢 😀"}'],
    ['keys in another order', '{"z":1,"a":2}'],
  ])('a landed record keeps its text byte for byte: %s', (_, record) => {
    expect(line(record)).toBe(record);
  });

  test('an amount loses its exponent, in quotes or not; other numbers and texts keep theirs', () => {
    const mend = createMend(columnsOf(readSchema('invoices')));
    const record =
      '{"total":1.5E-05,"balance":"7e-13","referenceNumber":"12E5","items":[{"cost":-2e3,"id":1}],"new":1e3}';
    expect(line(record, { mend })).toBe(
      '{"total":"0.000015","balance":"0.0000000000007","referenceNumber":"12E5","items":[{"cost":"-2000","id":1}],"new":1e3}',
    );
    expect(line('{"total":"1e-999"}', { mend })).toBe('{"total":"0"}');
  });

  test('a wrong value of a line field that no KPI needs moves to _extra, and costs its record no other field', () => {
    const columns = columnsOf(readSchema('invoices'));
    const isSpare = (pointer: string) => isSpareLineField('invoices', pointer);
    const rules = { validate: compileValidator('invoices'), mend: createMend(columns, isSpare) };
    const record = (line: string) => `{"id":1,"modifiedOn":"2025-10-01T00:00:00Z","items":[${line}]}`;
    expect(line(record('{"id":2,"memberPrice":"free","total":"1.5"}'), rules)).toBe(
      '{"id":1,"modifiedOn":"2025-10-01T00:00:00Z","items":[{"id":2,"total":"1.5"}],"_extra":{"/items/0/memberPrice":"free"}}',
    );
    // A whole number with a fraction is found by its text, not by the validator.
    expect(line(record('{"id":2,"technicianId":999999999.999999999,"total":"1.5"}'), rules)).toContain(
      '"_extra":{"/items/0/technicianId":',
    );
    for (const wrong of ['{"id":2,"total":"x"}', '"no line"', '{"id":2.5}']) {
      const { rows, rejected } = write(`[${record(wrong)}]`, rules);
      expect([wrong, rows, rejected.length]).toEqual([wrong, 0, 1]);
    }
  });

  test('any JSON object is landed in one line, unchanged but for quotes around long numbers (property test)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 6 }),
        fc.nat(4),
        (rows, indent) => {
          const lines = write(JSON.stringify(rows, null, indent))
            .ndjson.toString()
            .split('\n')
            .slice(0, -1)
            .map(recordOf);
          expect(lines).toHaveLength(rows.length);
          const landed = rows.map((row) => quoteHighPrecisionNumbers(JSON.stringify(row)));
          expect(lines.map((text) => JSON.parse(text))).toEqual(landed.map((text) => JSON.parse(text)));
          if (indent === 0) expect(lines).toEqual(landed);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('fractions of a second are cut to microseconds in date-time fields only', () => {
    const long = '2021-07-19T20:35:38.2876004Z';
    expect(
      line(
        `{"modifiedOn":"${long}","name":"${long}","items":[{"date":"2021-07-19T20:35:38.123456789+00:00"}]}`,
      ),
    ).toBe(
      `{"modifiedOn":"2021-07-19T20:35:38.287600Z","name":"${long}","items":[{"date":"2021-07-19T20:35:38.123456+00:00"}]}`,
    );
    expect(line('{"modifiedOn":"2021-07-19T20:35:38.28Z"}')).toBe('{"modifiedOn":"2021-07-19T20:35:38.28Z"}');
  });

  test('a text that looks like a date-time field is landed unchanged', () => {
    const record = '{"name":"x\\"modifiedOn\\":\\"2021-07-19T20:35:38.2876004Z\\""}';
    expect(line(record)).toBe(record);
  });

  test('line breaks between tokens are removed and line breaks inside texts stay', () => {
    expect(line('{\r\n  "a": [\n    1,\n    2\n  ],\n  "s": "x\\ny"\n}')).toBe('{"a": [1,2],"s": "x\\ny"}');
  });

  test('cutting fractions of a rejected record does not shift the next record', () => {
    const data =
      '[{"id":null,"modifiedOn":"2021-07-19T20:35:38.2876004Z"},{"id":2,"modifiedOn":"2021-07-20T20:35:38.2876004Z"}]';
    const validate: RecordRules['validate'] = (record) =>
      Object(record).id === null
        ? { errors: ['/id: must be integer'], unknown: [], misfits: [], newValues: [] }
        : { errors: [], unknown: [], misfits: [], newValues: [] };
    const lines = write(data, { validate });
    const [only = '', ...others] = lines.ndjson.toString().split('\n');
    expect(recordOf(only)).toBe('{"id":2,"modifiedOn":"2021-07-20T20:35:38.287600Z"}');
    expect(others).toEqual(['']);
    expect(lines.rejected).toEqual([
      {
        id: null,
        text: '{"id":null,"modifiedOn":"2021-07-19T20:35:38.2876004Z"}',
        errors: ['/id: must be integer'],
        extractedAt: '2025-10-27T12:00:00.000000Z',
      },
    ]);
    expect(only).toContain('"_extracted_at":"2025-10-27T12:00:00.000001Z"');
  });

  test('half a surrogate pair is rejected; a whole pair and an escaped backslash are not', () => {
    const data =
      '[{"id":1,"s":"\\ud800"},{"id":2,"s":"\\uD83D\\uDE00"},{"id":3,"s":"\\\\ud800"},{"id":4,"\\udc00":1}]';
    const lines = write(data);
    expect(lines.rejected.map(({ id }) => id)).toEqual(['1', '4']);
    expect(lines.rows).toBe(2);
  });

  test('a record that is not JSON fails the page with its position', () => {
    expect(() => write('[{"id":1},{"id":}]')).toThrow('record 2 of the page is not JSON');
    expect(() => write('[{"s":"a\u0000b"}]')).toThrow('record 1 of the page is not JSON');
  });

  test('numbers that a double cannot hold are landed in quotes', () => {
    const isQuoted = (number: string) =>
      line(`{"n":${number},"m":[${number}]}`) === `{"n":"${number}","m":["${number}"]}`;
    expect(
      ['1234567890.1234567', '-0.1234567890123456', '12345678901234567890', '1.234567890123456e3'].map(
        isQuoted,
      ),
    ).toEqual([true, true, true, true]);
    expect(['9007199254740993', '-9007199254740992', '9223372036854775807'].map(isQuoted)).toEqual([
      true,
      true,
      true,
    ]);
    for (const number of ['9007199254740991', '123456789.12345', '0.000000000000000001', '-12.5']) {
      expect(line(`{"n":${number}}`)).toBe(`{"n":${number}}`);
    }
    expect(line('{"s":"12345678901234567890.5"}')).toBe('{"s":"12345678901234567890.5"}');
  });

  test('a line ends with its row hash, its own instant of extraction and its page', () => {
    const [first, second] = write('[{"id":1},{"id":2}]').ndjson.toString().split('\n');
    const page = '"_page":"run/page-00001.ndjson.gz"}';
    expect(first).toBe(`{"id":1,"_row_hash":"hash","_extracted_at":"2025-10-27T12:00:00.000000Z",${page}`);
    expect(second).toBe(`{"id":2,"_row_hash":"hash","_extracted_at":"2025-10-27T12:00:00.000001Z",${page}`);
  });

  test('the newest change instant of a page is the latest of all its records', () => {
    const lines = write(
      '[{"modifiedOn":"2025-01-02T00:00:00.9999999Z"},{"modifiedOn":null},{"modifiedOn":"2025-01-01T00:00:00Z"}]',
    );
    expect(lines.newestChangeMs).toBe(Date.parse('2025-01-02T00:00:00.999Z'));
  });

  test('a change instant that means "never" is none', () => {
    const seen: (number | undefined)[] = [];
    const data = [
      '0001-01-01T00:00:00Z',
      '0001-01-01T07:00:00',
      '9999-12-31T23:59:59.9999999Z',
      '2025-01-02T00:00:00Z',
    ];
    const lines = write(JSON.stringify(data.map((modifiedOn) => ({ modifiedOn }))), {
      onChange: (changeMs) => seen.push(changeMs),
    });
    expect(seen).toEqual([undefined, undefined, undefined, Date.parse('2025-01-02')]);
    expect(lines).toMatchObject({ rows: 4, newestChangeMs: Date.parse('2025-01-02') });
  });
});

describe('unknown fields in _extra', () => {
  test('unknown fields move to _extra with their exact text, nested ones by JSON pointer', () => {
    const record = '{"id":1,"new":1.2300,"items":[{"a":1},{"a":2,"b/c":{"d":[9007199254740993]}}],"z":null}';
    expect(moveUnknownFields(record, ['/new', '/items/1/b~1c', '/z'])).toBe(
      '{"id":1,"items":[{"a":1},{"a":2}],"_extra":{"new":1.2300,"/items/1/b~1c":{"d":[9007199254740993]},"z":null}}',
    );
  });

  test('a field named _extra and a record of unknown fields alone keep everything', () => {
    expect(moveUnknownFields('{"_extra":{"x":1}}', ['/_extra'])).toBe('{"_extra":{"_extra":{"x":1}}}');
  });

  test('moving unknown fields to _extra loses nothing of a record (property test)', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { minKeys: 1 }),
        fc.array(fc.nat(5)),
        (record, picks) => {
          const names = Object.keys(record);
          const unknown = [...new Set(picks.map((pick) => names[pick % names.length] ?? ''))];
          if (unknown.length === 0) return;
          const pointers = unknown.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
          const { _extra, ...known } = JSON.parse(moveUnknownFields(JSON.stringify(record), pointers));
          expect(new Set(Object.keys(_extra))).toEqual(new Set(unknown));
          expect({ ...known, ..._extra }).toEqual(JSON.parse(JSON.stringify(record)));
        },
      ),
      { numRuns: 300 },
    );
  });
});
