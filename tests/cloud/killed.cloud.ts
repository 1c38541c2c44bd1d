import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { run, start } from '../e2e/command.ts';
import { settings } from '../e2e/settings.ts';
import { smallTenant } from '../faults/tenant.ts';
import { tenantOf } from '../sandbox/client.ts';
import { type CloudPlace, cloudPlace } from './place.ts';

const KILL_AT = 'cloud/kill-at.ts';
let sandbox: Sandbox;
let expected: string[];

beforeAll(async () => {
  sandbox = await startSandbox({ tenant: tenantOf(smallTenant()), rowsPerExportPage: 20 });
  const undisturbed = await cloudPlace();
  await extract(undisturbed);
  expected = await versions(undisturbed);
});
afterAll(() => sandbox.close());

/** Points of an extraction in which three pages of jobs are uploaded, loaded by a job and inserted by a script. */
const POINTS: readonly [name: string, point: string, isInserted: boolean][] = [
  ['after the first page', 'after POST /upload/storage/.*page-00001', false],
  ['after the manifest and before the load', 'after POST /upload/storage/.*manifest.json', false],
  ['before the load job is requested', 'before POST .*/jobs.*"load":', false],
  ['after the load job and before the insert', 'after POST .*/jobs.*"load":', false],
  ['before the insert is requested', 'before POST .*/jobs.*records_visible = ', false],
  ['after the insert and before the result is read', 'after POST .*/jobs.*records_visible = ', true],
];

describe('kill -9 of an extraction to BigQuery', () => {
  test.each(
    POINTS,
  )('kill -9 of an extraction to BigQuery %s: the next run loses and doubles no version', async (_, point, isInserted) => {
    const place = await cloudPlace();
    const env = { ...place.env, ...settings(sandbox), CLOUD_KILL_AT: point };
    const killed = await start(['extract', 'jobs'], env, { preload: KILL_AT }).ended;
    expect(killed.code).toBeNull();
    expect(await versions(place)).toEqual(isInserted ? expected : []);
    await extract(place);
    expect(await versions(place)).toEqual(expected);
    await extract(place);
    expect(await versions(place)).toEqual(expected);
  });
});

/** Points of a replay of two full reads, which are collected by a script each before one script replaces the raw table. */
const REPLAY_POINTS: readonly [name: string, point: string][] = [
  ['after the first full read is collected', 'after POST .*/jobs.*insert into [^(]*load_jobs_versions'],
  ['before the raw table is replaced', 'before POST .*/jobs.*delete from [^ ]*raw_jobs'],
  ['after the raw table is replaced', 'after POST .*/jobs.*delete from [^ ]*raw_jobs'],
];

test('kill -9 of a replay of several full reads on BigQuery leaves the raw table as it was', async () => {
  const place = await cloudPlace();
  for (let reads = 0; reads < 2; reads++) await extract(place, '--mode', 'full');
  for (const [name, point] of REPLAY_POINTS) {
    const env = { ...place.env, ...settings(sandbox), CLOUD_KILL_AT: point };
    const killed = await start(['replay', 'jobs'], env, { preload: KILL_AT }).ended;
    expect({ name, code: killed.code, versions: await versions(place) }).toEqual({
      ...{ name, code: null, versions: expected },
    });
  }
  const replayed = await run(['replay', 'jobs'], { ...place.env, ...settings(sandbox) });
  expect(replayed).toMatchObject({ code: 0 });
  expect(await versions(place)).toEqual(expected);
});

async function extract(place: CloudPlace, ...flags: readonly string[]): Promise<void> {
  const ended = await run(['extract', 'jobs', ...flags], { ...place.env, ...settings(sandbox) });
  if (ended.code !== 0) throw new Error(ended.stderr);
}

/** Every stored version of every job, by id and content. */
async function versions({ query, datasets }: CloudPlace): Promise<string[]> {
  const rows = await query<{ id: string; _row_hash: string }>(
    `SELECT id, _row_hash FROM ${datasets.raw}.raw_jobs ORDER BY id, _row_hash`,
  );
  return rows.map(({ id, _row_hash: hash }) => `${id} ${hash}`);
}
