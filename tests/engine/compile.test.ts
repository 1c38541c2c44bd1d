import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { compileProject } from '../../engine/compile.ts';
import { compileByCore } from '../../engine/dataform-core.ts';
import { copyOfProject, edit } from './project-copy.ts';

const run = promisify(execFile);
const CLI = join(dirname(createRequire(import.meta.url).resolve('@dataform/cli/package.json')), 'bundle.js');

/** The output of `dataform compile --json`, also when it found errors. */
async function byCommandLine(project: string, flags: readonly string[]) {
  const args = [CLI, 'compile', project, '--json', ...flags];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 64 << 20 }).catch(
    (error: { stdout: string }) => error,
  );
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** The compiled graph as JSON, without undefined members. */
const plain = (compiled: object) => JSON.parse(JSON.stringify(compiled)) as Record<string, unknown>;

test('compiling the project gives the output of dataform compile in every field', async () => {
  const project = copyOfProject();
  const expected = await byCommandLine(project, ['--vars=run_date=2025-09-01,as_of=2025-09-02T00:00:00Z']);
  const vars = { run_date: '2025-09-01', as_of: '2025-09-02T00:00:00Z' };
  expect(plain(compileByCore(project, { vars }))).toEqual(expected);
  expect(JSON.stringify(expected)).toContain("date '2025-09-01'");
});

test('the flags of a compiled graph make dataform compile give the same tables and assertions', async () => {
  const project = copyOfProject();
  const places = { database: 'acme', location: 'europe-west3', schema: 'mart', assertionSchema: 'logs' };
  const { flags, tables, assertions } = await compileProject(project, { run_date: '2025-09-01' }, places);
  const expected = await byCommandLine(project, flags);
  expect(plain({ tables, assertions })).toEqual({
    tables: expected.tables,
    assertions: expected.assertions,
  });
  expect(JSON.stringify(tables)).toContain('"database":"acme"');
  expect(JSON.stringify(assertions)).toContain('"schema":"logs"');
});

test('two compilations in one process do not affect each other', async () => {
  const project = copyOfProject();
  const first = await compileProject(project, { run_date: '2025-09-01' });
  edit(project, 'definitions/staging/stg_tag_types.sqlx', 'select', 'select 1 as added,');
  const second = await compileProject(project, { run_date: '2025-09-02' });
  const changed = second.tables.filter(({ query }, index) => query !== first.tables[index]?.query);
  expect(second.tables).toHaveLength(first.tables.length);
  expect(changed.map(({ target }) => target.name)).toContain('stg_tag_types');
  expect(changed.length).toBeLessThan(first.tables.length / 2);
});

describe('compilation errors', () => {
  test.each([
    [
      'an unresolved reference',
      'definitions/intermediate/int_booked.sqlx',
      'ref("stg_estimates")',
      'ref("stg")',
    ],
    ['a syntax error in an include', 'includes/dates.js', 'function runDate', 'function runDate('],
    [
      'a call of a function that does not exist',
      'definitions/intermediate/int_booked.sqlx',
      'dates.localDate',
      'dates.noDate',
    ],
  ])('a compilation error has the message of dataform compile: %s', async (_, file, from, to) => {
    const project = copyOfProject();
    edit(project, file, from, to);
    const said = (compiled: Record<string, unknown>) =>
      (compiled.graphErrors as { compilationErrors: { message: string }[] }).compilationErrors.map(
        ({ message }) => message,
      );
    const ours = said(plain(compileByCore(project, { vars: {} })));
    expect(ours.length).toBeGreaterThan(0);
    expect(ours).toEqual(said(await byCommandLine(project, ['--vars=run_date=2025-10-27'])));
    await expect(compileProject(project, {})).rejects.toThrow(file);
  });

  test('an unresolved reference is reported once, without the errors that follow from it', async () => {
    const project = copyOfProject();
    edit(project, 'definitions/intermediate/int_booked.sqlx', '"stg_estimates"', '"stg_nothing"');
    await expect(compileProject(project, {})).rejects.toThrow(
      /not compile:\n {2}- definitions\/intermediate\/int_booked.sqlx: Could not resolve "stg_nothing"$/,
    );
  });

  test('a dataform.json that is not JSON is reported as a compilation error', async () => {
    const project = copyOfProject();
    edit(project, 'dataform.json', '{', '');
    await expect(compileProject(project, {})).rejects.toThrow(/^The Dataform project does not compile: /);
  });
});
