import { expect, test } from 'vitest';
import { planText as backfillText } from '../../../app/cli/backfill-text.ts';
import { driftText } from '../../../app/cli/drift.ts';
import { planText as sweepText } from '../../../app/cli/sweep-text.ts';
import { textTable } from '../../../app/cli/text-table.ts';
import { wrapText } from '../../../app/cli/wrapped.ts';
import type { BackfillPlan } from '../../../extract/upkeep/backfill-plan.ts';
import type { DriftRow } from '../../../extract/upkeep/drift-report.ts';
import type { SweepPlan } from '../../../extract/upkeep/sweep-plan.ts';
import { entity } from '../../../schemas/entities.ts';

const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));
const words = (text: string) => text.split(/\s+/).filter(Boolean);
const NAME = 'appointment_assignments';

test('a table that is wider than the terminal wraps its cells and loses no word', () => {
  const reason = 'a value of many words that says at length what somebody should know about this record';
  const table = textTable(['Name', 'Reason', 'Count'], [[NAME, reason, 1234567]], new Set(['Count']));
  expect(widest(table)).toBeLessThanOrEqual(80);
  expect(words(table)).toEqual(expect.arrayContaining([...words(reason), '1234567']));
  expect(textTable(['Name', 'Count'], [[NAME, 7]]).split('\n')).toHaveLength(2);
});

test('a text that is wider than the terminal wraps with an indent and loses no word', () => {
  const text = `  ${'with estimates 367713720 they are equal '.repeat(5)}\nshort`;
  expect(widest(wrapText(text))).toBeLessThanOrEqual(80);
  expect(words(wrapText(text))).toEqual(words(text));
  expect(wrapText(text).split('\n')[1]).toMatch(/^ {4}\S/);
});

test('the longest backfill plan fits 80 columns', () => {
  const [since, until] = ['2025-01-01T07:00:00.000Z', '2025-10-01T07:00:00.000Z'];
  const plan: BackfillPlan = {
    ...{ entity: NAME, feed: 'export', since, until, goesOn: true, rows: 1_234_567, rowsAtLeast: true },
    windows: [0, 1].map(() => ({ from: since, before: until, since, until })),
    ...{ calls: 12_345, bytes: 9_876_543_210, seconds: 12_345, dollars: 0 },
  };
  const text = backfillText(plan, 10);
  expect(widest(text)).toBeLessThanOrEqual(80);
  expect(text).toMatch(/stays\s+on\s+this\s+machine/);
});

test('the sweep plan fits 80 columns and says what the calls are for', () => {
  const range = { from: new Date('2020-01-01'), before: new Date('2025-10-27') };
  const counts = { here: 1_234_567, there: null, cuts: [], calls: 12_345 };
  const plan: SweepPlan = { entity: entity(NAME), range, ...counts };
  const text = sweepText([plan], [NAME, NAME, NAME], ['calls', 'job_notes']);
  expect(widest(text)).toBeLessThanOrEqual(80);
  expect(text).toContain('one for each page of the list');
  expect(text).toMatch(/no list of them: calls,\s+job_notes/);
});

test('the schema drift list fits 80 columns whatever the fields are called', () => {
  const night = { run: 'r', date: '2025-10-27' };
  const row: DriftRow = {
    ...{ entity: NAME, kind: 'new value', field: '/items/*/generalLedgerAccount/detailType' },
    details: Array.from({ length: 12 }, (_, nth) => `DocumentedWord${nth}`),
    ...{ first: night, last: { ...night, date: '2025-11-03' }, records: 4_321 },
  };
  const rejected = { entity: NAME, errors: '/total: must be number', records: '1', first: null, last: null };
  const text = driftText([row], [rejected]);
  expect(widest(text)).toBeLessThanOrEqual(80);
  expect(words(text).join(' ')).toContain('in 4,321 records, nights of 2025-10-27 to 2025-11-03: Doc');
  expect(text).toContain('DocumentedWord11');
  expect(text).toContain('1 record, in runs that are not in the log: /total');
});
