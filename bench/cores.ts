import { readdirSync, readFileSync } from 'node:fs';
import { spread } from './measure.ts';
import type { OnStart } from './processes.ts';
import type { Phase } from './programs/program.ts';

/**
 * Who used the processors: the process's main thread; its other threads (DuckDB, libuv's pool with compression and files,
 * V8); its child processes (GoogleSQL, tsx's compiler); the API server; and nobody. What is missing to the number of cores
 * was used by processes that do not belong to the measurement.
 */
export const USERS = ['main', 'threads', 'children', 'server', 'idle'] as const;
export type User = (typeof USERS)[number];
/** Cores that each user had on average. */
export type Use = Readonly<Record<User, number>>;

/** A part of a run; times are seconds since its start. */
export interface Slice {
  readonly from: number;
  readonly to: number;
  readonly use: Use;
}

/** The slices of a process's whole run; none on systems without `/proc`. The last one may end before the run does. */
export interface Timeline {
  readonly seconds: number;
  readonly slices: readonly Slice[];
}

const INTERVAL_MS = 500;
/** Linux counts processor time in hundredths of a second, whatever its own clock does. */
const TICKS_PER_SECOND = 100;

/** Records who uses the processors while `run` runs a process. @param serverPid the API server's process */
export async function withTimeline<T>(
  serverPid: number | undefined,
  run: (onStart: OnStart) => Promise<T>,
): Promise<{ readonly result: T; readonly timeline: Timeline }> {
  let end = (): Timeline => ({ seconds: 0, slices: [] });
  try {
    const result = await run((pid) => {
      end = watchCores(pid, serverPid);
    });
    return { result, timeline: end() };
  } finally {
    end();
  }
}

/** @returns the function that ends the recording */
function watchCores(pid: number, serverPid: number | undefined): () => Timeline {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const slices: Slice[] = [];
  let before = { at: 0, ticks: ticksOf(pid, serverPid) };
  const sample = () => {
    const now = { at: seconds(), ticks: ticksOf(pid, serverPid) };
    const [ticksBefore, ticksNow] = [before.ticks, now.ticks];
    if (ticksBefore && ticksNow && now.at > before.at) {
      const cores = (user: User) =>
        Math.max(0, ticksNow[user] - ticksBefore[user]) / TICKS_PER_SECOND / (now.at - before.at);
      slices.push({ from: before.at, to: now.at, use: each(cores) });
    }
    before = now;
  };
  const timer = setInterval(sample, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    sample();
    return { seconds: seconds(), slices };
  };
}

/** Processor time so far; undefined when the process has ended, or on systems without `/proc`. */
function ticksOf(pid: number, serverPid: number | undefined): Use | undefined {
  try {
    const own = statTicks(`/proc/${pid}/stat`);
    const main = statTicks(`/proc/${pid}/task/${pid}/stat`).self;
    const machine = readFileSync('/proc/stat', 'utf8').split('\n')[0]?.split(/\s+/).map(Number) ?? [];
    return {
      main,
      threads: own.self - main,
      children: own.endedChildren + childrenOf(pid).reduce((sum, child) => sum + treeTicks(child), 0),
      server: serverPid === undefined ? 0 : statTicks(`/proc/${serverPid}/stat`).self,
      // The fourth and fifth number: nothing to do, and nothing to do but wait for a disk.
      idle: (machine[4] ?? 0) + (machine[5] ?? 0),
    };
  } catch {
    return undefined;
  }
}

/** Processor time of a process, its ended and its running children; 0 when it has just ended. */
function treeTicks(pid: number): number {
  try {
    const { self, endedChildren } = statTicks(`/proc/${pid}/stat`);
    return childrenOf(pid).reduce((sum, child) => sum + treeTicks(child), self + endedChildren);
  } catch {
    return 0;
  }
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    const children = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim();
    return children === '' ? [] : children.split(' ').map(Number);
  });
}

/** Processor time in a `stat` file of Linux: of the process or thread, and of its children that have ended. */
function statTicks(file: string): { readonly self: number; readonly endedChildren: number } {
  const text = readFileSync(file, 'utf8');
  // The name in brackets may contain spaces and brackets; the numbers after it begin with field 4.
  const [, ...fields] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(10);
  return { self: user + system, endedChildren: childrenUser + childrenSystem };
}

/** A phase of several runs: its median duration and use; the use is absent where no run has a slice of it. */
export interface PhaseUse {
  readonly night: string;
  readonly phase: string;
  readonly seconds: number;
  readonly use?: Use;
}

/** The run of a night: its timeline, and its last phases in order. */
export interface NightTimeline {
  readonly timeline: Timeline;
  readonly phases: readonly Phase[];
}

/** Who used the processors in each phase of a night. */
export function usePerPhase(night: string, runs: readonly NightTimeline[]): readonly PhaseUse[] {
  return (runs[0]?.phases ?? []).map(({ name }, index) => {
    const uses = runs.flatMap(({ timeline, phases }) =>
      useBetween(timeline.slices, spans({ timeline, phases })[index]),
    );
    const median = (user: User) => spread(uses.map((use) => use[user])).median;
    return {
      night,
      phase: name,
      seconds: spread(runs.map(({ phases }) => phases[index]?.seconds ?? 0)).median,
      ...(uses.length > 0 && { use: each(median) }),
    };
  });
}

/** When each phase begins and ends. The last one ends with the run, whatever came before the first. */
export function spans({ timeline, phases }: NightTimeline) {
  let to = timeline.seconds;
  return phases
    .toReversed()
    .map(({ name, seconds }) => {
      const span = { name, from: Math.max(0, to - seconds), to };
      to -= seconds;
      return span;
    })
    .toReversed();
}

function useBetween(
  slices: readonly Slice[],
  span: { from: number; to: number } | undefined,
): readonly Use[] {
  if (span === undefined) return [];
  const parts = slices.flatMap(({ from, to, use }) => {
    const seconds = Math.min(to, span.to) - Math.max(from, span.from);
    return seconds > 0 ? [{ seconds, use }] : [];
  });
  const total = parts.reduce((sum, { seconds }) => sum + seconds, 0);
  if (total === 0) return [];
  return [each((user) => parts.reduce((sum, { seconds, use }) => sum + seconds * use[user], 0) / total)];
}

function each(value: (user: User) => number): Use {
  const [main, threads, children, server, idle] = [
    value('main'),
    value('threads'),
    value('children'),
    value('server'),
    value('idle'),
  ];
  return { main, threads, children, server, idle };
}
