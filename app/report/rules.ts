import { createRequire } from 'node:module';
import { weekStartOf } from '../../base/calendar.ts';

/** Rules that the owner may choose: variables of `dataform.json`, which docs/kpis.md describes. */
export interface Rules {
  readonly test_customer_rule: string;
  readonly collections_source: string;
  readonly ar_source: string;
  /** The weekday on which weeks begin, such as `monday`. */
  readonly week_start: string;
  readonly currency_sign: string;
}

/** The rules with which this project's models are compiled. */
export const RULES: Rules = (
  createRequire(import.meta.url)('../../dataform.json') as { readonly vars: Rules }
).vars;

/** The first day of the week that contains `day`. */
export function weekOf(day: string): string {
  return weekStartOf(day, RULES.week_start);
}
