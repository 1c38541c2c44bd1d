import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contents, filesIn, ownFolder, run, start } from './command.ts';
import { copyFirstNight } from './first-night.ts';

const whole = mkdtempSync(join(tmpdir(), 'e2e-whole-'));
let expected: Record<string, string>;
afterAll(() => rmSync(whole, { recursive: true, force: true }));
beforeAll(async () => {
  await copyFirstNight(whole);
  expected = await contents(filesIn(whole).DUCKDB_PATH);
});

/** Ends the process with kill -9 at the `nth` progress line that matches. */
async function killAt(pattern: RegExp, nth: number, env: Record<string, string>): Promise<number> {
  let seen = 0;
  const ended = await start(
    ['nightly'],
    { ...env, LOG_LEVEL: 'debug' },
    {
      onLine(line, command) {
        if (pattern.test(line) && ++seen === nth) command.kill('SIGKILL');
      },
    },
  ).ended;
  expect(ended.code).toBeNull();
  return seen;
}

describe('nightly killed with kill -9 and run again', () => {
  test.each([
    ['before anything is loaded', /"type":"page"/, 2],
    ['while the first entities load', /"phase":"loading"/, 3],
    ['when half of the entities are done', /"type":"done"/, 11],
    ['in the middle of the models', /"name":"int_/, 9],
  ])('nightly killed with kill -9 and run again gives the tables of an undisturbed run: %s', async (_, pattern, nth) => {
    const { env } = ownFolder();
    await killAt(pattern, nth, env);
    const again = await run(['nightly'], env);
    expect(again.code).toBe(0);
    expect(withoutLogs(await contents(env.DUCKDB_PATH))).toEqual(withoutLogs(expected));
  });

  test('nightly killed with kill -9 twice gives the tables of an undisturbed run', async () => {
    const { env } = ownFolder();
    await killAt(/"type":"done"/, 3, env);
    await killAt(/"type":"done"/, 9, env);
    expect((await run(['nightly'], env)).code).toBe(0);
    expect(withoutLogs(await contents(env.DUCKDB_PATH))).toEqual(withoutLogs(expected));
  });
});

test('nightly stopped by SIGTERM says so, and the next run completes the same tables', async () => {
  const { env } = ownFolder();
  let seen = 0;
  const stopped = await start(['nightly'], env, {
    onLine(line, command) {
      if (/"type":"done"/.test(line) && ++seen === 5) command.kill('SIGTERM');
    },
  }).ended;
  expect(stopped).toMatchObject({ code: 1 });
  expect(stopped.stdout + stopped.stderr).toContain('stopped by SIGTERM');
  expect((await run(['nightly'], env)).code).toBe(0);
  expect(withoutLogs(await contents(env.DUCKDB_PATH))).toEqual(withoutLogs(expected));
});

test('a second nightly run on an open DuckDB file ends with exit code 1 and changes nothing', async () => {
  const { folder, env } = ownFolder();
  cpSync(whole, folder, { recursive: true });
  let second: ReturnType<typeof run> | undefined;
  const first = await start(['nightly'], env, {
    onLine() {
      second ??= run(['nightly'], env);
    },
  }).ended;
  expect(first.code).toBe(0);
  const refused = await second;
  expect(refused?.code).toBe(1);
  expect(refused?.stderr).toMatch(/another process/i);
  expect(withoutLogs(await contents(env.DUCKDB_PATH))).toEqual(withoutLogs(expected));
});

test('replay rebuilds all raw tables from the landing without the API', async () => {
  const { folder, env } = ownFolder();
  cpSync(join(whole, 'landing'), join(folder, 'landing'), { recursive: true });
  const unreachable = { ST_API_URL: 'http://127.0.0.1:9', ST_AUTH_URL: 'http://127.0.0.1:9' };
  const credentials = { ST_CLIENT_ID: 'a', ST_CLIENT_SECRET: 'b', ST_TENANT_ID: '1', ST_APP_KEY: 'c' };
  const replayed = await run(['replay', 'all'], { ...env, ...unreachable, ...credentials });
  expect(replayed.code).toBe(0);
  const raw = (tables: Record<string, string>) =>
    Object.entries(tables)
      .filter(([name]) => name.startsWith('st_raw_v2.raw_'))
      .sort();
  expect(raw(await contents(env.DUCKDB_PATH))).toEqual(raw(expected));
});

/** Drops the logs, which count attempts. The result of the runs must be equal, not the number of attempts. */
function withoutLogs(tables: Record<string, string>): [string, string][] {
  return Object.entries(tables)
    .filter(([name]) => !/ingestion_logs|assertion_results/.test(name))
    .sort();
}
