import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { query, start } from '../e2e/command.ts';
import { copyOfPipeline } from '../e2e/pipeline-copy.ts';
import { job } from '../sandbox/client.ts';
import { countsAs, startCase } from './case.ts';
import { invoice, smallTenant } from './tenant.ts';

let cases = 0;
beforeEach(() => {
  cases += 1;
});
countsAs('drift', () => cases);

const WHEN = '2025-08-15T10:00:00Z';

/** A case that runs a copy of the command line with its own schemas, and can run without the API. */
async function startDrifting(records: Parameters<typeof startCase>[0]) {
  const copy = copyOfPipeline();
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  const night = await startCase(records);
  const command = (...args: string[]) => start(args, night.env, { sources: copy }).ended;
  return {
    ...night,
    command,
    /** Runs a command while every request to the API fails. */
    offline: (...args: string[]) =>
      start(
        args,
        { ...night.env, ST_API_URL: 'http://127.0.0.1:1', ST_AUTH_URL: 'http://127.0.0.1:1' },
        { sources: copy },
      ).ended,
    /** The texts of what `schema accept` may write. */
    schemas: () =>
      ['schemas/jobs.schema.json', 'schemas/types.ts', 'definitions/sources/raw_jobs.sqlx'].map((file) =>
        readFileSync(join(copy, file), 'utf8'),
      ),
    editSchema(name: string, change: (schema: { properties: Record<string, object> }) => void) {
      const file = join(copy, `schemas/${name}.schema.json`);
      const schema = JSON.parse(readFileSync(file, 'utf8'));
      change(schema);
      writeFileSync(file, JSON.stringify(schema, null, 2));
    },
  };
}

const counted = (stdout: string) =>
  JSON.parse(stdout).map(({ entity, new: added, rejected }: Record<string, unknown>) => [
    entity,
    added,
    rejected,
  ]);

describe('new fields in the API (schema drift)', () => {
  test('an accepted new field is filled from the landing alone, and the same content adds no new version', async () => {
    const field = '"newField":"2025-08-15T10:00:00.1234567Z","oddName":1234567890.1234567';
    const jobs = [...smallTenant().jobs, job(900, WHEN).replace(/\}$/, `,${field}}`)];
    const items = '"items":[{"id":1,"novel":true,"other":"x"},{"id":2}]';
    const invoices = [...smallTenant().invoices, invoice(900, WHEN, 0).replace(/\}$/, `,${items}}`)];
    const night = await startDrifting({ records: { jobs, invoices } });
    const names = ['jobs', 'invoices'];
    expect(await night.command('extract', ...names)).toMatchObject({ code: 0 });
    const told = await night.command('drift', '--json');
    const { drift } = JSON.parse(told.stdout);
    expect(
      drift.map((row: Record<string, unknown>) => [row.entity, row.field, row.details, row.records]),
    ).toEqual([
      ['invoices', '/items/*/novel', ['boolean'], 1],
      ['invoices', '/items/*/other', ['string'], 1],
      ['jobs', '/newField', ['date-time'], 1],
      ['jobs', '/oddName', ['number'], 1],
    ]);
    expect(told.stdout).not.toContain('2025-08-15');

    night.sandbox.requests.clear();
    for (const args of [
      ['jobs', 'newField'],
      ['jobs', '/oddName'],
      ['invoices', '/items/*/novel'],
    ]) {
      const accepted = await night.offline('schema', 'accept', ...args);
      expect(accepted, accepted.stdout + accepted.stderr).toMatchObject({ code: 0 });
    }
    expect(night.sandbox.requests.all()).toEqual([]);
    expect(
      await query(
        night.warehouse,
        `SELECT newField::VARCHAR AS at, "oddName"::VARCHAR AS odd, _extra FROM st_raw_v2.raw_jobs WHERE id = 900`,
      ),
    ).toEqual([{ at: '2025-08-15 10:00:00.123456+00', odd: '1234567890.123456700', _extra: null }]);
    expect(
      await query(
        night.warehouse,
        'SELECT items[1].novel AS novel, items[2].novel AS none, _extra FROM st_raw_v2.raw_invoices WHERE id = 900',
      ),
    ).toEqual([{ novel: true, none: null, _extra: '{"/items/0/other":"x"}' }]);
    const again = await night.command('extract', ...names, '--mode', 'full', '--json');
    expect(counted(again.stdout), again.stdout).toEqual([
      ['jobs', 0, 0],
      ['invoices', 0, 0],
    ]);
    const left = JSON.parse((await night.command('drift', '--json')).stdout).drift;
    expect(left.map(({ field }: { field: string }) => field)).toEqual(['/items/*/other']);
  });

  test('schema accept refuses a field that came only as null, is a column already or never came', async () => {
    const jobs = [job(1, WHEN).replace(/\}$/, ',"empty":null}')];
    const night = await startDrifting({ records: { jobs } });
    await night.command('extract', 'jobs');
    expect(await night.command('schema', 'accept', 'jobs', 'empty')).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/their types are null[\s\S]*--type/),
    });
    expect(await night.command('schema', 'accept', 'jobs', 'total', '--type', 'NUMERIC')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('total is a column already'),
    });
    expect(await night.command('schema', 'accept', 'jobs', 'neverSeen')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('npm run drift'),
    });
  });
});

test('schema accept writes nothing for a name that cannot be a column, and the extractor still starts', async () => {
  const members =
    '"JobStatus":"x","_row_hash":"x","_PARTITIONTIME":"x","*":"x","":"x","filename":"x","a-b":"x"';
  const jobs = [job(1, WHEN).replace(/\}$/, `,${members}}`)];
  const night = await startDrifting({ records: { jobs } });
  await night.command('extract', 'jobs');
  const before = night.schemas();
  for (const [field, reason] of [
    ['JobStatus', 'JobStatus cannot be a column beside jobStatus: their names differ only in case'],
    ['_row_hash', '_row_hash cannot be a column: its name may have letters, digits and _ only'],
    ['_extracted_at', 'must begin with a letter'],
    ['_PARTITIONTIME', 'must begin with a letter'],
    ['a-b', 'a-b cannot be a column'],
    ['/*', 'The path names no field'],
    ['/', 'The path names no field'],
  ] as const) {
    const refused = await night.offline('schema', 'accept', 'jobs', field, '--type', 'STRING');
    expect(refused, refused.stdout).toMatchObject({ code: 3, stderr: expect.stringContaining(reason) });
  }
  expect(night.schemas()).toEqual(before);
  // A name that only looks dangerous becomes a column.
  const accepted = await night.offline('schema', 'accept', 'jobs', 'filename');
  expect(accepted, accepted.stdout + accepted.stderr).toMatchObject({ code: 0 });
  expect(await query(night.warehouse, 'SELECT filename FROM st_raw_v2.raw_jobs')).toEqual([
    { filename: 'x' },
  ]);
  const again = await night.command('extract', 'jobs', '--mode', 'full', '--json');
  expect(counted(again.stdout), again.stdout + again.stderr).toEqual([['jobs', 0, 0]]);
});

test('rejected records that a corrected schema accepts are loaded by replay without the API', async () => {
  const odd = [
    job(900, WHEN, { summary: { text: 'x' } }),
    job(901, WHEN, { jobNumber: 77, modifiedOn: '2025-08-15T10:00:00.1234567Z' }),
  ];
  const night = await startDrifting({ records: { jobs: [...smallTenant().jobs, ...odd] } });
  expect(counted((await night.command('extract', 'jobs', '--json')).stdout)).toEqual([['jobs', 54, 2]]);
  night.editSchema('jobs', ({ properties }) => {
    properties.jobNumber = { ...properties.jobNumber, type: ['string', 'integer', 'null'] };
  });
  const replayed = await night.offline('replay', 'jobs', '--json');
  expect(counted(replayed.stdout), replayed.stderr).toEqual([['jobs', 55, 1]]);
  expect(
    await query(
      night.warehouse,
      'SELECT id, jobNumber, modifiedOn::VARCHAR AS at FROM st_raw_v2.raw_jobs WHERE id > 899 AND id < 1000',
    ),
  ).toEqual([{ id: '901', jobNumber: '77', at: '2025-08-15 10:00:00.123456+00' }]);
  expect(await query(night.warehouse, 'SELECT record_id AS id FROM st_logs_v2.rejected_records')).toEqual([
    { id: '900' },
  ]);
  const again = await night.command('extract', 'jobs', '--mode', 'full', '--json');
  expect(counted(again.stdout), again.stdout).toEqual([['jobs', 0, 1]]);
});
