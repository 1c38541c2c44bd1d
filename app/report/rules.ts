import { createRequire } from 'node:module';
import { weekStartOf } from '../../base/calendar.ts';

/** Rules that the owner may choose: variables of `dataform.json`, which docs/kpis.md describes. */
export interface Rules {
  readonly test_customer_rule: string;
  readonly collections_source: string;
  readonly ar_source: string;
  /** What material costs: purchase_orders, receipts or bills. */
  readonly costing_source: string;
  /** Whether orders, receipts and bills count with their tax: on or off. */
  readonly costing_tax: string;
  /** The weekday on which weeks begin, such as `monday`. */
  readonly week_start: string;
  readonly currency_sign: string;
  /** The smallest net balance of a location that receivables count. */
  readonly receivables_minimum: string;
}

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** The values that each rule may have. A value that the models do not know would count by the other rule. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  week_start: WEEKDAYS,
  test_customer_rule: ['substring', 'word'],
  sold_threshold_on: ['estimate', 'job'],
  collections_source: ['entities', 'report'],
  ar_source: ['entities', 'report'],
  costing_source: ['purchase_orders', 'receipts', 'bills'],
  costing_tax: ['on', 'off'],
  warnings: ['on', 'off'],
};

/** A sentence for each rule with a value that it cannot have. */
export function ruleProblems(rules: object): readonly string[] {
  const values = new Map<string, unknown>(Object.entries(rules));
  const wrong = Object.entries(CHOICES)
    .filter(([name, choices]) => !choices.includes(String(values.get(name))))
    .map(([name, choices]) => `${name} is "${values.get(name)}"; it is ${choices.join(' or ')}`);
  const minimum = values.get('receivables_minimum');
  if (!/^\d{1,15}(\.\d{1,9})?$/.test(String(minimum)))
    wrong.push(`receivables_minimum is "${minimum}"; it is an amount such as 10 or 9.99`);
  return wrong;
}

/** The rules with which this project's models are compiled. */
export const RULES: Rules = (
  createRequire(import.meta.url)('../../dataform.json') as { readonly vars: Rules }
).vars;

/** The first day of the week that contains `day`. */
export function weekOf(day: string): string {
  return weekStartOf(day, RULES.week_start);
}
