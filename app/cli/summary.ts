import pc from 'picocolors';
import { ApiError, PipelineError, safeMessage } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { EntityResult } from '../../extract/entity-run.ts';
import type { ReportResult } from '../../extract/saved-reports.ts';
import { entities, findEntity } from '../../schemas/entities.ts';
import type { Movement, ReportData, Verdict } from '../report/data.ts';
import { kpiText } from '../report/format.ts';
import { hasKind, kpiTitle, SHOWN } from '../report/kpis.ts';
import { textTable } from './text-table.ts';

const COLOURS: Readonly<Record<Verdict, (text: string) => string>> = {
  GREEN: pc.green,
  YELLOW: pc.yellow,
  RED: pc.red,
};

/** Lists rows read, new and rejected per entity, and explains why more rows may be read than are new. */
export function entitySummary(results: readonly EntityResult[]): string {
  const numbers = new Set(['Read', 'New', 'Rejected', 'Calls']);
  const table = textTable(
    ['Entity', 'Status', 'Read', 'New', 'Rejected', 'Calls'],
    results.map((result) => {
      const counts = result.status === 'success' ? result.receipt : null;
      const { entity, status, metrics } = result;
      return [
        entity,
        status,
        counts?.read ?? null,
        counts?.new ?? null,
        counts?.rejected ?? null,
        metrics.calls,
      ];
    }),
    numbers,
  );
  return [table, ...results.flatMap(openRecordsNote)].join('\n\n');
}

function openRecordsNote(result: EntityResult): string[] {
  const field = findEntity(result.entity)?.openRecords?.field;
  if (field === undefined || result.status === 'failed') return [];
  const { read, rejected, new: added } = result.receipt;
  const text = `${result.entity} whose ${field} is not 0 are read in every run; New counts only changes.`;
  return read - rejected > added ? [text] : [];
}

/** The `--json` result of an entity: its receipt, or why it has none. */
export function resultJson(result: EntityResult) {
  return result.status === 'success'
    ? result.receipt
    : { entity: result.entity, error: safeMessage(result.error) };
}

/** Says why entities failed; a reason that several entities share is printed once. */
export function failureSummary(results: readonly EntityResult[]): string[] {
  const reasons = new Map<string, { text: string; names: string[] }>();
  for (const result of results) {
    if (result.status !== 'failed') continue;
    const { error, entity } = result;
    const text = reasonOf(error, entity);
    // Wrong credentials fail every entity with the same remedy, but each message has another path.
    const key = isAuthError(error) ? (error.remedy ?? text) : text;
    const reason = reasons.get(key) ?? { text, names: [] };
    reason.names.push(entity);
    reasons.set(key, reason);
  }
  return [...reasons.values()].map(({ text, names }) => `${pc.red('failed')} ${names.join(', ')}: ${text}`);
}

/** Says why saved reports could not be read. */
export function reportFailures(results: readonly ReportResult[]): string[] {
  return results.flatMap((result) =>
    result.status === 'failed'
      ? [`${pc.red('failed')} ${result.name}: ${reasonOf(result.error, result.name)}`]
      : [],
  );
}

function isAuthError(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 401 || error.status === 403);
}

function reasonOf(error: unknown, entity: string): string {
  const message = safeMessage(error);
  // The entity is printed before the reason; without it, equal reasons of several entities match.
  const text = message.startsWith(`${entity}: `) ? message.slice(entity.length + 2) : message;
  const remedy = error instanceof PipelineError && error.remedy ? `\n  → ${error.remedy}` : '';
  return `${printable(text)}${remedy}`;
}

/** A settled week whose value changed, with the changed records that count in it now. */
function movedText({ kpi, business_unit, week_start, value_before, value, records }: Movement): string {
  const ids = records.filter(({ counts }) => counts).map(({ entity, id }) => `${entity} ${id}`);
  const because = ids.length > 0 ? ` (${ids.join(', ')})` : '';
  const values = `${kpiText(kpi, value_before)} to ${kpiText(kpi, value)}`;
  return printable(`MOVED   ${kpi} ${business_unit} week ${week_start}: ${values}${because}`);
}

/** The file of an assertion, unless its name says it. */
function fileNote(name: string, file: string): string {
  return file.endsWith(`/${name}.sqlx`) ? '' : ` (${file})`;
}

/** Tables of the last complete week, one for each kind of unit, and of the latest snapshots. */
export function weekSummary({ week, series }: ReportData): string {
  if (!week) return 'The mart has no complete week before the run date yet.';
  const tables = (['sales', 'production'] as const).flatMap((kind) => {
    const rows = week.rows.filter((row) => hasKind(row.kind, kind));
    const kpis = SHOWN.filter((kpi) => kpi.kind === kind && kpi.type !== 'snapshot').map(({ name }) => name);
    const cells = rows.map((row) => [
      row.business_unit,
      ...kpis.map((kpi) => kpiText(kpi, row[kpi] ?? null)),
    ]);
    return cells.length > 0 ? [kpiTable(`Week ${week.start}`, kpis, cells)] : [];
  });
  return [...tables, ...snapshotTable(series)].join('\n\n');
}

function kpiTable(title: string, kpis: readonly string[], rows: readonly string[][]): string {
  return textTable([title, ...kpis.map(kpiTitle)], rows, new Set(kpis.map(kpiTitle)));
}

function snapshotTable(series: ReportData['series']): string[] {
  const kpis = SHOWN.filter(({ type }) => type === 'snapshot').map(({ name }) => name);
  const taken = series.filter(({ kpi }) => kpis.includes(kpi));
  const units = [...new Set(taken.map(({ business_unit }) => business_unit))];
  if (units.length === 0) return [];
  const latest = (unit: string, name: string) =>
    taken.find(({ kpi, business_unit }) => kpi === name && business_unit === unit)?.weeks.at(-1)?.value ??
    null;
  const rows = units.map((unit) => [unit, ...kpis.map((kpi) => kpiText(kpi, latest(unit, kpi)))]);
  return [kpiTable('Latest snapshot', kpis, rows)];
}

/** As many findings of one cause are listed one by one; more are one line. */
const FOLD_AFTER = 3;

function isNothingRead({ unread }: ReportData): boolean {
  return entities.every(({ name }) => unread.includes(name));
}

/** If nothing could be read, every other finding follows from it. */
function nothingRead({ runDate, reconciliation, assertions }: ReportData): string {
  const others = [...reconciliation, ...assertions].filter(({ verdict }) => verdict !== 'GREEN').length;
  return `${COLOURS.RED('RED')}  no entity was read for ${runDate}; ${others} screen values and assertions are not GREEN because of it`;
}

function unreadLines({ unread, runDate }: ReportData): string[] {
  const red = COLOURS.RED('RED');
  if (unread.length <= FOLD_AFTER) {
    return unread.map((entity) => `${red}  ${entity} was not read for ${runDate}: its figures are older`);
  }
  return [
    `${red}  ${unread.length} entities were not read for ${runDate}: ${unread.join(', ')}; their figures are older`,
  ];
}

/** Screen values that differ. Those without a value of ours are one line if entities could not be read. */
function screenLines({ reconciliation, unread }: ReportData): string[] {
  const differing = reconciliation.filter(({ verdict }) => verdict !== 'GREEN');
  const without = differing.filter(({ our_value }) => our_value === null);
  const isFolded = unread.length > 0 && without.length > FOLD_AFTER;
  const lines = differing
    .filter((row) => !isFolded || !without.includes(row))
    .map((row) => {
      const period =
        row.period_start === row.period_end ? row.period_start : `${row.period_start}..${row.period_end}`;
      const values = `screen ${kpiText(row.kpi, row.ui_value)}, ours ${kpiText(row.kpi, row.our_value)}`;
      return `${COLOURS[row.verdict](row.verdict)}  ${printable(`${row.kpi} ${row.business_unit} ${period}: ${values} (${row.reason})`)}`;
    });
  const folded = `${COLOURS.RED('RED')}  ${without.length} screen values have no value of ours: entities were not read`;
  return isFolded ? [folded, ...lines] : lines;
}

function assertionLines({ assertions }: ReportData): string[] {
  return assertions
    .filter(({ verdict }) => verdict !== 'GREEN')
    .map(
      ({ verdict, name, failing_rows, file, sample }) =>
        `${COLOURS[verdict](verdict)}  ${printable(`${name}: ${failing_rows === null ? sample : `${failing_rows} rows`}${fileNote(name, file)}`)}`,
    );
}

/** Counts the verdicts, and lists each screen value and assertion that is not green. */
export function verdictSummary(data: ReportData): string {
  const count = (rows: readonly { verdict: Verdict }[], verdict: Verdict) =>
    rows.filter((row) => row.verdict === verdict).length;
  const counts = (rows: readonly { verdict: Verdict }[]) =>
    (['GREEN', 'YELLOW', 'RED'] as const)
      .map((verdict) => COLOURS[verdict](`${count(rows, verdict)} ${verdict}`))
      .join('  ');
  const findings = isNothingRead(data)
    ? [nothingRead(data)]
    : [...unreadLines(data), ...screenLines(data), ...data.movements.map(movedText), ...assertionLines(data)];
  return [
    `Screen values  ${counts(data.reconciliation)}`,
    `Assertions     ${counts(data.assertions)}`,
    ...findings,
    ...(data.verdict === 'YELLOW'
      ? [
          `${COLOURS.YELLOW('YELLOW')} passes: a known, documented difference, shown so that it is not forgotten.`,
        ]
      : []),
  ].join('\n');
}
