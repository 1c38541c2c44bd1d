import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Results } from '../../bench/markdown.ts';
import { runCommand } from '../../bench/processes.ts';
import { testFolder } from './tenant.ts';

test('the benchmark runs a section at a tiny volume and writes both files', async () => {
  const folder = testFolder();
  const args = ['--quick', '--scale', '0.002', '--rounds', '1', '--only', 'extract'];
  const ended = await runCommand(process.execPath, [
    ...['--import', 'tsx', 'bench/main.ts', ...args],
    ...['--cache', join(folder, 'cache'), '--out', folder],
  ]);
  expect(ended.code, ended.stderr).toBe(0);
  const results: Results = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'));
  expect(results.sections.map(({ id }) => id)).toEqual(['extract']);
  const ids = results.sections.flatMap(({ figures }) => figures.map(({ id }) => id));
  expect(ids).toEqual(expect.arrayContaining(['extract/pipeline/floor', 'extract/pipeline/reparse']));
  for (const { figures } of results.sections) {
    for (const { id, value } of figures) expect(value?.median, id).toBeGreaterThan(0);
  }
  const page = readFileSync(join(folder, 'results.md'), 'utf8');
  expect(page).toContain('| pipeline against floor |');
});

test('an unknown section or an impossible scale is refused before anything runs', async () => {
  const refused = (...args: string[]) =>
    runCommand(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args]);
  expect((await refused('--only', 'speed')).stderr).toContain('There is no section speed');
  expect((await refused('--scale', '0')).stderr).toContain('--scale 0 is not a number above 0');
});
