import { expect, test } from 'vitest';
import { RULES, ruleProblems } from '../../../app/report/rules.ts';

test('the rules of this project are ones that the models know', () => {
  expect(ruleProblems(RULES)).toEqual([]);
});

test.each([
  ['test_customer_rule', 'words', 'it is substring or word'],
  ['sold_threshold_on', 'jobs', 'it is estimate or job'],
  ['collections_source', 'reports', 'it is entities or report'],
  ['ar_source', 'Report', 'it is entities or report'],
  ['costing_source', 'orders', 'it is purchase_orders or receipts or bills'],
  ['costing_tax', 'yes', 'it is on or off'],
  ['week_start', 'Sunday', 'saturday or sunday'],
  ['receivables_minimum', 'ten', 'such as 10 or 9.99'],
  ['receivables_minimum', undefined, 'such as 10 or 9.99'],
])('a rule with a value that the models would read as another one is refused: %s %s', (name, value, choices) => {
  const problems = ruleProblems({ ...RULES, [name]: value });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`${name} is "${value}"; `);
  expect(problems[0]).toContain(choices);
});
