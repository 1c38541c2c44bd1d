import { expect, test } from 'vitest';
import { type Outcome, outcomeReader } from '../../../engine/bigquery/dataform-output.ts';

/** Copied from @dataform/cli 3.0.69. */
const SAID = `Compiling...

Compiled successfully.

Running...

Table created:  st_stage_v2.int_leads [table] 
 \t jobId: dataform-1485ea4a,
 \t Bytes billed: 0 B
Skipping dataset creation:  st_stage_v2.int_daily_measures [table]
Assertion failed:  st_logs_v2.assert_units_mapped 
 \t jobId: dataform-61690bc9, dataform-2c58ae5b,
 \t Bytes billed: 0 B, 0 B
  > 
  >       create or replace view \`local.st_logs_v2.assert_units_mapped\` as 
  > select 'bigquery error: nothing' as x
  bigquery error: Assertion failed: query returned 4 row(s).
Dataset creation failed:  st_stage_v2.int_booked [table] 
 \t jobId: dataform-928f1385
  > create or replace table x as select 1
  bigquery error: Unrecognized name: job_idd;
  Did you mean job_id? at [3:8]
Skipping assertion execution:  st_logs_v2.assert_weeks_equal_days (Run cancelled)
Assertion passed:  st_logs_v2.assert_deposits_applied 
 \t jobId: dataform-1, dataform-2,
 \t Bytes billed: 10.00 MiB, 0 B
`;

function outcomesOf(pieces: readonly string[]): Outcome[] {
  const outcomes: Outcome[] = [];
  const reader = outcomeReader((outcome) => outcomes.push(outcome));
  for (const piece of pieces) reader.read(piece);
  reader.end();
  return outcomes;
}

const OUTCOMES: readonly Outcome[] = [
  { schema: 'st_stage_v2', name: 'int_leads', status: 'passed', jobIds: ['dataform-1485ea4a'], message: '' },
  { schema: 'st_stage_v2', name: 'int_daily_measures', status: 'skipped', jobIds: [], message: '' },
  {
    schema: 'st_logs_v2',
    name: 'assert_units_mapped',
    status: 'failed',
    jobIds: ['dataform-61690bc9', 'dataform-2c58ae5b'],
    message: 'bigquery error: Assertion failed: query returned 4 row(s).',
  },
  {
    schema: 'st_stage_v2',
    name: 'int_booked',
    status: 'failed',
    jobIds: ['dataform-928f1385'],
    message: 'bigquery error: Unrecognized name: job_idd; Did you mean job_id? at [3:8]',
  },
  { schema: 'st_logs_v2', name: 'assert_weeks_equal_days', status: 'skipped', jobIds: [], message: '' },
  {
    schema: 'st_logs_v2',
    name: 'assert_deposits_applied',
    status: 'passed',
    jobIds: ['dataform-1', 'dataform-2'],
    message: '',
  },
];

test('status, job ids and error of each action are read from the output of dataform run', () => {
  expect(outcomesOf([SAID])).toEqual(OUTCOMES);
});

test('the output of dataform run is read the same with colour codes', () => {
  const coloured = SAID.replace(
    /^(\w[\w ]*: )( +)([\w.]+)/gm,
    '\u001b[32m$1\u001b[0m$2\u001b[36m$3\u001b[0m',
  );
  expect(coloured).toContain('\u001b[36mst_stage_v2.int_leads');
  expect(outcomesOf(coloured.match(/[\s\S]{1,3}/g) ?? [])).toEqual(OUTCOMES);
});

test('the output of dataform run is read the same however it is cut into chunks', () => {
  for (const size of [1, 7, 64]) {
    const pieces = SAID.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
    expect(outcomesOf(pieces)).toEqual(OUTCOMES);
  }
});
