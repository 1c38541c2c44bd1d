import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { start } from '../e2e/command.ts';
import { copyOfPipeline } from '../e2e/pipeline-copy.ts';
import { edit } from '../transform/project-copy.ts';
import { startCase } from './case.ts';
import { note } from './ledger.ts';
import { BUGS, type Bug } from './planted-bugs/bugs.ts';
import { NAMES } from './tenant.ts';

let copy = '';
beforeAll(() => {
  const tests = ['tests/e2e', 'tests/faults', 'tests/sandbox', 'tests/transform', 'tests/closing-line.ts'];
  copy = copyOfPipeline([...tests, 'vitest.faults.config.ts']);
});
afterAll(() => {
  note({ group: 'planted bugs', cases: BUGS.length + 1 });
  rmSync(copy, { recursive: true, force: true });
});

/** Runs a part of the suite in the copy; the names of its failed and passed tests. */
async function runSuite({ suite, tests }: Pick<Bug, 'suite' | 'tests'>) {
  const results = join(copy, 'results.json');
  rmSync(results, { force: true });
  const args = ['run', '--config', 'vitest.faults.config.ts', suite, '-t', tests];
  const output = ['--reporter=json', `--outputFile=${results}`];
  const { FAULTS_LEDGER: _, ...env } = process.env;
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...args, ...output], {
    cwd: copy,
    env,
    stdio: 'ignore',
  });
  await new Promise((resolve) => child.once('close', resolve));
  const { testResults }: Results = JSON.parse(readFileSync(results, 'utf8'));
  const found = testResults.flatMap(({ assertionResults }) => assertionResults);
  const named = (status: string) =>
    found.filter((result) => result.status === status).map(({ fullName }) => fullName.trim());
  return { failed: named('failed'), passed: named('passed') };
}

interface Results {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

test('the copy without a bug is green', async () => {
  const { failed, passed } = await runSuite({ suite: 'lease', tests: 'killed' });
  expect([failed, passed.length]).toEqual([[], 1]);
});

describe('a planted bug is found', () => {
  test.each(BUGS)('$name', async (bug) => {
    const path = join(copy, bug.file);
    const right = readFileSync(path);
    edit(copy, bug.file, bug.from, bug.to);
    try {
      // On a good day nobody notices it, so that what the suite finds is the bug and not a broken copy.
      const night = await startCase();
      const goodDay = await start(['extract', ...NAMES], night.env, { cwd: copy }).ended;
      expect(goodDay, goodDay.stdout + goodDay.stderr).toMatchObject({ code: 0 });
      const { failed } = await runSuite(bug);
      note({ bug: bug.name, foundBy: `${bug.suite}: ${failed[0]}` });
      expect(failed).not.toEqual([]);
    } finally {
      writeFileSync(path, right);
    }
  });
});
