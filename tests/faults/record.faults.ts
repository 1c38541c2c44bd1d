import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { LandedFile, Manifest } from '../../extract/landing/manifest.ts';
import { query } from '../e2e/command.ts';
import { job } from '../sandbox/client.ts';
import { type Case, countsAs, settles, startCase } from './case.ts';
import { invoice, smallTenant } from './tenant.ts';

let cases = 0;
beforeEach(() => {
  cases += 1;
});
countsAs('record', () => cases);

const WHEN = '2025-08-15T10:00:00Z';
const nested = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
/** Members that are stored unchanged. */
const STRANGE: readonly (readonly [name: string, member: string])[] = [
  ['an unknown field', '"newField":{"deep":[1.50]}'],
  ['an unknown value of an enum', '"jobStatus":"NeverSeenBefore"'],
  ['fields with the names of our own columns', '"_extra":{"a":1},"_row_hash":"x","_run_id":"y"'],
  ['a field nested 200 deep', `"newField":${nested(200)}`],
  ['a text of 10 MB', `"summary":"${'x'.repeat(10_000_000)}"`],
  ['an unknown field of 10 MB', `"newField":"${'y'.repeat(10_000_000)}"`],
  ['U+2028 and U+2029', '"summary":"line\u2028line\u2029line"'],
  ['an escaped NUL', '"summary":"a\\u0000b"'],
  ['a pair of surrogates as escapes', '"summary":"\\ud83d\\ude00"'],
  ['line breaks and quotes', '"summary":"a\\n\\"b\\"\\\\\\r\\nc"'],
  ['the earliest instant of .NET', '"completedOn":"0001-01-01T00:00:00"'],
  ['a whole number of 19 digits', '"customerId":9223372036854770000'],
  ['whole numbers with a point or an exponent', '"customerId":7.0,"locationId":12e2'],
  ['a member twice with the same value', '"summary":"a","summary":"a","customer":{"id":2,"id":2.0}'],
  ['_extra as a nested field', '"customer":{"_extra":1},"newField":{"_extra":{"a":9007199254740993}}'],
  ['an amount of 29 digits', '"total":12345678901234567890.123456789'],
];

/** Members that make a record a rejected record. */
const WRONG: readonly (readonly [name: string, member: string])[] = [
  ['a text for a number', '"total":"much"'],
  ['an object for a text', '"summary":{"name":"Done"}'],
  ['a lone surrogate', '"summary":"\\ud83d"'],
  ['a day that does not exist', '"paidOn":"2025-02-30T00:00:00Z"'],
  ['an hour that does not exist', '"paidOn":"2025-02-03T25:00:00Z"'],
  ['a month that does not exist', '"paidOn":"2025-13-01T00:00:00Z"'],
  ['a whole number beyond 64 bits', '"projectId":9223372036854775808'],
  ['an amount beyond NUMERIC', '"total":1e30'],
  ['an infinite amount', '"total":1e400'],
  ['a member twice with different values', '"summary":"a","summary":"b"'],
  ['a nested member twice with different values', '"customer":{"id":1,"i\\u0064":2}'],
  ['a whole number with a fraction that a double does not hold', '"projectId":999999999.999999999'],
  ['an instant that is no longer in the year 9999 in UTC', '"paidOn":"9999-12-31T23:59:59-01:00"'],
  ['a field nested 5,000 deep', `"newField":${nested(5000)}`],
];

test(`unusual but valid records are stored unchanged: ${STRANGE.map(([name]) => name).join(', ')}`, async () => {
  const odd = STRANGE.map(([, member], i) => job(900 + i, WHEN).replace(/\}$/, `,${member}}`));
  const night = await startCase({ records: { jobs: [...smallTenant().jobs, ...odd] } });
  const run = await night.extract();
  expect(run, run.stdout).toMatchObject({ code: 0, done: { jobs: { new: 54 + odd.length, rejected: 0 } } });
  expect((await settles(night)).done.jobs).toMatchObject({ new: 0, rejected: 0 });
  cases += STRANGE.length - 1;
});

test(`records that break their schema are rejected with the reason: ${WRONG.map(([name]) => name).join(', ')}`, async () => {
  // The list of invoices sends every field of the export; the list of jobs does not.
  const wrong = (member: string, i: number) => invoice(900 + i, WHEN, 0).replace(/\}$/, `,${member}}`);
  const invoices = [...smallTenant().invoices, ...WRONG.map(([, member], i) => wrong(member, i))];
  const night = await startCase({ records: { invoices } });
  const run = await night.extract();
  expect(run, run.stdout).toMatchObject({ code: 0, done: { invoices: { new: 26, rejected: WRONG.length } } });
  const rejected = await query(
    night.warehouse,
    'SELECT record_id AS id, errors FROM st_logs_v2.rejected_records ORDER BY id',
  );
  expect(rejected).toEqual(
    WRONG.map((_, i) => ({ id: String(900 + i), errors: expect.stringMatching(/^\/[\w/]*: /) })),
  );
  // The check finds them, not the reader of the warehouse: the landing has them as rejected records. Six open invoices
  // are read twice.
  expect(landedAs(night, 'invoices')).toEqual({ pages: 26 + 6, rejected: WRONG.length });
  await settles(night);
  // Corrected at the source without a new modifiedOn, they are loaded by the next run.
  night.sandbox.change(
    ...WRONG.map((_, i) => ({ entity: 'invoices', json: wrong('"summary":"mended"', i) })),
  );
  expect((await night.extract()).done.invoices).toMatchObject({ new: WRONG.length });
  expect((await settles(night)).done.invoices).toMatchObject({ new: 0 });
  cases += WRONG.length - 1;
});

/** Rows of the landed pages and of the landed rejected records of an entity's only run. */
function landedAs({ landing }: Case, name: string) {
  const [run = ''] = readdirSync(join(landing, name));
  const manifest: Manifest = JSON.parse(readFileSync(join(landing, name, run, 'manifest.json'), 'utf8'));
  const rows = (files: readonly LandedFile[]) => files.reduce((sum, file) => sum + file.rows, 0);
  return { pages: rows(manifest.pages), rejected: rows(manifest.rejected) };
}

test('a record that was corrupted in transit is rejected, requested again by id and loaded', async () => {
  const set = { total: 'much' };
  const night = await startCase({
    faults: [{ entity: 'invoices', fault: { kind: 'record', index: 3, set } }],
  });
  expect(await night.extract()).toMatchObject({ code: 0, done: { invoices: { new: 25, rejected: 1 } } });
  expect((await settles(night)).done.invoices).toMatchObject({ new: 1 });
});

test('a record without a key is rejected each time, and a full read loads it with its key', async () => {
  const set = { id: null };
  const night = await startCase({
    faults: [{ entity: 'invoices', fault: { kind: 'record', index: 3, set } }],
  });
  expect(await night.extract()).toMatchObject({ code: 0, done: { invoices: { new: 25, rejected: 1 } } });
  expect(await night.untruths()).toEqual([]);
  expect(await night.extract({ args: ['--mode', 'full'] })).toMatchObject({
    code: 0,
    done: { invoices: { new: 1 } },
  });
  const [found, expected] = [await night.state(), await night.undisturbed()];
  expect(found.invoices?.versions).toEqual(expected.invoices?.versions);
  expect(found.invoices?.rejected).toEqual(['- /id: must be integer']);
});
