import { decimal, units } from '../../base/decimals.ts';
import type { AssertionRow, Verdict } from './data.ts';
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
  readonly who: Person;
  readonly how: string;
  readonly failing_rows: string | null;
  /** The first failing rows as JSON text, or why the assertion could not run. */
  readonly sample: string | null;
}

/** Who mends findings, in the order of the report. */
export const PEOPLE = ['the office', 'the analyst', 'the data engineer'] as const;
export type Person = (typeof PEOPLE)[number];

interface Meaning extends Pick<Finding, 'effect' | 'who' | 'how'> {
  /** What the money is that counts in no number because of the finding. */
  readonly uncounted?: string | undefined;
  /** A phrase after the count: `4 business units are not mapped`. */
  readonly one: string;
  readonly many: string;
}

/** The sentences that `includes/findings.js` puts into the description of an assertion; null if it has none. */
export function meaningIn(description: string | null | undefined): Meaning | null {
  const found =
    /\nFinding: (.+)\. \(One: (.+)\.\)\nEffect: (.+)\n(?:Counts in no number: (.+)\.\n)?([^:\n]+): (.+)$/.exec(
      description ?? '',
    );
  const [, many, one, effect, uncounted, person = '', how] = found ?? [];
  const who = PEOPLE.find((each) => each === person.toLowerCase());
  return many && one && effect && who && how ? { one, many, effect, uncounted, who, how } : null;
}

const DEFECT =
  'This is a defect of the models. Run `npm run transform`; if it stays, docs/on-call.md says what to do.';

/** The findings in words, RED first. */
export function findingsOf(assertions: readonly AssertionRow[]): readonly Finding[] {
  return assertions
    .filter(({ verdict }) => verdict !== 'GREEN')
    .map((row) => ({ ...row, ...meaningOf(row), sentence: sentenceOf(row) }));
}

/** How much each person has to mend; none with nothing. */
export function todoOf(
  findings: readonly Finding[],
): readonly { person: string; id: string; count: number }[] {
  return PEOPLE.map((person) => ({
    ...{ person, id: idOf(person) },
    count: findings.filter(({ who }) => who === person).length,
  })).filter(({ count }) => count > 0);
}

/** Where the page lists what a person has to do. */
export function idOf(person: string): string {
  return `look-${person.split(' ').at(-1)}`;
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

function sentenceOf(row: AssertionRow): string {
  if (row.failing_rows === null) return `The check ${row.name} could not run.`;
  const { one, many } = meaningOf(row);
  const { uncounted_amount: amount, job_count: jobs } = row;
  const counted = [
    ...(jobs ? [countText(jobs, 'job')] : []),
    ...(amount && (jobs || units(amount) !== 0n) ? [roundText('total_booked', amount)] : []),
  ];
  const money = counted.length > 0 ? ` (${counted.join(', ')})` : '';
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

/** Money that counts in no number: exact decimal text. */
export interface Uncounted {
  readonly total: string;
  /** What it consists of, the largest first. */
  readonly parts: readonly { readonly what: string; readonly amount: string }[];
}

/** Adds up what counts in no number; null if all counts. */
export function uncountedOf(assertions: readonly AssertionRow[]): Uncounted | null {
  const parts = assertions
    .flatMap(({ description, uncounted_amount: amount }) => {
      const what = meaningIn(description)?.uncounted;
      return what && amount && units(amount) !== 0n ? [{ what, amount }] : [];
    })
    .sort((a, b) => (units(a.amount) < units(b.amount) ? 1 : -1));
  if (parts.length === 0) return null;
  return { total: decimal(parts.reduce((sum, { amount }) => sum + units(amount), 0n)), parts };
}
