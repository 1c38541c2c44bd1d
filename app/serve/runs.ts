import PQueue from 'p-queue';
import type { SyncMode } from '../../extract/config.ts';
import type { Verdict } from '../report/data.ts';

/** What a caller may ask for. */
export type Work =
  | { readonly kind: 'ingest'; readonly entity: string; readonly mode: SyncMode }
  | { readonly kind: 'ingest-all'; readonly mode: SyncMode; readonly parallel: boolean }
  | { readonly kind: 'nightly' };

/** What came of one entity. */
export interface EntityOutcome {
  readonly entity: string;
  readonly durationMs: number;
  readonly result:
    | { readonly read: number; readonly new: number; readonly rejected: number }
    | { readonly error: string };
}

/** What came of the work as a whole. */
export interface Outcome {
  readonly status: 'success' | 'failed' | 'stopped';
  readonly entities: readonly EntityOutcome[];
  /** Of a night that built and checked the models. */
  readonly verdict?: Verdict;
  /** Why it did not end well, where that is not the entities' own. */
  readonly error?: string;
}

/** Work that was accepted: waiting for its turn, under way, or ended. */
export interface Run {
  readonly runId: string;
  readonly work: Work;
  readonly acceptedAt: Date;
  readonly startedAt?: Date;
  readonly endedAt?: Date;
  readonly outcome?: Outcome;
}

export interface Runs {
  /** Accepts work, or finds the run that already does it. */
  request(work: Work, key: string | undefined): Run;
  find(runId: string): Run | undefined;
  /** Resolves once the run has ended. */
  ended(run: Run): Promise<void>;
  /** Resolves once nothing is waiting or under way. */
  idle(): Promise<void>;
}

interface RunsOptions {
  readonly newRunId: () => string;
  readonly now: () => Date;
  /** Never rejects. */
  readonly carryOut: (run: Run) => Promise<Outcome>;
}

type Mutable = { -readonly [Name in keyof Run]: Run[Name] } & { keys: Set<string>; end: Promise<void> };

/** Whoever asks again within this time after a success lost the answer and wants it, not another run. */
const ASKED_AGAIN_MS = 10_000;
const REMEMBERED = 200;

/**
 * Runs one thing at a time in the order in which it was asked for, and nothing twice: equal work that waits or is under
 * way is joined, and a request that is repeated, by its key or within ten seconds, gets the run that ended well.
 * A run that failed or was stopped is tried again by the next request.
 */
export function createRuns({ newRunId, now, carryOut }: RunsOptions): Runs {
  const queue = new PQueue({ concurrency: 1 });
  const runs = new Map<string, Mutable>();

  /** The run that answers the request already. */
  function existing(work: Work, key: string | undefined): Mutable | undefined {
    const same = [...runs.values()].filter((run) => isSame(run.work, work)).reverse();
    const underWay = same.find(({ outcome }) => outcome === undefined);
    const endedWell = same.filter(({ outcome }) => outcome?.status === 'success');
    if (key !== undefined) return endedWell.find(({ keys }) => keys.has(key)) ?? underWay;
    return underWay ?? endedWell.find(({ endedAt }) => msSince(endedAt) < ASKED_AGAIN_MS);
  }

  function msSince(instant: Date | undefined): number {
    return now().getTime() - (instant?.getTime() ?? 0);
  }

  async function start(run: Mutable): Promise<void> {
    run.startedAt = now();
    run.outcome = await carryOut(run);
    run.endedAt = now();
  }

  function forgetOldest(): void {
    for (const [runId, { outcome }] of runs) {
      if (runs.size <= REMEMBERED) return;
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
    ended: async (run) => runs.get(run.runId)?.end,
    idle: () => queue.onIdle(),
  };
}

function isSame(a: Work, b: Work): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
