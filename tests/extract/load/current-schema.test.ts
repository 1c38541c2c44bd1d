import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { revalidate, upgradeLines } from '../../../extract/load/current-schema.ts';
import { rejectedLines } from '../../../extract/pages/rejected-records.ts';
import { moveUnknownFields, returnKnownFields } from '../../../extract/pages/unknown-fields.ts';

const FILE = { file: 'rejected-00001.ndjson.gz', rows: 1, bytes: 1, line_bytes: 1, sha256: '' };

describe('fields that the schema knows by now and _extra still holds', () => {
  const lift = (record: string, ...known: readonly string[]) =>
    returnKnownFields(record, (pointer) => (known.includes(pointer) ? { type: 'STRING' } : undefined));

  test('an accepted field returns from _extra to its place with its exact text; other fields stay', () => {
    const record =
      '{"id":1,"items":[{"a":1},{}],"_extra":{"new":1.2300,"/items/1/b~1c":{"d":[9007199254740993]},"z":null}}';
    expect(lift(record, '/new', '/items/1/b~1c')).toBe(
      '{"id":1,"items":[{"a":1},{"b/c":{"d":[9007199254740993]}}],"new":1.2300,"_extra":{"z":null}}',
    );
    expect(lift(record, '/new', '/items/1/b~1c', '/z')).not.toContain('_extra');
    expect(lift(record)).toBe(record);
  });

  test('returning accepted fields from _extra loses nothing of a record (property test)', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1 }).filter((name) => name !== '_extra' && !name.startsWith('/')),
          fc.jsonValue(),
          {
            minKeys: 1,
          },
        ),
        fc.array(fc.nat(5), { minLength: 1 }),
        fc.nat(3),
        (record, picks, count) => {
          const names = Object.keys(record);
          const unknown = [...new Set(picks.map((pick) => names[pick % names.length] ?? ''))];
          const pointers = unknown.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
          const moved = moveUnknownFields(JSON.stringify(record), pointers);
          const { _extra = {}, ...known } = JSON.parse(lift(moved, ...pointers.slice(0, count)));
          expect({ ...known, ..._extra }).toEqual(JSON.parse(JSON.stringify(record)));
          expect(Object.keys(_extra)).toHaveLength(Math.max(0, unknown.length - count));
        },
      ),
    );
  });

  test('an instant that returns from _extra is cut to microseconds like a column read anew', () => {
    const record = '{"id":1,"_extra":{"at":"2025-08-15T10:00:00.1234567Z"}}';
    expect(returnKnownFields(record, () => ({ type: 'TIMESTAMP' }))).toBe(
      '{"id":1,"at":"2025-08-15T10:00:00.123456Z"}',
    );
  });

  test('a field whose value does not fit its new column stays in _extra', () => {
    const lines = '{"id":1,"_extra":{"total":"much"}}\n{"id":2,"_extra":{"total":3.50}}\n{"id":3}\n';
    expect(upgradeLines('jobs', Buffer.from(lines)).toString()).toBe(
      '{"id":1,"_extra":{"total":"much"}}\n{"id":2,"total":3.50}\n{"id":3}\n',
    );
  });

  test('a field returns to its column in a line whose long numbers are in quotes', () => {
    const line = '{"id":"9223372036854775807","_extra":{"total":"12345678901234567890.5"},"_row_hash":"x"}\n';
    expect(upgradeLines('jobs', Buffer.from(line)).toString()).toBe(
      '{"id":"9223372036854775807","_row_hash":"x","total":"12345678901234567890.5"}\n',
    );
  });
});

describe('revalidating rejected records', () => {
  const fileOf = (...records: readonly string[]) =>
    rejectedLines(
      records.map((text, index) => ({
        ...{ id: '1', text, errors: ['/: old'] },
        extractedAt: `2025-10-27T12:00:00.00000${index + 1}Z`,
      })),
    );
  const RUN = { entity: 'jobs', run_id: 'run-1' };

  test('rejected records that fit the schema now become a page with their original instant', () => {
    const text = fileOf(
      '{"id":1,"total":"much"}',
      '{"id":2,"total":12345678901234567890.5,"novel":1,"modifiedOn":"2025-08-15T10:00:00.1234567Z"}',
    );
    const found = revalidate(RUN, FILE, text);
    expect(found.ndjson.toString()).toMatch(
      /^\{"id":2,"total":"12345678901234567890.5","modifiedOn":"2025-08-15T10:00:00.123456Z","_extra":\{"novel":1\},"_row_hash":"[0-9a-f]{32}","_extracted_at":"2025-10-27T12:00:00.000002Z","_page":"run-1\/.*"\}\n$/,
    );
    expect(found.page).toMatchObject({
      rows: 1,
      extracted_at: '2025-10-27T12:00:00.000001Z',
    });
    expect(found.rejected).toMatchObject([{ id: '1', errors: [expect.stringContaining('/total')] }]);
  });

  test('rejected records that still do not fit become no page', () => {
    expect(revalidate(RUN, FILE, fileOf('{"id":null}'))).toMatchObject({
      page: undefined,
      rejected: [
        {
          ...{ id: '1', record: '{"id":null}', rejected_at: '2025-10-27T12:00:00.000001Z' },
          errors: [expect.stringMatching(/^\/id: must be /)],
        },
      ],
    });
  });
});
