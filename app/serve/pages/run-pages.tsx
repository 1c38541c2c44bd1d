import type { RunningNow } from '../../pipeline/running.ts';
import { countText, dayText, minuteText } from '../../report/format.ts';
import { labelsThatNeed } from '../../report/kpis.ts';
import { Badge, Table, Words } from '../../report/parts.tsx';
import { hasFailed, type LoggedRun, type lastReads } from '../history.ts';
import type { Run } from '../runs.ts';
import { sitePage } from './layout.tsx';

/** How often a page that shows a running run is loaded again. */
const REFRESH_SECONDS = 2;

/** A run as the log has it: one line over all its entities. */
export interface LoggedNight {
  readonly run_id: string;
  readonly mode: string;
  /** The night that the run was for. */
  readonly run_date: string | null;
  readonly started: string | null;
  readonly ended: string | null;
  readonly entities: string;
  readonly failed: string;
  readonly running: string;
  readonly records_new: string | null;
}

interface RunsProps {
  readonly now: Date;
  readonly running: RunningNow | undefined;
  readonly queued: readonly Run[];
  readonly logged: readonly LoggedNight[];
  readonly timeZone: string;
}

/** The runs: what runs and waits now, and the last ones of the log. */
export function runsPage({ running, queued, logged, timeZone, now }: RunsProps): string {
  const isLive = running !== undefined || queued.length > 0;
  return sitePage(
    'Runs',
    <>
      {running ? (
        <>
          <p class="verdict">
            <RunLink runId={running.runId} text={`${running.kind} for ${running.runDate} runs now`} />
          </p>
          <p>{progressText(running, now)}</p>
        </>
      ) : (
        <p>Nothing runs now.</p>
      )}
      {queued
        .filter(({ runId }) => runId !== running?.runId)
        .map(({ runId, work, startedAt }) => (
          <p key={runId}>
            <RunLink runId={runId} text={`${work.kind} ${startedAt ? 'runs' : 'waits'}`} />
          </p>
        ))}
      <Table
        caption={`The last runs, times in ${timeZone}`}
        columns={[
          ...['Run', 'Night of', 'Started', 'Ended', 'Mode'].map((title) => ({ title })),
          ...['Entities', 'Failed', 'New rows'].map((title) => ({ title, isNumber: true })),
        ]}
        rows={logged.map((row) => ({
          key: `${row.run_id} ${row.mode}`,
          cells: [
            <RunLink key="run" runId={row.run_id} text={row.run_id.slice(0, 15)} />,
            row.run_date === null ? '–' : dayText(row.run_date),
            minuteText(row.started, timeZone),
            Number(row.running) > 0 ? 'not noted' : minuteText(row.ended, timeZone),
            row.mode,
            row.entities,
            Number(row.failed) > 0 ? <Badge key="failed" verdict="RED" text={row.failed} /> : row.failed,
            Number(row.records_new ?? 0).toLocaleString('en'),
          ],
        }))}
      />
    </>,
    isLive ? { refreshSeconds: REFRESH_SECONDS } : {},
  );
}

function RunLink({ runId, text }: { runId: string; text: string }) {
  return <a href={`/runs/${runId}`}>{text}</a>;
}

/** What an entity waits for in a phase, unless an event said more. */
const WAITS: Readonly<Record<string, string>> = {
  waiting: 'its turn',
  reading: 'the next page',
  loading: 'the warehouse',
};

/** A run that runs now: each entity with its rows, its rate and what it waits for. */
export function runningPage(running: RunningNow, now: Date): string {
  const { kind, runDate, entities } = running;
  const all = Object.entries(entities);
  return sitePage(
    `${kind} for ${runDate} runs now`,
    <>
      <p class="verdict">{progressText(running, now)}</p>
      <p class="quiet">{`This page loads again every ${REFRESH_SECONDS} seconds.`}</p>
      <Table
        caption="Entities"
        hideCaption
        columns={[
          ...['Entity', 'Phase'].map((title) => ({ title })),
          ...['Rows', 'Rows a second'].map((title) => ({ title, isNumber: true })),
          { title: 'Waits for, or result' },
        ]}
        rows={all.map(([name, { phase, rows, startedAt: began, note }]) => ({
          key: name,
          cells: [
            name,
            phase,
            rows.toLocaleString('en'),
            phase === 'reading' ? rateText(rows, began, now) : '–',
            note || (WAITS[phase] ?? '–'),
          ],
        }))}
      />
    </>,
    { refreshSeconds: REFRESH_SECONDS },
  );
}

/** How long a run takes so far, and how far it is. */
function progressText({ startedAt, entities, models }: RunningNow, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(startedAt)) / 1000));
  const all = Object.values(entities);
  const done = all.filter(({ phase }) => phase === 'done').length;
  const built = models.last
    ? `, ${models.passed + models.failed} models and checks done, last ${models.last}`
    : '';
  return `For ${seconds} s: ${done} of ${countText(all.length, 'entity', 'entities')} loaded${built}.`;
}

function rateText(rows: number, began: string | null, now: Date): string {
  if (began === null) return '–';
  const seconds = Math.max(1, (now.getTime() - Date.parse(began)) / 1000);
  return Math.round(rows / seconds).toLocaleString('en');
}

interface EndedRunProps {
  readonly runId: string;
  readonly run: Run | undefined;
  readonly entities: readonly LoggedRun[];
  /** When those that failed were last read to their end. */
  readonly reads: Awaited<ReturnType<typeof lastReads>>;
  readonly timeZone: string;
}

/** A run that has ended, or waits. */
export function endedRunPage({ runId, run, entities, reads, timeZone }: EndedRunProps): string {
  const status = run ? (run.outcome?.status ?? (run.startedAt ? 'running' : 'queued')) : undefined;
  return sitePage(
    `Run ${runId}`,
    <>
      {status && (
        <p class="verdict">{`${run?.work.kind}: ${status}${run?.outcome?.verdict ? `, ${run.outcome.verdict}` : ''}`}</p>
      )}
      {run?.outcome?.error && <p class="finding red">{run.outcome.error}</p>}
      {entities.length > 0 && <p>{loadedText(entities, timeZone)}</p>}
      <Failed entities={entities} reads={reads} timeZone={timeZone} />
      {entities.length === 0 && <p>The log has no entity of this run yet.</p>}
      {entities.length > 0 && <Loaded entities={entities} />}
    </>,
    run && run.outcome === undefined ? { refreshSeconds: REFRESH_SECONDS } : {},
  );
}

/** Since when what failed is missing, which numbers that touches, whether it can wait, and what one can type. */
function Failed({ entities, reads, timeZone }: Pick<EndedRunProps, 'entities' | 'reads' | 'timeZone'>) {
  const began = entities.flatMap(({ start_time }) => start_time ?? []).toSorted()[0] ?? '';
  const open = reads.filter(({ readAt }) => readAt === null || readAt < began);
  const names = open.map(({ entity }) => entity);
  if (reads.length === 0) return null;
  if (names.length === 0) return <p>What failed has been read to its end since.</p>;
  const since = open.map(
    ({ entity, readAt }) =>
      `${entity} ${readAt === null ? 'was never read to its end' : `was last read to its end at ${minuteText(readAt, timeZone)}`}`,
  );
  const labels = labelsThatNeed(names);
  const touched =
    labels.length === 0
      ? 'No number of the report is made of it.'
      : `Until then these numbers lack what came since: ${labels.join(', ')}.`;
  return (
    <div class="finding red">
      <p>{`${since.join('; ')}. Nothing is lost: its rows are as they were, and the next night reads on from there. ${touched}`}</p>
      <p>
        <strong>To do: </strong>
        <Words text="An outage of the service heals by itself; if the numbers can wait, the next night is enough. A path, a permission or a full disk does not heal: mend the error below. Then `npm run nightly` continues where it stopped." />
      </p>
    </div>
  );
}

/** The entities of a run, those that failed first. */
function Loaded({ entities }: Pick<EndedRunProps, 'entities'>) {
  return (
    <Table
      caption="Entities of the run"
      hideCaption
      columns={[
        ...['Entity', 'Mode', 'Status'].map((title) => ({ title })),
        ...['Read', 'New', 'Seconds', 'Rows a second'].map((title) => ({ title, isNumber: true })),
        { title: 'Error' },
      ]}
      rows={entities
        .toSorted((a, b) => Number(hasFailed(b)) - Number(hasFailed(a)))
        .map((row) => {
          const seconds = row.duration_ms === null ? null : row.duration_ms / 1000;
          return {
            key: row.entity_type,
            cells: [
              row.entity_type,
              row.mode,
              hasFailed(row) ? <Badge key="status" verdict="RED" text={row.status} /> : row.status,
              row.records_fetched?.toLocaleString('en') ?? '–',
              row.records_inserted?.toLocaleString('en') ?? '–',
              seconds?.toFixed(1) ?? '–',
              seconds && row.records_fetched
                ? Math.round(row.records_fetched / seconds).toLocaleString('en')
                : '–',
              row.error_message ?? '–',
            ],
          };
        })}
    />
  );
}

/** When a run began and ended, and how much of it succeeded. */
function loadedText(entities: readonly LoggedRun[], timeZone: string): string {
  const times = (name: 'start_time' | 'end_time') => entities.flatMap((row) => row[name] ?? []).toSorted();
  const [began = null, ended = null] = [times('start_time')[0], times('end_time').at(-1)];
  const loaded = entities.filter(({ status }) => status === 'success').length;
  const failed = entities.filter(hasFailed).length;
  const parts = [
    `${loaded} of ${countText(entities.length, 'entity', 'entities')} loaded`,
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return `${parts.join(', ')}, from ${minuteText(began, timeZone)} to ${minuteText(ended, timeZone)} (${timeZone}).`;
}
