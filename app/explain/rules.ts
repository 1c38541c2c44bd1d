import { createRequire } from 'node:module';

/** Counting rules that the owner may choose: variables of `dataform.json`. */
export interface Rules {
  readonly test_customer_rule: string;
  /** Names separated by `|`. */
  readonly excluded_production_types: string;
  readonly collections_source: string;
  readonly ar_source: string;
}

/** The rules with which this project's models are compiled. */
export const RULES: Rules = (
  createRequire(import.meta.url)('../../dataform.json') as { readonly vars: Rules }
).vars;
