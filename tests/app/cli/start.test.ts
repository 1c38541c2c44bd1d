import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { storeStatus } from '../../../app/pipeline/stored-status.ts';
import { openDuckdb } from '../../../extract/load/duckdb/warehouse.ts';
import { declaredTables } from '../../../schemas/columns.ts';
import { filesIn, PROJECT, run, start } from '../../e2e/command.ts';

const DATASETS = { raw: 'st_raw_v2', stage: 'st_stage_v2', mart: 'st_mart_v2', logs: 'st_logs_v2' };

/** What only the service, a night on BigQuery, and commands other than a night need. */
const NOT_OF_A_NIGHT =
  /node_modules\/(@google-cloud|@hono|@dataform\/cli|hono|jose|google-auth-library)|^app\/(doctor|serve|survey)\//;

/** A file for each model, assertion and declaration; GoogleSQL's client, which only a night with a changed query loads. */
const VARYING =
  /^definitions\/|^engine\/googlesql\/|node_modules\/(@grpc|@js-sdsl|@protobufjs|protobufjs|lodash\.camelcase|long)\//;

/** Modules for extraction, models or charts only. Loading one takes longer than all of `status`. */
const HEAVY =
  /node_modules\/(@dataform|@grpc|@fivetran|@observablehq|preact|linkedom|axios|ajv|pino)|^(app\/(explain|report)|sandbox\/(?!clock)|engine)\//;

test('status loads only the modules it needs and none of the heavy packages of other commands', async () => {
  const loaded = await loadedBy(['status']);
  expect(loaded.filter((file) => HEAVY.test(file))).toEqual([]);
  // 181 of them are DuckDB's client, two the catalogue's code; its rows are not read.
  expect(loaded.length).toBeGreaterThan(100);
  expect(loaded.length).toBeLessThanOrEqual(278);
});

test('status loads nothing of DuckDB where a run stored what it shows', async () => {
  const loaded = await loadedBy(['status'], (path) =>
    storeStatus(path, DATASETS, { night: null, entities: [] }),
  );
  expect(loaded.filter((file) => file.includes('@duckdb'))).toEqual([]);
  expect(loaded).toContain('app/pipeline/stored-status.ts');
  expect(loaded.length).toBeLessThanOrEqual(63);
});

test('a night loads only the modules that it needs', async () => {
  const loaded = await loadedBy(['nightly'], (path) => rmSync(path));
  expect(loaded.filter((file) => NOT_OF_A_NIGHT.test(file))).toEqual([]);
  expect(loaded).toEqual(expect.arrayContaining(['app/pipeline/night.ts', 'engine/compile.ts']));
  // 54 of these are the sandbox tenant.
  expect(loaded.filter((file) => !VARYING.test(file)).length).toBeLessThanOrEqual(705);
});

test('transform and survey load the modules that the start-up tests look for', async () => {
  const ofTransform = await loadedBy(['transform', '--help']);
  expect(ofTransform.filter((file) => HEAVY.test(file))).toContain('engine/compile.ts');
  const ofSurvey = await loadedBy(['survey', '--help']);
  expect(ofSurvey.filter((file) => NOT_OF_A_NIGHT.test(file))).toContain('app/survey/run.ts');
});

test('--help lists every command, and a misspelt command is answered with the nearest name', async () => {
  const names = readdirSync(join(PROJECT, 'app/cli')).flatMap((file) =>
    [...readFileSync(join(PROJECT, 'app/cli', file), 'utf8').matchAll(/program\s+\.command\('(\w+)'\)/g)].map(
      ([, name = '']) => name,
    ),
  );
  expect(names.length).toBeGreaterThanOrEqual(8);
  const { stdout } = await run(['--help'], {});
  for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  const { code, stderr } = await run(['statsu'], {});
  expect(stderr).toContain('Did you mean status?');
  expect(code).toBe(3);
});

/** Files that a command loads, ours relative to the project's root, from V8's list of executed scripts. */
async function loadedBy(
  args: readonly string[],
  prepare: (warehousePath: string) => void = () => {},
): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const coverage = join(folder, 'coverage');
  const files = filesIn(folder);
  const warehouse = await openDuckdb({ datasets: DATASETS, personalData: 'keep' }, files.DUCKDB_PATH);
  await warehouse.prepare(declaredTables());
  warehouse.close();
  prepare(files.DUCKDB_PATH);
  const { code } = await start(args, { ...files, NODE_V8_COVERAGE: coverage }, { sources: PROJECT }).ended;
  expect(code).toBe(0);
  const scripts = readdirSync(coverage).flatMap(
    (file) => JSON.parse(readFileSync(join(coverage, file), 'utf8')).result as readonly { url: string }[],
  );
  const loaded = scripts.flatMap(({ url }) => (url.startsWith('file:') ? [fileURLToPath(url)] : []));
  return [...new Set(loaded)].map((file) => (file.startsWith(PROJECT) ? file.slice(PROJECT.length) : file));
}
