import { entities } from '../../schemas/entities.ts';
import type { ReconciliationRow, ReportData, Verdict } from './data.ts';
import { countText, dayText, periodText } from './format.ts';
import { kpiTitle, labelsThatNeed } from './kpis.ts';

type Judged = Pick<ReportData, 'reconciliation' | 'assertions' | 'unread' | 'runDate'>;

/** Most screen values, or numbers, that the sentence names. */
const NAMED = 2;

/** The verdict in one or two sentences: what was not read, whether the screen values agree, how much there is to look at. */
export function verdictSentence(data: Judged): string {
  // All else follows from it.
  if (entities.every(({ name }) => data.unread.includes(name)))
    return `Nothing was read for ${dayText(data.runDate)}, so no figure is of that day.`;
  const looks = data.assertions.filter(({ verdict }) => verdict !== 'GREEN').length;
  return [
    ...(data.unread.length > 0 ? [unreadSentence(data)] : []),
    `${screensSentence(data.reconciliation)}.`,
    looks === 0 ? 'Nothing else to look at.' : `${countText(looks, 'thing')} to look at.`,
  ].join(' ');
}

function unreadSentence({ unread, runDate }: Judged): string {
  const labels = labelsThatNeed(unread);
  const named = labels.slice(0, labels.length > NAMED + 1 ? NAMED : undefined);
  const others = labels.length - named.length;
  const numbers = [named.join(', '), ...(others > 0 ? [`${others} other numbers`] : [])].join(' and ');
  const older = labels.length > 0 ? `; ${numbers} ${labels.length === 1 ? 'is' : 'are'} older` : '';
  return `Not read for ${dayText(runDate)}: ${unread.join(', ')}${older}.`;
}

function screensSentence(rows: readonly ReconciliationRow[]): string {
  const of = (verdict: Verdict) => rows.filter((row) => row.verdict === verdict);
  const open = rows.filter(isOpen);
  const [red, yellow] = [of('RED'), of('YELLOW').filter((row) => !isOpen(row))];
  if (open.length > 0) {
    const settled = rows.filter((row) => !isOpen(row));
    const text = `${open.length} ${open.length === 1 ? 'is' : 'are'} not settled, because the period is not over`;
    return settled.length === 0 ? `Of the screen values, ${text}` : `${screensSentence(settled)}; ${text}`;
  }
  if (rows.length === 0) return 'No number is proved: no screen value has been stored yet';
  if (red.length + yellow.length === 0)
    return rows.length === 1 ? 'The only screen value agrees' : `All ${rows.length} screen values agree`;
  const known = `${yellow.length} ${yellow.length === 1 ? 'differs' : 'differ'} for a known reason`;
  if (red.length === 0)
    return `${rows.length - yellow.length} of ${rows.length} screen values agree; ${known}`;
  const named = red
    .slice(0, NAMED)
    .map((row) => `${kpiTitle(row.kpi)} of ${row.business_unit}, ${periodText(row)}`);
  const more = red.length > NAMED ? `; and ${red.length - NAMED} more` : '';
  const rest = yellow.length > 0 ? `; ${known}` : '';
  return `${red.length} of ${rows.length} screen values ${red.length === 1 ? 'is' : 'are'} off: ${named.join('; ')}${more}${rest}`;
}

/** The screen differs, but the period was not over at the run date. */
function isOpen({ verdict, reason }: ReconciliationRow): boolean {
  return verdict === 'YELLOW' && reason.startsWith('not settled');
}

/** The light of a number: the verdict of its screen value, or null if it is only computed by its rule. */
export interface Light {
  readonly verdict: Verdict;
  readonly row: ReconciliationRow;
}

/**
 * Finds what the screens say about a number of a week: its own reading, or else a reading of one of its days that is off.
 */
export function lightOf(
  rows: readonly ReconciliationRow[],
  { kpi, unit, start, end }: { kpi: string; unit: string; start: string; end: string },
): Light | null {
  const own = rows.filter((row) => row.kpi === kpi && row.business_unit === unit);
  const row =
    own.find((each) => each.period_start === start && each.period_end === end) ??
    // The rows are sorted, RED first.
    own.find((each) => each.verdict !== 'GREEN' && each.period_start >= start && each.period_end <= end);
  return row ? { verdict: row.verdict, row } : null;
}
