import { printable } from '../../base/printable.ts';
import { recordText } from './changes.tsx';
import type { ReportData } from './data.ts';
import { findingsOf } from './findings.ts';
import { kpiText, periodText } from './format.ts';
import { hasKind, kpiTitle, SHOWN } from './kpis.ts';
import { verdictSentence } from './verdict.ts';

const MARKS = { GREEN: '🟢', YELLOW: '🟡', RED: '🔴' } as const;

/** A short report for a chat message: the verdict, differences and their reasons, the week's numbers. */
export function reportMarkdown(data: ReportData): string {
  const off = data.reconciliation.filter(({ verdict }) => verdict !== 'GREEN');
  const findings = findingsOf(data.assertions);
  const failed = data.entities.filter(({ status }) => status !== 'success');
  return `${[
    `**KPI report ${data.runDate}: ${MARKS[data.verdict]} ${data.verdict}**`,
    escaped(verdictSentence(data)),
    list(off, (row) => {
      const values = `screen ${kpiText(row.kpi, row.ui_value)}, ours ${kpiText(row.kpi, row.our_value)}`;
      return `${MARKS[row.verdict]} ${kpiTitle(row.kpi)}, ${escaped(row.business_unit)}, ${periodText(row)}: ${values} (${escaped(row.reason)})`;
    }),
    list(
      failed,
      (row) => `🔴 ${row.entity} was not read to the end: ${escaped(row.error ?? 'the log has no reason')}`,
    ),
    list(data.movements, (movement) => {
      const values = `${kpiText(movement.kpi, movement.value_before)} → ${kpiText(movement.kpi, movement.value)}`;
      const records = movement.records
        .filter(({ counts }) => counts)
        .map((record) => escaped(recordText(record)));
      return `↔ ${kpiTitle(movement.kpi)}, ${escaped(movement.business_unit)}, week ${movement.week_start}: ${values}${records.length > 0 ? ` (${records.join('; ')})` : ''}`;
    }),
    list(
      findings,
      ({ verdict, sentence, name }) => `${MARKS[verdict]} ${escaped(sentence)} (${escaped(name)})`,
    ),
    ...weekTables(data.week),
  ]
    .filter(Boolean)
    .join('\n\n')}\n`;
}

/** Escapes text from outside, so that it cannot make a table cell, a link, markup or a new line. */
function escaped(text: string): string {
  return printable(text).replace(/[\\|<>[\]`]/g, (sign) => `\\${sign}`);
}

function list<T>(rows: readonly T[], text: (row: T) => string): string {
  return rows.map((row) => `- ${text(row)}`).join('\n');
}

function weekTables(week: ReportData['week']): string[] {
  if (!week) return [];
  const kinds = (['sales', 'production'] as const).filter((kind) =>
    week.rows.some((row) => hasKind(row.kind, kind)),
  );
  return kinds.map((kind) => {
    const rows = week.rows.filter((row) => hasKind(row.kind, kind));
    const kpis = SHOWN.filter((kpi) => kpi.kind === kind)
      .map(({ name }) => name)
      .filter((kpi) => rows.some((row) => row[kpi] !== null));
    const lines = rows.map((row) => [
      escaped(row.business_unit),
      ...kpis.map((kpi) => kpiText(kpi, row[kpi] ?? null)),
    ]);
    const table = [
      [`Week ${week.start}`, ...kpis.map(kpiTitle)],
      ['---', ...kpis.map(() => '---:')],
      ...lines,
    ];
    return table.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  });
}
