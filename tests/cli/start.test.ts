import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { PROJECT, run } from '../e2e/command.ts';

/** What only reading, modelling or drawing needs; each takes longer to load than `status` takes in all. */
const HEAVY =
  /node_modules\/(@dataform|@grpc|@fivetran|@observablehq|preact|linkedom|axios|ajv|pino)|^(explain|report(?!\/plain)|sandbox|transform)\//;

test('status loads what it needs and nothing that another command needs', async () => {
  const loaded = await loadedBy('status');
  expect(loaded.filter((file) => HEAVY.test(file))).toEqual([]);
  // 181 of them are DuckDB's client.
  expect(loaded.length).toBeGreaterThan(100);
  expect(loaded.length).toBeLessThanOrEqual(275);
});

test('a command that needs them is seen to load them', async () => {
  const loaded = await loadedBy('transform', '--help');
  expect(loaded.filter((file) => HEAVY.test(file))).toContain('transform/compile.ts');
});

test('help, and the answer to a misspelt command, tell of every command', async () => {
  const names = readdirSync(join(PROJECT, 'cli')).flatMap((file) =>
    [...readFileSync(join(PROJECT, 'cli', file), 'utf8').matchAll(/\.command\('(\w+)'\)/g)].map(
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

/** Files that a command loads, ours from the project's root; V8 writes down each script that it ran. */
async function loadedBy(...args: readonly string[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const coverage = join(folder, 'coverage');
  const { code } = await run(args, {
    NODE_V8_COVERAGE: coverage,
    DUCKDB_PATH: join(folder, 'warehouse.duckdb'),
    LANDING_URI: join(folder, 'landing'),
  });
  expect(code).toBe(0);
  const scripts = readdirSync(coverage).flatMap(
    (file) => JSON.parse(readFileSync(join(coverage, file), 'utf8')).result as readonly { url: string }[],
  );
  const files = scripts.flatMap(({ url }) => (url.startsWith('file:') ? [fileURLToPath(url)] : []));
  return [...new Set(files)].map((file) => (file.startsWith(PROJECT) ? file.slice(PROJECT.length) : file));
}
