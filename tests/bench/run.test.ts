import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Results } from '../../bench/markdown.ts';
import { runCommand } from '../../bench/processes.ts';
import { testFolder } from './tenant.ts';

test('the benchmark runs sections at a tiny volume, and writes each beside those that were measured before', async () => {
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
  // Of another volume: not to be mixed with it.
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

test('an unknown section or an impossible scale is refused before anything runs', async () => {
  const refused = (...args: string[]) =>
    runCommand(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args]);
  expect((await refused('--only', 'speed')).stderr).toContain('There is no section speed');
  expect((await refused('--scale', '0')).stderr).toContain('--scale 0 is not a number above 0');
});
