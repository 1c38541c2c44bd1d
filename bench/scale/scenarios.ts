import { createRandom } from '../../sandbox/data/random.ts';
import { entities } from '../../schemas/entities.ts';
import { type Fleet, simulate } from './fleet.ts';
import { type Durations, type Night, nightOf } from './night.ts';
import { mostInASecond, type Pace } from './pace.ts';

export interface Scenario {
  readonly name: string;
  /** The fraction of a tenant's rows that is read: 1 in a first night. */
  readonly fraction: number;
  readonly pace: Pace;
  readonly jobsAtATime: number;
  readonly modelsAtATime: number;
}

const TENANTS = 1000;
const SEED = 7;
/** The fraction of rows that change in a day, as in the benchmark. */
const USUAL_FRACTION = 0.005;

/** A page of 5,000 rows takes 3 s, an empty page 0.3 s. Even the smallest BigQuery job takes seconds. */
export const DURATIONS: Durations = {
  callMs: 300,
  rowMs: 0.54,
  loadMs: 15_000,
  modelMs: 180_000,
  startMs: 10_000,
};

const COMMON = {
  fraction: USUAL_FRACTION,
  /** The defaults of the settings. */
  pace: { callsPerSecond: 10, callsAtATime: 5 },
  jobsAtATime: 100,
  modelsAtATime: 60,
};
/** The API's limit of calls a second for a tenant, and all entities concurrently. */
const FAST: Pace = { callsPerSecond: 60, callsAtATime: entities.length };

export const SCENARIOS: readonly Scenario[] = [
  { ...COMMON, name: 'usual nights' },
  { ...COMMON, name: `the same, ${FAST.callsAtATime} calls at a time`, pace: FAST },
  { ...COMMON, name: 'the same, 300 jobs at a time', jobsAtATime: 300 },
  { ...COMMON, name: 'and models of 240 nights', jobsAtATime: 300, modelsAtATime: 240 },
  { ...COMMON, name: 'first nights', fraction: 1 },
  { ...COMMON, name: `first nights, ${FAST.callsAtATime} calls at a time`, fraction: 1, pace: FAST },
];

/** Random volumes relative to the measured tenant, from an eighth to eight times, with the median at about 1. */
export function tenantSizes(count: number, seed: number): readonly number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => 2 ** (random.between(-3000, 3000) / 1000));
}

/** The nights of all tenants under one scenario. */
export function fleetOf(scenario: Scenario, sizes: readonly number[]): Fleet {
  const { fraction, pace } = scenario;
  const nights = sizes.map((size) => nightOf({ size, fraction }, pace, DURATIONS));
  const { jobsAtATime, modelsAtATime } = scenario;
  return { nights, startMs: DURATIONS.startMs, jobsAtATime, modelsAtATime };
}

const HEADINGS = [
  ...['scenario', 'all done after', 'a night: median', '95 %', 'waits for models, 95 %', 'job hours'],
  ...['calls', 'most calls in a second', 'of one tenant', 'load jobs'],
];

/** The simulation's result as a Markdown table; the same in every process. */
export function scalePage(): string {
  const sizes = tenantSizes(TENANTS, SEED);
  const rows = SCENARIOS.map((scenario) => rowOf(scenario, fleetOf(scenario, sizes)));
  const lines = [HEADINGS, HEADINGS.map((_, index) => (index === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function rowOf({ name }: Scenario, fleet: Fleet): readonly string[] {
  const times = simulate(fleet);
  const took = times.map(({ beganMs, endedMs }) => endedMs - beganMs).toSorted((a, b) => a - b);
  const waits = times.map(({ readMs, modelsMs }) => modelsMs - readMs).toSorted((a, b) => a - b);
  const calls = fleet.nights
    .flatMap(({ starts }, index) => starts.map((start) => start + (times[index]?.firstCallMs ?? 0)))
    .toSorted((a, b) => a - b);
  const jobMs = took.reduce((sum, ms) => sum + ms, 0);
  return [
    name,
    `${(Math.max(...times.map(({ endedMs }) => endedMs)) / 3_600_000).toFixed(1)} h`,
    seconds(at(took, 0.5)),
    seconds(at(took, 0.95)),
    seconds(at(waits, 0.95)),
    (jobMs / 3_600_000).toFixed(0),
    calls.length.toLocaleString('en'),
    String(mostInASecond(calls)),
    String(Math.max(...fleet.nights.map(({ starts }) => mostInASecond(starts)))),
    loadJobs(fleet.nights).toLocaleString('en'),
  ];
}

function loadJobs(nights: readonly Night[]): number {
  return nights.reduce((sum, night) => sum + night.loadJobs, 0);
}

function at(sorted: readonly number[], fraction: number): number {
  return sorted[Math.floor(fraction * (sorted.length - 1))] ?? 0;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
