import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Results } from '../../bench/markdown.ts';
import { runCommand } from '../../bench/processes.ts';
import { testFolder } from './tenant.ts';

/** Measures a section in one round and returns all sections of the results. */
async function measure(folder: string, section: string, scale: string): Promise<Results['sections']> {
  const args = ['--quick', '--scale', scale, '--rounds', '1', '--only', section];
  const ended = await runCommand(process.execPath, [
    ...['--import', 'tsx', 'bench/main.ts', ...args],
    ...['--cache', join(folder, 'cache'), '--out', folder],
  ]);
  expect(ended.code, ended.stderr).toBe(0);
  return (JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as Results).sections;
}

const idsOf = (parts: readonly { readonly id: string }[]) => parts.map(({ id }) => id);

function expectPositive(sections: Results['sections']): void {
  for (const { figures } of sections) {
    for (const { id, value } of figures) expect(value?.median, id).toBeGreaterThan(0);
  }
}

test('a quick benchmark writes each section beside the sections measured before at that volume', async () => {
  const folder = testFolder();
  expect(idsOf(await measure(folder, 'load', '0.001'))).toEqual(['load']);
  // Results of another volume must not be mixed with these.
  expect(idsOf(await measure(folder, 'load', '0.002'))).toEqual(['load']);
  const sections = await measure(folder, 'extract', '0.002');
  expect(idsOf(sections)).toEqual(['extract', 'load']);
  expect(idsOf(sections.flatMap(({ figures }) => figures))).toEqual(
    expect.arrayContaining(['extract/pipeline/floor', 'extract/pipeline/reparse', 'load/invoices/core']),
  );
  expectPositive(sections);
  expect(readFileSync(join(folder, 'results.md'), 'utf8')).toContain('| pipeline against floor |');
});

test('the benchmark of nights compares the first with its floor and shows who used the cores', async () => {
  const folder = testFolder();
  const sections = await measure(folder, 'night', '0.002');
  expectPositive(sections);
  const [night] = sections;
  expect(night?.figures.find(({ id }) => id === 'night/first/floor')).toMatchObject({
    value: { n: 1 },
    target: { atMost: 1.3 },
  });
  if (!existsSync('/proc/stat')) return;
  const rows = night?.cores?.rows ?? [];
  expect([...new Set(rows.map((row) => row.night))]).toHaveLength(4);
  const reading = rows.filter(({ phase }) => phase === 'read');
  expect(reading).toHaveLength(4);
  for (const { night: name, use } of reading) expect(use?.main, name).toBeGreaterThan(0);
  expect(readFileSync(join(folder, night?.cores?.picture ?? ''), 'utf8')).toContain('>first night</text>');
});

test('the benchmark refuses an unknown section and an impossible scale before it runs', async () => {
  const refused = (...args: string[]) =>
    runCommand(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args]);
  expect((await refused('--only', 'speed')).stderr).toContain('There is no section speed');
  expect((await refused('--scale', '0')).stderr).toContain('--scale 0 is not a number above 0');
});
