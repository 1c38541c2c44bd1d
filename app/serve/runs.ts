import PQueue from 'p-queue';
import type { SyncMode } from '../../extract/config.ts';
import type { Verdict } from '../report/data.ts';

/** Work that a caller may request. */
export type Work =
  | { readonly kind: 'ingest'; readonly entity: string; readonly mode: SyncMode }
  | { readonly kind: 'ingest-all'; readonly mode: SyncMode; readonly parallel: boolean }
  | { readonly kind: 'nightly' };

/** Result of one entity. */
export interface EntityOutcome {
  readonly entity: string;
  readonly durationMs: number;
  readonly result:
    | { readonly read: number; readonly new: number; readonly rejected: number }
    | { readonly error: string };
}

/** Result of the work as a whole. */
export interface Outcome {
  readonly status: 'success' | 'failed' | 'stopped';
  readonly entities: readonly EntityOutcome[];
  /** Only of a nightly run that built and checked the models. */
  readonly verdict?: Verdict;
  /** Why the run did not succeed, unless the entities' errors say it. */
  readonly error?: string;
}

/** Accepted work: queued, running or ended. */
export interface Run {
  readonly runId: string;
  readonly work: Work;
  readonly acceptedAt: Date;
  readonly startedAt?: Date;
  readonly endedAt?: Date;
  readonly outcome?: Outcome;
}

export interface Runs {
  /** Queues the work, or returns the run that already does it. */
  request(work: Work, key: string | undefined): Run;
  find(runId: string): Run | undefined;
  /** Runs that are queued or running, in order. */
  unfinished(): readonly Run[];
  /** Resolves once the run has ended. */
  ended(run: Run): Promise<void>;
  /** Resolves once no run is queued or running. */
  idle(): Promise<void>;
}

interface RunsOptions {
  readonly newRunId: () => string;
  readonly now: () => Date;
  /** Never rejects. */
  readonly execute: (run: Run) => Promise<Outcome>;
}

type Mutable = { -readonly [Name in keyof Run]: Run[Name] } & { keys: Set<string>; end: Promise<void> };

/** A caller that repeats a request so soon after a success lost the answer, and does not want another run. */
const REPEAT_WINDOW_MS = 10_000;
const MAX_REMEMBERED = 200;

/**
 * Runs one request at a time, in order, and no work twice. A request for work that is queued or running joins that run; a
 * request that is repeated, with the same key or within ten seconds, gets the successful run. After a run that failed or was
 * stopped, the next request starts a new one.
 */
export function createRuns({ newRunId, now, execute }: RunsOptions): Runs {
  const queue = new PQueue({ concurrency: 1 });
  const runs = new Map<string, Mutable>();

  /** The run that already answers the request. */
  function existing(work: Work, key: string | undefined): Mutable | undefined {
    const same = [...runs.values()].filter((run) => isSame(run.work, work)).reverse();
    const unfinished = same.find(({ outcome }) => outcome === undefined);
    const successful = same.filter(({ outcome }) => outcome?.status === 'success');
    if (key !== undefined) return successful.find(({ keys }) => keys.has(key)) ?? unfinished;
    return unfinished ?? successful.find(({ endedAt }) => msSince(endedAt) < REPEAT_WINDOW_MS);
  }

  function msSince(instant: Date | undefined): number {
    return now().getTime() - (instant?.getTime() ?? 0);
  }

  async function start(run: Mutable): Promise<void> {
    run.startedAt = now();
    run.outcome = await execute(run);
    run.endedAt = now();
  }

  function forgetOldest(): void {
    for (const [runId, { outcome }] of runs) {
      if (runs.size <= MAX_REMEMBERED) return;
      if (outcome !== undefined) runs.delete(runId);
    }
  }

  return {
    request(work, key) {
      const found = existing(work, key);
      const run = found ?? {
        ...{ runId: newRunId(), work, acceptedAt: now() },
        ...{ keys: new Set<string>(), end: Promise.resolve() },
      };
      if (key !== undefined) run.keys.add(key);
      if (found === undefined) {
        runs.set(run.runId, run);
        run.end = queue.add(() => start(run));
        forgetOldest();
      }
      return run;
    },
    find: (runId) => runs.get(runId),
    unfinished: () => [...runs.values()].filter(({ outcome }) => outcome === undefined),
    ended: async (run) => runs.get(run.runId)?.end,
    idle: () => queue.onIdle(),
  };
}

function isSame(a: Work, b: Work): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
