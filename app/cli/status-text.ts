import { printable } from '../../base/printable.ts';
import type { EntityStatus, NightStatus, RunStatus, Status } from '../pipeline/status.ts';
import { duration } from './quantities.ts';
import { textTable } from './text-table.ts';
import { labelledLines, WIDTH, wrapLine, wrapText } from './wrapped.ts';

/**
 * Formats the status in 80 columns: one line for the last night and one for each entity.
 *
 * @param sourceNow the present by the clock of the records, if it differs: a sandbox has its own
 */
export function statusText({ night, entities }: Status, now: Date, sourceNow = now): string {
  if (entities.length === 0) return 'Nothing is loaded yet; run `npm run nightly`.';
  const numbers = ['Loaded', 'Changed', 'Read', 'New', 'Rej.'];
  const rows = entities.map(({ entity, loadedAt, watermark, runs }) => {
    const [last] = runs;
    return [
      entity,
      age(loadedAt, now),
      age(watermark, sourceNow),
      runsText(runs),
      ...[last?.read, last?.new, last?.rejected].map(count),
    ];
  });
  const table = textTable(
    ['Entity', 'Loaded', 'Changed', 'Last runs', 'Read', 'New', 'Rej.'],
    rows,
    new Set(numbers),
  );
  const notes = entities.flatMap(({ entity, lease, runs: [last] }) => [
    ...(lease ? [`${entity}: lease held by ${lease.owner} until ${lease.until}`] : []),
    ...(last?.error ? [`${entity}: ${firstLine(last.error)}`] : []),
  ]);
  return [
    night ? nightText(night, now) : 'No nightly run yet.',
    table,
    legend(sourceNow === now ? '' : `,${clockText(sourceNow)}`),
    ...(notes.length > 0 ? [notes.flatMap((note) => wrapLine(printable(note), WIDTH)).join('\n')] : []),
  ].join('\n\n');
}

function legend(clock: string): string {
  return wrapLine(
    `Loaded: time since the last successful run from the cursor. Changed: age of the newest change that was read${clock}. Last runs: ✓ success, ✗ failed, … running, with seconds; b is a backfill, s a sweep, r a replay. \`npm run status -- <entity>\` shows the whole receipt.`,
    WIDTH,
  ).join('\n');
}

function clockText(sourceNow: Date): string {
  return ` by the sandbox's clock, which stands at ${sourceNow.toISOString().slice(0, 16)}Z`;
}

/** Formats the status of one entity: cursor, lease, receipt of the last run, last runs. */
export function entityText(
  { entity, loadedAt, watermark, hasToken, lease, runs }: EntityStatus,
  now: Date,
  sourceNow = now,
): string {
  const [last] = runs;
  const stages = ['source', 'read', 'landed', 'rejected', 'loaded', 'visible', 'new'] as const;
  const receipt = stages.map((stage) => `${stage} ${last?.[stage]?.toLocaleString('en') ?? '–'}`);
  const details: readonly (readonly [string, string])[] = [
    ['Loaded', loadedAt ? `${age(loadedAt, now)} ago (${loadedAt})` : 'never'],
    [
      'Changed',
      watermark
        ? `${age(watermark, sourceNow)} ago${sourceNow === now ? '' : clockText(sourceNow)} (${watermark}), the newest that was read`
        : 'unknown',
    ],
    [
      'Cursor',
      hasToken
        ? 'a continuation token'
        : watermark
          ? 'the newest change'
          : 'none: the next run reads everything',
    ],
    ['Lease', lease ? `held by ${lease.owner} until ${lease.until}` : 'free'],
    ['Receipt', receipt.join(', ')],
  ];
  const numbers = ['Sec.', 'Calls', 'Read', 'New', 'Rej.'];
  const rows = runs.map((run) => [
    run.startedAt.slice(0, 19).replace('T', ' '),
    run.mode,
    run.status,
    seconds(run),
    run.calls,
    run.read,
    run.new,
    run.rejected,
  ]);
  return [
    `${entity}\n${labelledLines(details)}`,
    textTable(['Started (UTC)', 'Mode', 'Status', ...numbers], rows, new Set(numbers)),
    ...runs.flatMap(({ startedAt, error }) =>
      error
        ? [
            wrapText(
              `${startedAt.slice(0, 19).replace('T', ' ')}  ${error.split('\n').map(printable).join('\n')}`,
            ),
          ]
        : [],
    ),
  ].join('\n\n');
}

function nightText(
  { runDate, startedAt, endedAt, succeeded, failed, running, calls, newRows }: NightStatus,
  now: Date,
): string {
  const ran = endedAt
    ? `${age(startedAt, now)} ago in ${duration((Date.parse(endedAt) - Date.parse(startedAt)) / 1000)}`
    : `running for ${age(startedAt, now)}`;
  const counts = [
    `${succeeded} loaded`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(running > 0 ? [`${running} running`] : []),
    `${calls} calls`,
    `${newRows.toLocaleString('en')} new rows`,
  ];
  return `Night of ${runDate}, ${ran}: ${counts.join(', ')}`;
}

const MARKS: Readonly<Record<string, string>> = { success: '✓', running: '…' };
const MODES: Readonly<Record<string, string>> = { backfill: 'b', sweep: 's', replay: 'r' };

/** The last three runs, oldest first: `✓3.7 ✗b12 ✓0.4`. */
function runsText(runs: readonly RunStatus[]): string {
  const latest = runs.slice(0, 3).toReversed();
  return latest
    .map((run) => `${MARKS[run.status] ?? '✗'}${MODES[run.mode] ?? ''}${shortSeconds(run)}`)
    .join(' ');
}

function shortSeconds(run: RunStatus): string {
  const whole = Number(seconds(run) ?? 0);
  if (whole >= 3600) return `${Math.round(whole / 3600)}h`;
  if (whole >= 100) return `${Math.round(whole / 60)}m`;
  return run.endedAt === null ? '' : whole.toFixed(whole < 10 ? 1 : 0);
}

function seconds({ startedAt, endedAt }: RunStatus): string | null {
  return endedAt && ((Date.parse(endedAt) - Date.parse(startedAt)) / 1000).toFixed(1);
}

/** Time since an instant, in one unit: `12 min`, `394 d`. */
function age(instant: string | null, now: Date): string {
  if (instant === null) return '–';
  return duration(Math.max(0, now.getTime() - Date.parse(instant)) / 1000).replace(/^(\d+ [a-z]+) .*$/, '$1');
}

/** At most six characters: `62,518`, `1.2M`. */
function count(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return value.toLocaleString('en', value < 100_000 ? {} : { notation: 'compact', maximumFractionDigits: 1 });
}

function firstLine(error: string): string {
  const [line = ''] = error.split('\n');
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
