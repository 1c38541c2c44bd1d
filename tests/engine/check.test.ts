import { describe, expect, test } from 'vitest';
import { checkProject } from '../../engine/check.ts';
import type { PreparedQueries } from '../../engine/prepare-graph.ts';
import { copyOfProject, edit } from './project-copy.ts';

const BOOKED = 'definitions/intermediate/int_booked.sqlx';

test('the check proves every query of the project with GoogleSQL', async () => {
  const { proved, blocked, problems } = await checkProject(copyOfProject());
  expect(problems).toEqual([]);
  expect(blocked).toBe(0);
  expect(proved).toBeGreaterThan(150);
});

test('a check that remembers accepted queries asks again for each that an edit reaches, also by its columns', async () => {
  const project = copyOfProject();
  const queries: PreparedQueries = new Map();
  const first = await checkProject(project, queries);
  expect(queries.size).toBe(first.proved);
  // Through JSON, as `npm run check` keeps them.
  const kept = new Map(JSON.parse(JSON.stringify([...queries]))) as PreparedQueries;
  expect(await checkProject(project, kept)).toEqual(first);
  // The model is right, and so was each of its readers until it lost a column.
  edit(
    project,
    BOOKED,
    'coalesce(estimates.subtotal, 0) as amount',
    'coalesce(estimates.subtotal, 0) as dollars',
  );
  edit(project, BOOKED, '"business_unit", "amount"', '"business_unit", "dollars"');
  const { problems } = await checkProject(project, kept);
  expect(problems.length).toBeGreaterThan(0);
  for (const problem of problems) expect(problem).not.toContain(BOOKED);
});

describe('models that the check refuses', () => {
  test.each([
    [
      'a misspelt column',
      'estimates.sold_at is not null',
      'estimates.sold_on is not null',
      22,
      'Name sold_on not found',
    ],
    ['a type error', "estimate_status = 'Sold'", 'estimate_status = 1', 21, 'No matching signature'],
    [
      'an unknown function',
      'coalesce(estimates.subtotal, 0)',
      'if_null(estimates.subtotal, 0)',
      17,
      'Function not found',
    ],
    ['a syntax error', 'where estimates.is_active', 'were estimates.is_active', 20, 'Syntax error'],
    [
      'a function without a conformance entry',
      'estimates.job_id,',
      'soundex(estimates.estimate_status) as x,',
      14,
      'soundex(STRING); docs/sql-on-duckdb.md shows how to add it',
    ],
    [
      'a function of the clock',
      'estimates.job_id,',
      'current_date() as x,',
      14,
      'current_date() in a model, because a night must be repeatable',
    ],
  ])('the check reports a wrong model with file, line and reason: %s', async (_, from, to, line, reason) => {
    const project = copyOfProject();
    edit(project, BOOKED, from, to);
    const { problems, blocked } = await checkProject(project);
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${BOOKED}:${line}: `))]);
    expect(problems[0]).toContain(reason);
    // Models that read the wrong model are blocked, not wrong.
    expect(blocked).toBeGreaterThan(5);
  });

  test('the check reports a reference to a model that does not exist', async () => {
    const project = copyOfProject();
    edit(project, BOOKED, 'ref("stg_estimates")', 'ref("stg_estimate")');
    await expect(checkProject(project)).rejects.toThrow(/int_booked.sqlx: .*stg_estimate/);
  });

  test('the check reports an expression with an unclosed brace', async () => {
    const project = copyOfProject();
    edit(project, BOOKED, 'ref("stg_estimates")', 'ref("stg_estimates"');
    await expect(checkProject(project)).rejects.toThrow(/int_booked/);
  });
});
