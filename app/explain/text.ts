import { printable } from '../../base/printable.ts';
import { instantOf } from '../../extract/load/instant.ts';
import { kpiText } from '../report/format.ts';
import { kpiTitle } from '../report/kpis.ts';
import type { Evidence, MeasureEvidence } from './evidence.ts';
import type { Explanation } from './explain.ts';

/** Formats rows under headings; columns in `numbers` are right-aligned. */
export type Tabulate = (
  headings: readonly string[],
  rows: readonly (readonly (string | null)[])[],
  numbers: ReadonlySet<string>,
) => string;

/** How the records are shown: in a wide terminal with the types of their jobs. */
export interface Layout {
  readonly tabulate: Tabulate;
  /** The zone of the days; times are shown in it. */
  readonly timeZone: string;
  readonly isWide?: boolean;
}

/** Most records that are listed for an alternative definition. */
const MOST_LISTED = 5;

/** Formats the explanation for a terminal. */
export function explanationText(explanation: Explanation, layout: Layout): string {
  const { tabulate } = layout;
  const { cell, value, numerator, denominator, unlisted, agrees, screen } = explanation;
  const period = cell.start === cell.end ? cell.start : `${cell.start}..${cell.end}`;
  const title = `${kpiTitle(cell.kpi)} · ${cell.businessUnit} · ${period}`;
  const parts = [printable(`${title} · times in ${layout.timeZone}`)];
  const mart =
    value === null ? 'The mart has no value for this period.' : `Mart    ${kpiText(cell.kpi, value)}`;
  parts.push([mart, screenText(explanation)].filter(Boolean).join('\n'));
  if (numerator === null) return [...parts, unlisted ?? ''].join('\n\n');
  if (denominator) {
    parts.push(`Numerator: ${sentence(numerator)}`, recordsText(numerator, layout));
    parts.push(`Denominator: ${sentence(denominator)}`, recordsText(denominator, layout));
  } else {
    parts.push(recordsText(numerator, layout), sentence(numerator));
  }
  if (agrees === false) parts.push(disagreement(explanation));
  parts.push(alternativesText(denominator ?? numerator, tabulate));
  const known = new Set(denominator?.neighbours.map(({ name }) => name));
  const neighbours = numerator.neighbours.filter(({ name }) => !known.has(name));
  if (denominator && neighbours.length > 0)
    parts.push(`Of the numerator:\n\n${alternativesText({ ...numerator, neighbours }, tabulate)}`);
  if (screen && screen.candidates.length > 0) {
    parts.push(
      [
        'What would make it equal the screen:',
        ...screen.candidates.map((each) => `  ${printable(each)}`),
      ].join('\n'),
    );
  }
  return parts.join('\n\n');
}

function disagreement({ martCounts }: Explanation): string {
  const guess =
    martCounts.length > 0
      ? `The mart's number is that of the alternative "${martCounts.join('" or "')}". `
      : '';
  return [
    'THE RECORDS DO NOT ADD UP TO THE MART.',
    `${guess}The mart is older than the models that it is computed from: run \`npm run transform\`.`,
  ].join('\n');
}

function screenText({ cell, screen, value }: Explanation): string {
  if (!screen) return '';
  const difference = screen.difference === null ? 'nothing to compare' : kpiText(cell.kpi, screen.difference);
  const verdict =
    value !== null && /^-?0(\.0*)?$/.test(screen.difference ?? '') ? 'equal' : `difference ${difference}`;
  return `Screen  ${kpiText(cell.kpi, screen.value)}  ${verdict}`;
}

const NOUNS = { sum: 'add up to', count: 'are', customers: 'belong to' } as const;

function sentence({ records, entity, combine, total }: MeasureEvidence): string {
  const count = `${records.length} ${entity}`;
  if (combine === 'count') return count;
  return `${count} ${NOUNS[combine]} ${kpiText('total_booked', combine === 'sum' ? total : null).replace('–', total)}${combine === 'customers' ? ' customers' : ''}`;
}

function recordsText(
  { records, entity, combine }: MeasureEvidence,
  { tabulate, timeZone, isWide }: Layout,
): string {
  if (records.length === 0) return `No ${entity} are counted.`;
  const runs = [...new Set(records.flatMap(({ run_id }) => run_id ?? []))];
  const isJobs = records.every(({ id, job_id, job_number }) => id === (job_number ?? job_id));
  const table = tabulate(
    [
      entity,
      ...(isJobs ? [] : ['Job']),
      ...(isWide ? ['Type'] : []),
      'Local time',
      'Counts on',
      'Status',
      'Amount',
      'From',
    ],
    records.map((record) => [
      record.id,
      ...(isJobs ? [] : [record.job_number ?? record.job_id]),
      ...(isWide ? [record.job_type] : []),
      localText(record.utc, timeZone),
      record.local_date,
      record.status,
      amountText(record.amount, combine),
      fromText(record, runs),
    ]),
    new Set(['Amount']),
  );
  const named = runs.map((run, index) => `run ${index + 1} is ${run}`);
  return [table, `From 1/4: page-00004.ndjson.gz of run 1; ${named.join(', ')}`].join('\n\n');
}

/** An instant in the zone, to the second; a plain date has no time and no zone. */
function localText(utc: string | null, timeZone: string): string | null {
  if (utc === null || /^\d{4}-\d\d-\d\d$/.test(utc)) return utc;
  // The Swedish locale formats instants as ISO 8601.
  return instantOf(utc).toLocaleString('sv-SE', { timeZone });
}

/** The number of the run in the list below the table, and the number of its page. */
function fromText({ run_id, page }: Evidence, runs: readonly string[]): string | null {
  const number = /page-0*(\d+)\./.exec(page ?? '')?.[1];
  return run_id === null ? null : `${runs.indexOf(run_id) + 1}/${number ?? '–'}`;
}

function alternativesText(
  { neighbours: alternatives, total, entity, combine }: MeasureEvidence,
  tabulate: Tabulate,
): string {
  const table = tabulate(
    ['Alternative definition', 'Gives', 'Instead of'],
    alternatives.map(({ name, isVendor, total: other }) => [
      isVendor ? `${name} (vendor)` : name,
      amountText(other, combine),
      amountText(total, combine),
    ]),
    new Set(['Gives', 'Instead of']),
  );
  const differences = alternatives.flatMap(({ name, adds, drops }) => [
    ...(adds.length > 0 ? [`${name} adds ${entity} ${listed(adds, combine)}`] : []),
    ...(drops.length > 0 ? [`${name} drops ${entity} ${listed(drops, combine)}`] : []),
  ]);
  return [table, ...(differences.length > 0 ? [differences.join('\n')] : [])].join('\n\n');
}

function listed(records: readonly Evidence[], combine: MeasureEvidence['combine']): string {
  const texts = records
    .slice(0, MOST_LISTED)
    .map(({ id, amount }) => (combine === 'sum' ? `${id} (${amountText(amount, combine)})` : String(id)));
  const more = records.length > MOST_LISTED ? ` and ${records.length - MOST_LISTED} more` : '';
  return `${texts.join(', ')}${more}`;
}

/** An amount with its cents, or a count without. */
function amountText(amount: string, combine: MeasureEvidence['combine']): string {
  const [whole = '', fraction = ''] = amount.split('.');
  const cents = fraction.replace(/0+$/, '').padEnd(2, '0');
  return `${whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',')}${combine === 'sum' ? `.${cents}` : ''}`;
}
