import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { start } from '../e2e/command.ts';
import { copyOfPipeline } from '../e2e/pipeline-copy.ts';
import { edit } from '../engine/project-copy.ts';
import { startCase } from './case.ts';
import { NAMES } from './entity-names.ts';
import { note } from './ledger.ts';
import { BUGS, type Bug, MART_SEED } from './planted-bugs/bugs.ts';

let copy = '';
beforeAll(() => {
  copy = copyOfPipeline(['tests', 'tsconfig.build.json', 'vitest.faults.config.ts']);
  // A bug may be one that the compiler would refuse; what is asked here is whether the tests find it.
  edit(copy, 'tsconfig.build.json', '"noEmit": false', '"noEmit": false, "noCheck": true');
});
afterAll(() => {
  note({ group: 'planted bugs', cases: BUGS.length + 1 });
  rmSync(copy, { recursive: true, force: true });
});

/** Runs a part of the suite in the copy. */
async function runSuite({ suites, tests }: { suites: readonly string[]; tests: string }) {
  const results = join(copy, 'results.json');
  rmSync(results, { force: true });
  const args = ['run', '--config', 'vitest.faults.config.ts', ...suites, '-t', tests];
  const output = ['--reporter=json', `--outputFile=${results}`];
  const { FAULTS_LEDGER: _, ...env } = process.env;
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...args, ...output], {
    cwd: copy,
    env: { ...env, FAULTS_SEED: String(MART_SEED) },
    stdio: 'ignore',
  });
  await new Promise((resolve) => child.once('close', resolve));
  const { testResults }: Results = JSON.parse(readFileSync(results, 'utf8'));
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ fullName, status, failureMessages }) => ({
        suite: basename(name, '.faults.ts'),
        test: fullName.trim(),
        isPassed: status === 'passed',
        messages: failureMessages,
      })),
  );
}

interface Results {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

test('without a planted bug every test that must find one passes', async () => {
  const results = await runSuite({
    suites: [...new Set(BUGS.map(({ suite }) => suite))],
    tests: BUGS.map(({ tests }) => `(${tests})`).join('|'),
  });
  expect(results.filter(({ isPassed }) => !isPassed)).toEqual([]);
  const isRun = ({ suite, tests }: Bug) =>
    results.some((result) => result.suite === suite && new RegExp(tests).test(result.test));
  expect(BUGS.filter((bug) => !isRun(bug))).toEqual([]);
}, 1_800_000);

describe('planted bugs of the pipeline', () => {
  test.each(
    BUGS.map((bug) => [bug.name, bug] as const),
  )('a planted bug is found by the fault suite: %s', async (_, bug) => {
    const path = join(copy, bug.file);
    const right = readFileSync(path);
    edit(copy, bug.file, bug.from, bug.to);
    try {
      // Without faults the copy still works, so the suite finds the bug and not a broken copy.
      const night = await startCase();
      const goodDay = await start(['extract', ...NAMES], night.env, { sources: copy }).ended;
      expect(goodDay, goodDay.stdout + goodDay.stderr).toMatchObject({ code: 0 });
      const results = await runSuite({ suites: [bug.suite], tests: bug.tests });
      // A time-out or a crash does not count as finding the bug.
      const isFind = (message: string) =>
        message.startsWith('AssertionError: ') && message.includes(bug.symptom ?? '');
      const finds = results.filter(({ messages }) => messages.some(isFind));
      expect(finds, JSON.stringify(results)).not.toEqual([]);
      note({ bug: bug.name, foundBy: `${bug.suite}: ${finds[0]?.test}` });
    } finally {
      writeFileSync(path, right);
    }
  });
});
