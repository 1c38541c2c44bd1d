import { describe, expect, test } from 'vitest';
import type { Drift } from '../../../extract/landing/drift.ts';
import { createDriftCollector, typeOf, unknownFieldsOf } from '../../../extract/pages/drift.ts';
import { readDrift, readRejected } from '../../../extract/upkeep/drift-report.ts';
import type { JsonSchema } from '../../../schemas/columns.ts';
import { compileValidator } from '../../../schemas/validator.ts';
import { job } from '../../sandbox/client.ts';
import { startNight } from '../night.ts';

const SCHEMA: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['id'],
  properties: {
    id: { type: 'integer' },
    name: { type: ['string', 'null'] },
    status: { type: ['string', 'integer', 'null'], 'x-known-values': ['Open', 'Sold'] },
    items: {
      type: ['array', 'null'],
      items: { type: 'object', additionalProperties: false, properties: { sku: { type: 'string' } } },
    },
  },
};
const NAMES = Object.keys(SCHEMA.properties ?? {});
const whole = { id: 1, name: null, status: 'Open', items: [] };

function driftOf(...records: readonly Record<string, unknown>[]): Drift {
  const validate = compileValidator('made-up', SCHEMA);
  const collector = createDriftCollector(NAMES);
  collector.addPage(records.length, []);
  for (const record of records) collector.addRecord(record, validate(record), false);
  return collector.drift();
}

describe('schema drift found in a run', () => {
  test('schema drift lists new fields with types and record counts and never a value', () => {
    const drift = driftOf(
      { ...whole, extra: 1.5, items: [{ novel: 'secret' }, { novel: null }] },
      { ...whole, extra: '2025-01-01' },
    );
    expect(drift.findings).toEqual([
      { kind: 'new field', field: '/extra', details: ['date', 'number'], records: 2 },
      { kind: 'new field', field: '/items/*/novel', details: ['null', 'string'], records: 1 },
    ]);
    expect(unknownFieldsOf(drift)).toEqual({ extra: 2, 'items/novel': 1 });
  });

  test('schema drift lists new enum values as words only', () => {
    const about = { ...whole, status: 'Call Mrs. Doe at +1 555 0100 about the dog' };
    expect(driftOf({ ...whole, status: 'Lost' }, about, { ...whole, status: 3 }).findings).toEqual([
      { kind: 'new value', field: '/status', details: ['3', 'Lost', 'free text (not shown)'], records: 3 },
    ]);
  });

  test('schema drift lists broken rules with the type that came instead', () => {
    expect(driftOf({ ...whole, name: { first: 'x' }, items: [{ sku: 7 }, { sku: 8 }] }).findings).toEqual([
      {
        kind: 'broken rule',
        field: '/name',
        details: ['must be string,null, came as object'],
        records: 1,
      },
      {
        kind: 'broken rule',
        field: '/items/*/sku',
        details: ['must be string, came as integer'],
        records: 1,
      },
    ]);
  });

  test('schema drift lists a missing field when none of at least 20 records has it', () => {
    const bare = { id: 1, status: null, items: null };
    const missing = { kind: 'missing field', field: '/name', details: [], records: 20 };
    expect(driftOf(...Array(20).fill(bare)).findings).toEqual([missing]);
    expect(driftOf(...Array(19).fill(bare)).findings).toEqual([]);
    expect(driftOf(whole, ...Array(19).fill(bare)).findings).toEqual([]);
  });
});

test('schema drift types are as fine as column types', () => {
  const values = [null, 1, 1.5, true, 'x', '2025-01-01', '2025-01-01T00:00:00.1Z', {}, [], [1, 'x'], [null]];
  expect(values.map(typeOf)).toEqual([
    ...['null', 'integer', 'number', 'boolean', 'string', 'date', 'date-time', 'object'],
    ...['array of nothing', 'array of integer or string', 'array of null'],
  ]);
});

describe('the schema drift list over all runs', () => {
  const finding = (kind: string, field: string, details: string[] = [], records = 20) => ({
    kind,
    field,
    details,
    records,
  });
  const listed = (...runs: readonly { records: number; findings: readonly object[] }[]) =>
    readDrift({
      query: async <Row>() =>
        runs.map((drift, i) => ({
          entity: 'jobs',
          run_id: `run-${i}`,
          run_date: `2025-10-0${i + 1}`,
          drift: JSON.stringify(drift),
        })) as unknown as readonly Row[],
      datasets: { raw: 'r', stage: 's', mart: 'm', logs: 'l' },
      schemaOf: () => SCHEMA,
    });

  test('the drift list shows first and last run, record count and types of a new field', async () => {
    const rows = await listed(
      { records: 3, findings: [finding('new field', '/extra', ['integer'], 1)] },
      { records: 0, findings: [] },
      { records: 9, findings: [finding('new field', '/extra', ['number'], 4)] },
    );
    expect(rows).toEqual([
      {
        entity: 'jobs',
        kind: 'new field',
        field: '/extra',
        details: ['integer', 'number'],
        first: { run: 'run-0', date: '2025-10-01' },
        last: { run: 'run-2', date: '2025-10-03' },
        records: 5,
      },
    ]);
  });

  test('the drift list leaves out fields and values that the schema has accepted', async () => {
    const learnt = [
      finding('new field', '/name', ['string']),
      finding('new field', '/items/*/sku', ['string']),
    ];
    const rows = await listed({
      records: 3,
      findings: [...learnt, finding('new value', '/status', ['Sold', 'Lost'])],
    });
    expect(rows.map(({ field, details }) => [field, details])).toEqual([['/status', ['Lost']]]);
  });

  test('the drift list shows a missing field only if it came before and until it comes again', async () => {
    const without = { records: 20, findings: [finding('missing field', '/name')] };
    const withAll = { records: 20, findings: [] };
    const quiet = { records: 2, findings: [] };
    expect(await listed(without, without)).toEqual([]);
    expect(await listed(without, withAll, without, quiet, without)).toMatchObject([
      { field: '/name', first: { run: 'run-2' }, last: { run: 'run-4' }, records: 40 },
    ]);
    expect(await listed(withAll, without, withAll)).toEqual([]);
  });
});

test('rejected records are dated by their run date and not by the clock', async () => {
  const wrong = job(1, '2025-01-01T00:00:00Z', { total: 'much' });
  const night = await startNight({ jobs: [wrong] }, { env: { RUN_DATE: '2025-10-20' } });
  await night.run();
  const { query } = night.warehouse;
  expect(await readRejected(query, night.config.datasets)).toEqual([
    {
      entity: 'jobs',
      errors: expect.stringContaining('/total'),
      records: '1',
      first: '2025-10-20',
      last: '2025-10-20',
    },
  ]);
  await night.query('DELETE FROM st_logs_v2.ingestion_logs');
  expect(await readRejected(query, night.config.datasets)).toMatchObject([
    { records: '1', first: null, last: null },
  ]);
});
