import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Results } from '../../bench/markdown.ts';
import { runCommand } from '../../bench/processes.ts';
import { testFolder } from './tenant.ts';

test('a quick benchmark writes each section beside the sections measured before at that volume', async () => {
  const folder = testFolder();
  const results = (): Results => JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'));
  const measure = async (section: string, scale: string) => {
    const args = ['--quick', '--scale', scale, '--rounds', '1', '--only', section];
    const ended = await runCommand(process.execPath, [
      ...['--import', 'tsx', 'bench/main.ts', ...args],
      ...['--cache', join(folder, 'cache'), '--out', folder],
    ]);
    expect(ended.code, ended.stderr).toBe(0);
    return results().sections.map(({ id }) => id);
  };
  expect(await measure('load', '0.001')).toEqual(['load']);
  // Results of another volume must not be mixed with these.
  expect(await measure('load', '0.002')).toEqual(['load']);
  expect(await measure('extract', '0.002')).toEqual(['extract', 'load']);
  const ids = results().sections.flatMap(({ figures }) => figures.map(({ id }) => id));
  expect(ids).toEqual(expect.arrayContaining(['extract/pipeline/floor', 'extract/pipeline/reparse']));
  for (const { figures } of results().sections) {
    for (const { id, value } of figures) expect(value?.median, id).toBeGreaterThan(0);
  }
  const page = readFileSync(join(folder, 'results.md'), 'utf8');
  expect(page).toContain('| pipeline against floor |');
}, 300_000);

test('the benchmark refuses an unknown section and an impossible scale before it runs', async () => {
  const refused = (...args: string[]) =>
    runCommand(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args]);
  expect((await refused('--only', 'speed')).stderr).toContain('There is no section speed');
  expect((await refused('--scale', '0')).stderr).toContain('--scale 0 is not a number above 0');
});
