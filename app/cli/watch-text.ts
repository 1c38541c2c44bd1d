import pc from 'picocolors';
import { printable } from '../../base/printable.ts';
import type { ActionResult } from '../../engine/action-result.ts';
import { isMissingTable } from '../../extract/load/missing-table.ts';
import type { Query } from '../../extract/load/warehouse.ts';
import { verdictOf } from '../pipeline/verdict.ts';
import type { Verdict } from '../report/data.ts';
import { kpiText, periodText } from '../report/format.ts';
import { kpiTitle } from '../report/kpis.ts';
import { cut } from './live-progress.ts';
import { WIDTH, wrapText } from './wrapped.ts';

export type Built = ActionResult;

const COLOURS: Readonly<Record<Verdict, (text: string) => string>> = {
  GREEN: pc.green,
  YELLOW: pc.yellow,
  RED: pc.red,
};

/** As many are listed one by one. */
const LISTED = 3;

/** Which tables were built, and how the rows of the edited ones changed. */
export function builtText(results: readonly Built[], files: ReadonlySet<string>): string {
  const tables = results.filter(({ kind, status }) => kind !== 'assertion' && status === 'passed');
  const built = tables.filter(({ kind, isKept }) => kind !== 'incremental' && !isKept);
  const differ = built.filter(({ changes }) => changes === undefined || isDifferent(changes));
  // The edited models first, then the others that have other rows now.
  const shown = [...built.filter(({ file }) => files.has(file)), ...differ].slice(0, LISTED);
  const others = differ.filter((table) => !shown.includes(table)).length;
  return [
    `${built.length} of ${tables.length} models built, ${differ.length} of them with other rows.`,
    ...[...new Set(shown)].map((table) => `  ${rowsText(table)}`),
    ...(others > 0 ? [`  and ${others} more`] : []),
  ].join('\n');
}

function isDifferent({ gone, come, newColumns, goneColumns }: NonNullable<Built['changes']>): boolean {
  return gone + come > 0 || newColumns.length + goneColumns.length > 0;
}

function rowsText({ name, rows = 0, changes }: Built): string {
  const count = `${name}: ${rows.toLocaleString('en')} rows`;
  if (changes === undefined) return `${count}, new`;
  if (!isDifferent(changes)) return `${count}, as before`;
  const { gone, come, newColumns, goneColumns } = changes;
  const columns = [...newColumns.map((column) => `+${column}`), ...goneColumns.map((column) => `−${column}`)];
  if (columns.length > 0) return `${count}, columns ${columns.join(', ')}`;
  return `${count}, ${gone.toLocaleString('en')} gone and ${come.toLocaleString('en')} new or changed`;
}

/** What each assertion found. */
export function checksOf(results: readonly Built[]): ReadonlyMap<string, Built> {
  return new Map(results.filter(({ kind }) => kind === 'assertion').map((result) => [result.name, result]));
}

/** Assertions that find something else than before, or that were edited, with some of the rows that they find. */
export function checksText(
  before: ReadonlyMap<string, Built>,
  now: ReadonlyMap<string, Built>,
  files: ReadonlySet<string>,
): string {
  return [...now.values()]
    .filter(({ name }) => !/^assert_screen_values_(equal|explained)$/.test(name))
    .flatMap((result) => {
      const { name, file, rows, sample = [] } = result;
      const old = before.get(name);
      const isEdited = files.has(file) && name.startsWith('assert_');
      const isSame = old !== undefined && old.rows === rows && verdictOf(old) === verdictOf(result);
      if (isSame && !isEdited) return [];
      const verdict = verdictOf(result);
      const was = old === undefined || old.rows === rows ? '' : ` (${old.rows ?? 'not run'} before)`;
      const found = `${name}: ${rows === undefined ? 'could not run' : countOf(rows)}${was}`;
      const lines = sample.slice(0, LISTED).map((row) => cut(`  ${printable(JSON.stringify(row))}`, WIDTH));
      return [`${COLOURS[verdict](verdict.padEnd(6))} ${found}`, ...lines];
    })
    .join('\n');
}

function countOf(rows: number): string {
  return rows === 1 ? '1 row' : `${rows.toLocaleString('en')} rows`;
}

interface Screen {
  readonly period_start: string;
  readonly period_end: string;
  readonly business_unit: string;
  readonly kpi: string;
  readonly ui_value: string;
  readonly our_value: string | null;
  readonly verdict: Verdict;
}

/** Each screen value with its verdict. */
export async function screensOf(query: Query, mart: string): Promise<ReadonlyMap<string, Screen>> {
  const rows = await query<Screen>(
    `select period_start, period_end, business_unit, kpi, ui_value, our_value, verdict
     from ${mart}.kpi_reconciliation order by period_end desc, kpi, business_unit`,
  ).catch((error: unknown) => {
    // An edit may have taken the model away.
    if (isMissingTable(error)) return [];
    throw error;
  });
  return new Map(
    rows.map((row) => [`${row.period_start} ${row.period_end} ${row.business_unit} ${row.kpi}`, row]),
  );
}

/** How many screen values have each verdict, and those that turned YELLOW or RED. */
export function screensText(before: ReadonlyMap<string, Screen>, now: ReadonlyMap<string, Screen>): string {
  const counts = (screens: ReadonlyMap<string, Screen>) =>
    (['GREEN', 'YELLOW', 'RED'] as const)
      .map((verdict) => ({
        verdict,
        count: [...screens.values()].filter((s) => s.verdict === verdict).length,
      }))
      .filter(({ count }) => count > 0)
      .map(({ verdict, count }) => COLOURS[verdict](`${count} ${verdict}`))
      .join(', ');
  const [was, is] = [counts(before), counts(now)];
  const changed = [...now].filter(
    ([key, { verdict }]) => verdict !== 'GREEN' && before.get(key)?.verdict !== verdict,
  );
  const lines = changed.slice(0, LISTED).map(([, row]) => {
    const { kpi, ui_value, our_value, business_unit, verdict } = row;
    const values = `screen ${kpiText(kpi, ui_value)}, ours ${kpiText(kpi, our_value)}`;
    const text = `${verdict.padEnd(6)} ${kpiTitle(kpi)} of ${business_unit}, ${periodText(row)}: ${values}`;
    return wrapText(printable(text)).replace(verdict, COLOURS[verdict]);
  });
  const more = changed.length - lines.length;
  return [
    `Screen values: ${is || 'none'}${was === is ? '' : ` (before: ${was || 'none'})`}`,
    ...lines,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n');
}
