import { createRequire } from 'node:module';

/** How the models count where the owner may choose: variables of `dataform.json`, by their names. */
export interface Rules {
  readonly test_customer_rule: string;
  /** Names separated by `|`. */
  readonly excluded_production_types: string;
  readonly collections_source: string;
  readonly ar_source: string;
}

/** The rules of this project, by which its models are compiled. */
export const RULES: Rules = (
  createRequire(import.meta.url)('../../dataform.json') as { readonly vars: Rules }
).vars;
