import pc from 'picocolors';
import { printable } from '../../base/printable.ts';
import type { ReportData, Verdict } from '../report/data.ts';
import { findingsOf } from '../report/findings.ts';
import { changeOf, daysText, kpiText, periodText, roundText } from '../report/format.ts';
import { KPIS, kpiTitle } from '../report/kpis.ts';
import { verdictSentence } from '../report/verdict.ts';
import { textTable } from './text-table.ts';
import { WIDTH, wrapLine } from './wrapped.ts';

/** Lines of a terminal's default window, less the one of the prompt. */
const HEIGHT = 23;

const COLOURS: Readonly<Record<Verdict, (text: string) => string>> = {
  GREEN: pc.green,
  YELLOW: pc.yellow,
  RED: pc.red,
};

/**
 * The last screen of a night, 24 lines of 80 columns at most: the verdict, the week in one table, what to look at as far as
 * it fits, and where things are.
 *
 * @param places where things are, one a line
 */
export function closingScreen(data: ReportData, places: readonly string[]): string {
  const [first = '', ...more] = wrapLine(printable(verdictSentence(data)), WIDTH - 8);
  const verdict = [
    `${COLOURS[data.verdict](data.verdict.padEnd(6))}  ${first}`,
    ...more.map((line) => ' '.repeat(8) + line),
  ];
  const week = weekTable(data).split('\n');
  const used = verdict.length + week.length + places.length + 3;
  const looks = fitted(lookLines(data), HEIGHT - used);
  const blocks = [verdict, week, ...(looks.length > 0 ? [looks] : []), [...places]];
  return blocks.map((lines) => lines.join('\n')).join('\n\n');
}

/** Columns of the table, short enough for 80 characters with the longest unit. */
const COLUMNS = Object.fromEntries(KPIS.flatMap(({ name, short }) => (short ? [[name, short]] : [])));
const NAMES = Object.keys(COLUMNS);

function weekTable({ company, regions }: ReportData): string {
  if (!company) return 'The mart has no complete week before the run date yet.';
  const headings = [daysText(company.week.start, company.week.end), ...Object.values(COLUMNS)];
  const of = (kpi: string) => company.kpis.find((each) => each.kpi === kpi);
  const change = (than: 'weekBefore' | 'yearBefore') =>
    NAMES.map((kpi) => changeOf(kpi, of(kpi)?.value ?? null, of(kpi)?.[than] ?? null)?.text ?? '–');
  return textTable(
    headings,
    [
      ...regions.map(({ name, kpis }) => [
        name,
        ...NAMES.map((kpi) => roundText(kpi, kpis[kpi]?.value ?? null)),
      ]),
      ['Company', ...NAMES.map((kpi) => roundText(kpi, of(kpi)?.value ?? null))],
      ['  on the week', ...change('weekBefore')],
      ['  on the year', ...change('yearBefore')],
    ],
    new Set(Object.values(COLUMNS)),
  );
}

/** What to look at, one line each, the worst first: screen values that are off, closed weeks that moved, findings. */
function lookLines({ reconciliation, movements, assertions }: ReportData): readonly string[] {
  const marked = (verdict: Verdict, text: string) => {
    const mark = { GREEN: ' ', YELLOW: '▲', RED: '✗' }[verdict];
    const plain = printable(text);
    const short = plain.length > WIDTH - 2 ? `${plain.slice(0, WIDTH - 3)}…` : plain;
    return `${COLOURS[verdict](mark)} ${short}`;
  };
  const off = reconciliation
    .filter(({ verdict }) => verdict !== 'GREEN')
    .map((row) =>
      marked(
        row.verdict,
        `${kpiTitle(row.kpi)} of ${row.business_unit}, ${periodText(row)}: screen ${kpiText(row.kpi, row.ui_value)}, ours ${kpiText(row.kpi, row.our_value)}`,
      ),
    );
  const moved = movements.map(({ kpi, business_unit, week_start, value_before, value }) =>
    marked(
      'YELLOW',
      `${kpiTitle(kpi)} of ${business_unit}, week of ${week_start}, moved from ${kpiText(kpi, value_before)} to ${kpiText(kpi, value)}`,
    ),
  );
  const findings = findingsOf(assertions)
    // The screen values are listed one by one.
    .filter(({ name }) => !/^assert_screen_values_(equal|explained)$/.test(name))
    .map(({ verdict, sentence }) => marked(verdict, sentence));
  return [...off, ...moved, ...findings];
}

/** The first lines, and how many more there are. */
function fitted(lines: readonly string[], room: number): readonly string[] {
  if (lines.length <= room) return lines;
  const shown = Math.max(0, room - 1);
  return [...lines.slice(0, shown), `  and ${lines.length - shown} more in the report`];
}
