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

const WHO: Readonly<Record<string, Finding['who']>> = {
  'The office': 'the office',
  'The analyst': 'the analyst',
  'The data engineer': 'the data engineer',
};

/** The sentences that `includes/findings.js` puts into the description of an assertion; null if it has none. */
export function meaningIn(description: string | null | undefined): Meaning | null {
  const found = /\nFinding: (.+)\. \(One: (.+)\.\)\nEffect: (.+)\n([^:\n]+): (.+)$/.exec(description ?? '');
  const [, many, one, effect, person = '', how] = found ?? [];
  const who = WHO[person];
  return many && one && effect && who && how ? { one, many, effect, who, how } : null;
}

const DEFECT =
  'This is a defect of the models. Run `npm run transform`; if it stays, docs/on-call.md says what to do.';

/** The findings in words, RED first. */
export function findingsOf(
  assertions: readonly AssertionRow[],
  amounts: readonly FindingAmount[],
): readonly Finding[] {
  return assertions
    .filter(({ verdict }) => verdict !== 'GREEN')
    .map((row) => ({ ...row, ...meaningOf(row), sentence: sentenceOf(row, amounts) }));
}

function meaningOf({ name, failing_rows, description }: AssertionRow): Meaning {
  const who = 'the data engineer';
  if (failing_rows === null) {
    const effect = 'What it would have found is unknown.';
    const how = 'The details say why; mend that and run `npm run transform`.';
    return { one: '', many: '', effect, who, how };
  }
  const known = meaningIn(description);
  if (known) return known;
  // The rules inside a model: `st_mart_v2_daily_kpis_assertions_uniqueKey_0`.
  const [, table = name, rule] = /_v\d+_(\w+)_assertions_(uniqueKey|rowConditions)/.exec(name) ?? [];
  const [one, many] =
    rule === 'uniqueKey'
      ? [`row of ${table} is there twice`, `rows of ${table} are there twice`]
      : [`row of ${table} breaks a rule`, `rows of ${table} break a rule`];
  return { one, many, effect: `The numbers made from ${table}.`, who, how: DEFECT };
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
