import { beforeAll, describe, expect, inject, test, vi } from 'vitest';
import type { ActionResult } from '../../engine/action-result.ts';
import { runDataform } from '../../engine/bigquery/run-graph.ts';
import { compileProject } from '../../engine/compile.ts';
import { bigqueryClient } from '../../extract/load/bigquery/client.ts';
import { openBigquery } from '../../extract/load/bigquery/warehouse.ts';
import { smallProject } from '../engine/small-project.ts';
import { cloudSettings } from './emulators.ts';

const { projectId } = inject('emulators');
const PLACE = { projectId, location: 'US', maximumBytesBilled: null };

beforeAll(() => {
  for (const [name, value] of Object.entries(cloudSettings(inject('emulators')))) vi.stubEnv(name, value);
});

async function runProject(
  definitions: Readonly<Record<string, string>>,
  projectDir = smallProject(definitions),
) {
  const datasets = { raw: 'raw', stage: 'stage', mart: 'mart', logs: 'logs' };
  const { query } = openBigquery({ config: { datasets, personalData: 'keep' }, place: PLACE, runId: 'test' });
  const graph = await compileProject(projectDir, {}, { database: projectId });
  const told: ActionResult[] = [];
  const results = await runDataform({
    projectDir,
    graph,
    place: PLACE,
    request: bigqueryClient(PLACE).request,
    query,
    runId: '20251027T120000Z-Ab',
    onResult: (result) => told.push(result),
    onJob: () => {},
    signal: new AbortController().signal,
  });
  expect(told.map(({ name }) => name).sort()).toEqual(results.map(({ name }) => name).sort());
  return Object.fromEntries(results.map(({ name, seconds, ...result }) => [name, result]));
}

describe('results read from the output of dataform run', () => {
  test('dataform run is read back with passed, failed and skipped actions and the rows of assertions', async () => {
    const results = await runProject({
      numbers: "config { type: 'table', tags: ['small'] } select n from unnest(generate_array(1, 27)) as n",
      shown: "config { type: 'view' } select n + 1 as m from @numbers",
      wrong: "config { type: 'table' } select n from mart.no_such_table",
      // The message of this error quotes the value.
      quoting:
        "config { type: 'table' } select error(concat('private', cast(n as string))) as n from @numbers",
      after: "config { type: 'view' } select * from @wrong",
      assert_small:
        "config { type: 'assertion', tags: ['warning'] } select n as job_count, numeric '2.5' as uncounted_amount from @numbers where n > 1",
      assert_positive: "config { type: 'assertion' } select n from @numbers where n < 1",
      assert_after: "config { type: 'assertion' } select * from @after",
    });
    const file = (name: string) => `definitions/${name}.sqlx`;
    expect(results).toMatchObject({
      numbers: { file: file('numbers'), kind: 'table', tags: ['small'], status: 'passed' },
      shown: { file: file('shown'), kind: 'view', status: 'passed' },
      wrong: { kind: 'table', status: 'failed', error: expect.stringContaining('no_such_table') },
      quoting: { kind: 'table', status: 'failed', error: expect.not.stringContaining('private') },
      after: { kind: 'view', status: 'skipped' },
      assert_small: { kind: 'assertion', tags: ['warning'], status: 'failed', rows: 26 },
      assert_positive: { kind: 'assertion', status: 'passed', rows: 0 },
      assert_after: { kind: 'assertion', status: 'skipped' },
    });
    expect(results.wrong?.error).toMatch(/^definitions\/wrong\.sqlx: /);
    expect(results.assert_small?.sample).toHaveLength(20);
    // The emulator writes more zeros than BigQuery.
    const { uncounted_amount, job_count } = results.assert_small?.sums ?? {};
    expect([Number(uncounted_amount), job_count]).toEqual([65, '377']);
    expect(results.assert_small).not.toHaveProperty('error');
  });

  test('dataform run fails with its own error when BigQuery cannot be reached', async () => {
    vi.stubEnv('BIGQUERY_EMULATOR_HOST', 'http://127.0.0.1:9/bigquery/v2');
    await expect(runProject({ numbers: "config { type: 'table' } select 1 as n" })).rejects.toThrow(
      /dataform run ended without running 1 actions \(numbers.*ECONNREFUSED/s,
    );
    vi.stubEnv('BIGQUERY_EMULATOR_HOST', `${inject('emulators').bigqueryUrl}/bigquery/v2`);
  });
});
