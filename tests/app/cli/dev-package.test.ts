import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { PROJECT } from '../../e2e/command.ts';
import { copyOfPipeline } from '../../e2e/pipeline-copy.ts';

const copy = withoutDevPackages();
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test.each([
  [['check'], '@biomejs/biome'],
  [['schema', '--', '--check'], 'json-schema-to-typescript'],
  [['schema', '--', 'accept', 'jobs', 'newField', '--type', 'STRING'], 'json-schema-to-typescript'],
])('npm run %j names the missing development package and what to do', (args, missing) => {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', ...args], {
    cwd: copy,
    encoding: 'utf8',
  });
  expect(stderr).toBe(
    `\`npm run ${args[0]}\` needs the development package ${missing}, which is not installed: run \`npm ci\`.\n`,
  );
  expect([status, stdout]).toEqual([1, '']);
});

/** A copy of the project in which these two packages are missing, as after `npm ci --omit=dev`. */
function withoutDevPackages(): string {
  const folder = copyOfPipeline();
  const installed = join(PROJECT, 'node_modules');
  rmSync(join(folder, 'node_modules'));
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  const missing = ['@biomejs', 'json-schema-to-typescript'];
  const names = readdirSync(installed).filter((name) => !name.startsWith('.') && !missing.includes(name));
  for (const name of [...names, '.bin/tsx'])
    symlinkSync(join(installed, name), join(folder, 'node_modules', name));
  return folder;
}
