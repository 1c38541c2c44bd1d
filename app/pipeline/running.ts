import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../../extract/config.ts';
import type { ExtractEvent } from '../../extract/events.ts';
import type { Progress } from './progress.ts';

/** What a run does now, as it notes it beside a DuckDB file. On BigQuery the log tells of it. */
export interface RunningNow {
  readonly pid: number;
  readonly runId: string;
  readonly kind: string;
  readonly runDate: string;
  readonly startedAt: string;
  readonly updatedAt: string;
  /** By name, in the order in which they began. */
  readonly entities: Readonly<Record<string, RunningEntity>>;
  readonly models: { readonly passed: number; readonly failed: number; readonly last: string };
}

export interface RunningEntity {
  readonly phase: string;
  readonly rows: number;
  readonly pages: number;
  /** When reading began; null until then. */
  readonly startedAt: string | null;
  /** What it waits for, or how it ended. */
  readonly note: string;
}

/** How often the note is renewed at most: a run has thousands of events. */
const RENEW_MS = 500;

/**
 * Passes a run's progress on and notes it in `running.json` beside the DuckDB file, so that other processes can show it.
 * `end` removes the note. A note that cannot be written does not disturb the run.
 */
export function noteRunning(
  { warehouse, runDate }: Pick<Config, 'warehouse' | 'runDate'>,
  run: Pick<RunningNow, 'runId' | 'kind'>,
  progress: Progress,
  now: () => Date,
): Progress {
  if (warehouse.kind !== 'duckdb') return progress;
  const path = runningPath(warehouse.path);
  const startedAt = now().toISOString();
  const entities: Record<string, RunningEntity> = {};
  let models = { passed: 0, failed: 0, last: '' };
  let writtenMs = 0;
  let hasEnded = false;
  const write = () => {
    const at = now();
    if (hasEnded || at.getTime() - writtenMs < RENEW_MS) return;
    writtenMs = at.getTime();
    const text: RunningNow = {
      ...{ pid: process.pid, ...run, runDate, startedAt, updatedAt: at.toISOString() },
      ...{ entities, models },
    };
    try {
      writeFileSync(`${path}.part`, JSON.stringify(text));
      renameSync(`${path}.part`, path);
    } catch {
      // The folder comes with the warehouse, and a full disk fails the run elsewhere.
    }
  };
  return {
    ...progress,
    extract(event) {
      entities[event.entity] = after(entities[event.entity], event, now());
      write();
      progress.extract(event);
    },
    transform(result) {
      const { passed, failed } = models;
      models =
        result.status === 'passed'
          ? { passed: passed + 1, failed, last: result.name }
          : { passed, failed: failed + 1, last: result.name };
      write();
      progress.transform(result);
    },
    end() {
      if (!hasEnded) rmSync(path, { force: true });
      hasEnded = true;
      progress.end();
    },
  };
}

const NEW: RunningEntity = { phase: 'waiting', rows: 0, pages: 0, startedAt: null, note: '' };

function after(before: RunningEntity = NEW, event: ExtractEvent, at: Date): RunningEntity {
  switch (event.type) {
    case 'phase': {
      const startedAt = event.phase === 'reading' ? at.toISOString() : before.startedAt;
      return { ...before, phase: event.phase, startedAt };
    }
    case 'page':
      return { ...before, rows: event.rows, pages: event.pages, note: '' };
    case 'retry':
      return { ...before, note: `retry in ${Math.ceil(event.delayMs / 1000)} s: ${event.reason}` };
    case 'done':
      return { ...before, phase: 'done', note: `${event.receipt.new.toLocaleString('en')} new` };
    case 'failed':
      return { ...before, phase: 'failed', note: event.error.split('\n')[0] ?? '' };
    default:
      return before;
  }
}

function runningPath(warehousePath: string): string {
  return join(dirname(warehousePath), 'running.json');
}

/** What runs now on this DuckDB file; undefined if nothing does, or the process that noted it is gone. */
export function readRunning({ warehouse }: Pick<Config, 'warehouse'>): RunningNow | undefined {
  if (warehouse.kind !== 'duckdb') return undefined;
  try {
    const found = JSON.parse(readFileSync(runningPath(warehouse.path), 'utf8')) as RunningNow;
    return isAlive(found.pid) ? found : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user lives too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** What a run does now, in a sentence. */
export function runningText(
  { kind, runDate, startedAt, entities, models, pid }: RunningNow,
  now: Date,
): string {
  const all = Object.entries(entities);
  const of = (...phases: readonly string[]) => all.filter(([, { phase }]) => phases.includes(phase));
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(startedAt)) / 1000));
  const reading = of('reading', 'loading').map(
    ([name, { rows, note }]) => `${name} (${rows.toLocaleString('en')} rows${note ? `, ${note}` : ''})`,
  );
  const failed = of('failed').map(([name]) => name);
  const doing =
    models.passed + models.failed > 0
      ? `${models.passed + models.failed} models and checks done, last ${models.last}`
      : [
          `${of('done').length} of ${all.length} entities loaded`,
          ...(reading.length > 0 ? [`now ${reading.join(', ')}`] : []),
        ].join('; ');
  const trouble = failed.length > 0 ? `; failed: ${failed.join(', ')}` : '';
  return `Running now: ${kind} for ${runDate}, for ${seconds} s (process ${pid}): ${doing}${trouble}.`;
}
