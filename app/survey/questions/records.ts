import type { Question } from '../question.ts';

/** What the pipeline assumes of the records themselves. */
export const RECORDS: readonly Question[] = [
  {
    id: 'keys',
    assumes: 'Every record has an id.',
    how: 'the sampled pages of each entity',
    ask: { kind: 'fact', fact: 'null keys' },
    consequence:
      'Records without an id are rejected and listed: their amounts are missing from labor cost. docs/on-call.md says what to do.',
    concerns: 'named',
  },
  {
    id: 'schemas',
    assumes: 'Records fit their schemas, nulls included.',
    how: 'the sampled pages of each entity against schemas/',
    ask: { kind: 'fact', fact: 'broken rules' },
    consequence: 'Such records are rejected and listed each night. Correct the schema: docs/drift.md.',
    concerns: 'named',
  },
  {
    id: 'unknown-fields',
    assumes: 'Records have no fields that the schemas do not know.',
    how: 'the sampled pages of each entity against schemas/',
    ask: { kind: 'fact', fact: 'unknown fields' },
    consequence:
      'Nothing is lost: the fields are kept in `_extra`. `npm run schema -- accept` makes one a column.',
    concerns: [],
  },
  {
    id: 'unknown-values',
    assumes: 'Fields with documented values have no others.',
    how: 'the sampled pages of each entity against schemas/',
    ask: { kind: 'fact', fact: 'unknown values' },
    consequence: 'The values are stored unchanged. Look at them with `npm run drift` after the first night.',
    concerns: [],
  },
  {
    id: 'job-status',
    assumes: 'jobStatus has the documented values, with or without a blank.',
    how: 'the sampled pages of jobs',
    ask: { kind: 'fact', fact: 'job status' },
    consequence:
      'A status that the models do not know counts as neither completed nor canceled. Look at `npm run drift`.',
    concerns: ['jobs'],
  },
  {
    id: 'estimate-status',
    assumes: 'The status of an estimate is an object with a name.',
    how: 'the sampled pages of estimates',
    ask: { kind: 'fact', fact: 'estimate status' },
    consequence:
      'No estimate counts as sold. Correct `status` in schemas/estimates.schema.json and stg_estimates.',
    concerns: ['estimates'],
  },
  {
    id: 'dates-are-days',
    assumes: 'invoiceDate, payment dates and pay dates are days, written as midnight UTC.',
    how: 'the sampled pages of invoices, payments and gross pay',
    ask: { kind: 'fact', fact: 'days' },
    consequence:
      'A day with a time is taken as it is written, without the time zone: numbers may move by a day.',
    concerns: ['invoices', 'payments', 'gross_pay_items'],
  },
  {
    id: 'number-forms',
    assumes: 'Instants have up to 7 digits of a second, numbers any scale.',
    how: 'the sampled pages of each entity',
    ask: { kind: 'fact', fact: 'forms' },
    consequence: 'Instants with more digits are rejected. Correct schemas/validator.ts.',
    concerns: [],
  },
  {
    id: 'undated-invoices',
    assumes: 'Invoices without a date belong to jobs that are not completed.',
    how: 'the sampled pages of invoices and jobs',
    ask: { kind: 'fact', fact: 'undated invoices' },
    consequence:
      'Their revenue counts by the start of the job; a screen that goes by the invoice date leaves it out. Receivables do not count their balances.',
    concerns: ['invoices'],
  },
  {
    id: 'invoices-of-jobs',
    assumes: 'Every invoice with an amount belongs to a job.',
    how: 'the sampled pages of invoices',
    ask: { kind: 'fact', fact: 'invoices of jobs' },
    consequence:
      'Invoices of a project alone are in no production KPI. The report lists them; decide with the owner.',
    concerns: ['dollars_produced'],
  },
  {
    id: 'pay-of-jobs',
    assumes: 'Most pay items name a job.',
    how: 'the sampled pages of gross pay',
    ask: { kind: 'fact', fact: 'pay of jobs' },
    consequence:
      'Pay without a job is not in labor cost, so the margin is higher than on a screen that spreads it.',
    concerns: ['gross_pay_items'],
  },
  {
    id: 'change-times',
    assumes: 'Changes are spread over time: no month has most of an entity.',
    how: 'the count of jobs, invoices and estimates by month of modifiedOn',
    ask: { kind: 'months', entities: ['jobs', 'invoices', 'estimates'] },
    consequence:
      'A bulk change touched the entity once and may again. Such a night reads everything and adds only what differs; expect the calls of a first night.',
    concerns: [],
  },
];
