import type { AssertionRow, FindingAmount, Verdict } from './data.ts';
import { countText, roundText } from './format.ts';

/** What a finding of an assertion means to a reader. */
export interface Finding {
  readonly name: string;
  readonly file: string;
  readonly verdict: Verdict;
  /** What it is, in one sentence with the count and the amount. */
  readonly sentence: string;
  /** Which numbers it touches, and how. */
  readonly effect: string;
  /** Who mends it. */
  readonly who: 'the office' | 'the analyst' | 'the data engineer';
  readonly how: string;
  /** At most five failing rows as JSON text, or why the assertion could not run. */
  readonly sample: string | null;
}

interface Meaning extends Pick<Finding, 'effect' | 'who' | 'how'> {
  /** A phrase after the count: `4 business units are not mapped`. */
  readonly one: string;
  readonly many: string;
}

const say = (one: string, many: string, effect: string, who: Finding['who'], how: string): Meaning => ({
  one,
  many,
  effect,
  who,
  how,
});

const office = 'the office';
const analyst = 'the analyst';
const engineer = 'the data engineer';
const READ_AGAIN =
  'Read what failed in the log: `npm run status`. Then run the night again; it continues where it stopped.';
const DEFECT =
  'This is a defect of the models. Run `npm run transform`; if it stays, docs/on-call.md says what to do.';

/** Every assertion of `definitions/assertions`, in words. A test requires that none is missing. */
export const MEANINGS: Readonly<Record<string, Meaning>> = {
  assert_collections_assigned: say(
    ...(['collected amount belongs to no unit', 'collected amounts belong to no unit'] as const),
    'They are missing in Collected.',
    office,
    'Give the invoice or its job a business unit in ServiceTitan.',
  ),
  assert_collections_equal_report: say(
    ...(['week and unit differs', 'weeks and units differ'] as const),
    'Collected is not what the saved ServiceTitan report says.',
    analyst,
    'Compare the payments of that week and unit with the report: `npm run explain -- dollars_collected <unit> <week>`.',
  ),
  assert_collections_report_assigned: say(
    ...([
      'line of the saved collections report names no unit of ours',
      'lines of the saved collections report name no unit of ours',
    ] as const),
    'They are left out when the report is compared with Collected.',
    office,
    'Give the invoice a business unit in ServiceTitan, or add the unit to business_units.csv.',
  ),
  assert_costs_have_jobs: say(
    ...(['cost belongs to a job that was never read', 'costs belong to jobs that were never read'] as const),
    'They are missing in Gross margin and Warranty.',
    engineer,
    'Read the jobs: `npm run sweep -- jobs` loads what is missing.',
  ),
  assert_customer_merges_end: say(
    ...(['customer is merged in a circle', 'customers are merged in a circle'] as const),
    'Leads may count these customers twice.',
    office,
    'Correct the merge of these customers in ServiceTitan.',
  ),
  assert_deposits_applied: say(
    ...([
      'deposit is paid but not applied to an invoice',
      'deposits are paid but not applied to an invoice',
    ] as const),
    'They count in Collected only once they are applied; Receivables do not subtract them.',
    office,
    'Apply them to their invoices in ServiceTitan.',
  ),
  assert_entities_fresh: say(
    ...(['kind of record was not read to the end', 'kinds of records were not read to the end'] as const),
    'Every number that needs them is older than the day of this report.',
    engineer,
    READ_AGAIN,
  ),
  assert_estimates_have_jobs: say(
    ...(['sold estimate has no job', 'sold estimates have no job'] as const),
    'They are missing in Booked and in Close rate.',
    office,
    'Attach the estimate to its job in ServiceTitan. If it has one there, the data engineer runs `npm run sweep -- jobs`.',
  ),
  assert_events_in_calendar: say(
    ...([
      'number has no date, or one outside the calendar',
      'numbers have no date, or one outside the calendar',
    ] as const),
    'They count on no day that the report shows. The details name the KPI, the record and the amount.',
    office,
    'Correct the date of the record in ServiceTitan.',
  ),
  assert_feeds_as_full_as_usual: say(
    ...([
      'kind of record brought far fewer records than usual',
      'kinds of records brought far fewer records than usual',
    ] as const),
    'Numbers of the last days may be too low.',
    engineer,
    'Check the tenant, then compare counts with it: `npm run sweep -- <entity>`.',
  ),
  assert_feeds_not_silent: say(
    ...([
      'kind of record has had no news for unusually long',
      'kinds of records have had no news for unusually long',
    ] as const),
    'Numbers of the last days may be too low.',
    engineer,
    'Compare counts with the tenant: `npm run sweep -- <entity>`.',
  ),
  assert_first_appointments_agree: say(
    ...([
      'job names a first appointment that is not its earliest',
      'jobs name a first appointment that is not their earliest',
    ] as const),
    'Produced, Gross margin and Warranty count them on the day of the earliest appointment, which is the rule; a screen may show the other day.',
    analyst,
    'Nothing, unless a screen value is off in those weeks.',
  ),
  assert_invoices_have_jobs: say(
    ...([
      'invoice belongs to a job that was never read',
      'invoices belong to jobs that were never read',
    ] as const),
    'They are missing in Produced, Collected and Receivables.',
    engineer,
    'Read the jobs: `npm run sweep -- jobs` loads what is missing.',
  ),
  assert_job_types_known: say(
    ...([
      'job type is new or contradicts the reference',
      'job types are new or contradict the reference',
    ] as const),
    'Leads and Estimates count a type as an estimate if its name contains "estimate"; Warranty counts only Warranty and Touchup.',
    analyst,
    'Decide what they are, and add them to job_types.csv.',
  ),
  assert_jobs_have_known_type: say(
    ...([
      'job has a type that ServiceTitan does not list',
      'jobs have a type that ServiceTitan does not list',
    ] as const),
    'They are missing in Leads and Estimates, whatever they are.',
    office,
    'Give the job an existing type in ServiceTitan.',
  ),
  assert_kpi_units_exist: say(
    ...([
      'business unit of the reference is not in ServiceTitan',
      'business units of the reference are not in ServiceTitan',
    ] as const),
    'Its KPIs have no value: the unit was renamed or removed, so no record is mapped to it.',
    analyst,
    'Correct the name or the id in business_units.csv.',
  ),
  assert_links_cover: say(
    ...([
      'link between records is missing too often',
      'links between records are missing too often',
    ] as const),
    'Numbers that follow the link are too low.',
    engineer,
    'Read both kinds of records again: `npm run sweep -- <entity>`.',
  ),
  assert_location_merges_end: say(
    ...(['location is merged in a circle', 'locations are merged in a circle'] as const),
    'Receivables may count these locations separately.',
    office,
    'Correct the merge of these locations in ServiceTitan.',
  ),
  assert_mart_covers_every_day: say(
    ...([
      'day is missing or there twice in the mart',
      'days are missing or there twice in the mart',
    ] as const),
    'All numbers of those days.',
    engineer,
    DEFECT,
  ),
  assert_mart_equals_stage: say(
    ...([
      'total of the mart differs from its records',
      'totals of the mart differ from their records',
    ] as const),
    'The number named in the details.',
    engineer,
    DEFECT,
  ),
  assert_marts_show_values: say(
    ...([
      'cell of the mart is not the value that was computed',
      'cells of the mart are not the values that were computed',
    ] as const),
    'The numbers named in the details.',
    engineer,
    DEFECT,
  ),
  assert_mart_only_known_units: say(
    ...([
      'row of the mart has a unit that does not fit the reference',
      'rows of the mart have units that do not fit the reference',
    ] as const),
    'All numbers of those units.',
    analyst,
    'Correct business_units.csv; each unit needs one kind and one region.',
  ),
  assert_no_record_rejected: say(
    ...(['kind of broken record was set aside', 'kinds of broken records were set aside'] as const),
    'These records count nowhere. Pay items belong to Gross margin.',
    engineer,
    '`npm run drift` says what is wrong with them. They are read again every night.',
  ),
  assert_no_record_vanished: say(
    ...([
      'kind of record has records that ServiceTitan no longer has',
      'kinds of records have records that ServiceTitan no longer has',
    ] as const),
    'They still count in the numbers.',
    engineer,
    'If they were deleted on purpose: `npm run sweep -- <entity> --gone`.',
  ),
  assert_payments_add_up: say(
    ...(['payment was not read completely', 'payments were not read completely'] as const),
    'Collected lacks a part of them.',
    engineer,
    'Read the payments again: `npm run backfill -- payments --since <day>`.',
  ),
  assert_raw_tables_filled: say(
    ...(['table that every night needs is empty', 'tables that every night needs are empty'] as const),
    'Every number that needs it is unknown.',
    engineer,
    READ_AGAIN,
  ),
  assert_receipts_agree: say(
    ...(['receipt does not add up', 'receipts do not add up'] as const),
    'Records may be missing or there twice.',
    engineer,
    'Rebuild the table from the landed pages: `npm run replay -- <entity>`.',
  ),
  assert_receivables_equal_report: say(
    ...(['unit differs by more than 1 %', 'units differ by more than 1 %'] as const),
    'Receivables are not what the saved ServiceTitan report says.',
    analyst,
    'Compare the locations with the report: `npm run explain -- outstanding_ar <unit> <day>`.',
  ),
  assert_receivables_have_location: say(
    ...(['open balance has no location', 'open balances have no location'] as const),
    'They are missing in Receivables, as on the screen.',
    office,
    'Give the invoice a location in ServiceTitan.',
  ),
  assert_rejected_records_few: say(
    ...(['kind of record has many broken records', 'kinds of records have many broken records'] as const),
    'These records count nowhere.',
    engineer,
    '`npm run drift` says what is wrong with them; probably the API changed a field.',
  ),
  assert_reports_read: say(
    ...(['saved report was not read', 'saved reports were not read'] as const),
    'The number that is taken from it is older.',
    engineer,
    READ_AGAIN,
  ),
  assert_screen_values_equal: say(
    ...(['screen value is off', 'screen values are off'] as const),
    'The numbers listed under "Screen values that are off".',
    analyst,
    'Each is explained there.',
  ),
  assert_screen_values_exist: say(
    ...(['check found no screen value', 'checks found no screen value'] as const),
    'No number is proved against a screen.',
    analyst,
    'Read a number off a screen and store it: `npm run report -- --add-ui-value …`.',
  ),
  assert_screen_values_explained: say(
    ...(['screen value is off for a known reason', 'screen values are off for a known reason'] as const),
    'The numbers listed under "Screen values that are off".',
    analyst,
    'Read the screen again; remove the known gap once it is closed.',
  ),
  assert_snapshots_complete: say(
    ...(['snapshot is missing', 'snapshots are missing'] as const),
    'Future bookings and Receivables of this day; they cannot be computed later.',
    engineer,
    'Run the night again before the day ends.',
  ),
  assert_snapshots_equal_facts: say(
    ...(['snapshot differs from its records', 'snapshots differ from their records'] as const),
    'Future bookings and Receivables of this day.',
    engineer,
    DEFECT,
  ),
  assert_snapshots_stay_on_their_dates: say(
    ...(['day shows a snapshot that was not taken', 'days show a snapshot that was not taken'] as const),
    'Future bookings and Receivables of those days.',
    engineer,
    DEFECT,
  ),
  assert_sold_estimates_dated: say(
    ...(['sold estimate has no sale date', 'sold estimates have no sale date'] as const),
    'They are missing in Booked, but Close rate counts their jobs as won.',
    office,
    'Set the sale date of the estimate in ServiceTitan.',
  ),
  assert_units_mapped: say(
    ...([
      'business unit is not among the units that count',
      'business units are not among the units that count',
    ] as const),
    'Their jobs count in no number.',
    analyst,
    'Decide whether they count, and add them to business_units.csv.',
  ),
  assert_weeks_equal_days: say(
    ...(['week is not the sum of its days', 'weeks are not the sum of their days'] as const),
    'The number named in the details.',
    engineer,
    DEFECT,
  ),
  assert_year_before_is_monday: say(
    ...(['week does not begin on a Monday', 'weeks do not begin on a Monday'] as const),
    'All comparisons with a year before.',
    engineer,
    DEFECT,
  ),
};

/** The findings in words, RED first. */
export function findingsOf(
  assertions: readonly AssertionRow[],
  amounts: readonly FindingAmount[],
): readonly Finding[] {
  return assertions
    .filter(({ verdict }) => verdict !== 'GREEN')
    .map((row) => ({ ...row, ...meaningOf(row), sentence: sentenceOf(row, amounts) }));
}

function meaningOf({ name, failing_rows }: AssertionRow): Meaning {
  if (failing_rows === null) {
    const effect = 'What it would have found is unknown.';
    return say('', '', effect, engineer, 'The details say why; mend that and run `npm run transform`.');
  }
  const known = MEANINGS[name];
  if (known) return known;
  // The rules inside a model: `st_mart_v2_daily_kpis_assertions_uniqueKey_0`.
  const [, table = name, rule] = /_v\d+_(\w+)_assertions_(uniqueKey|rowConditions)/.exec(name) ?? [];
  const [one, many] =
    rule === 'uniqueKey'
      ? [`row of ${table} is there twice`, `rows of ${table} are there twice`]
      : [`row of ${table} breaks a rule`, `rows of ${table} break a rule`];
  return say(one, many, `The numbers made from ${table}.`, engineer, DEFECT);
}

function sentenceOf(row: AssertionRow, amounts: readonly FindingAmount[]): string {
  if (row.failing_rows === null) return `The check ${row.name} could not run.`;
  const { one, many } = meaningOf(row);
  const found = amounts.find(({ assertion }) => assertion === row.name);
  const jobs = row.name === 'assert_units_mapped' && found ? `${countText(found.records, 'job')}, ` : '';
  const money = found?.amount ? ` (${jobs}${roundText('total_booked', found.amount)})` : '';
  const [noun = '', ...rest] = splitAt(row.failing_rows === '1' ? one : many);
  return `${countText(row.failing_rows, noun, noun)}${money}${rest.join('')}.`;
}

/** The noun of a phrase and the rest from its verb on, so that the amount stands after the noun. */
function splitAt(phrase: string): readonly string[] {
  const verb =
    / (?:is|are|has|have|names?|belongs?|differs?|breaks?|brought|was|were|does|do|shows?|found)\b/.exec(
      phrase,
    );
  return verb ? [phrase.slice(0, verb.index), phrase.slice(verb.index)] : [phrase];
}

/** What money is that counts in no number, by the assertion that lists it. */
const UNCOUNTED: Readonly<Record<string, string>> = {
  assert_sold_estimates_dated: 'sales without a date',
  assert_estimates_have_jobs: 'sales without a job',
  assert_invoices_have_jobs: 'invoices without a job',
  assert_collections_assigned: 'payments without a unit',
  assert_receivables_have_location: 'balances without a location',
  assert_units_mapped: 'invoices of units that do not count',
  assert_deposits_applied: 'deposits not applied yet',
};

/** Which money counts in no number, in one sentence; empty if there is none. */
export function uncountedText(amounts: readonly FindingAmount[]): string {
  const parts = amounts.flatMap(({ assertion, amount }) => {
    const what = UNCOUNTED[assertion];
    return what && amount !== null && Number(amount) !== 0
      ? [`${roundText('total_booked', amount)} ${what}`]
      : [];
  });
  return parts.length > 0 ? `Money that counts in no number: ${parts.join(', ')}.` : '';
}
