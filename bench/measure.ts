import type { Work } from './programs/program.ts';

/** The measurements of one run of one contender; its bytes are as the API sent them. */
export interface Sample extends Work {
  readonly seconds: number;
  /** Processor time of all threads; absent if the process did not measure it. */
  readonly cpuSeconds?: number;
  /** Peak resident memory of the process. */
  readonly peakRssBytes?: number;
}

/** Median and extremes of several runs. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly n: number;
}

/** A line of the results. */
export interface Figure {
  /** Stable name for programs, such as `extract/pipeline/floor`. */
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  /** Absent if it could not be measured; the note says why. */
  readonly value?: Spread;
  readonly note?: string;
  readonly target?: Target;
}

export interface Target {
  readonly atLeast?: number;
  readonly atMost?: number;
}

export type Contenders = Readonly<Record<string, (round: number) => Promise<Sample>>>;

/**
 * Runs every contender once per round; each round begins with another one. If something slows the machine down for a
 * while, it affects all contenders, and ratios within a round stay comparable.
 *
 * @returns the samples of each contender, in the order of the rounds
 */
export async function interleaved(
  rounds: number,
  contenders: Contenders,
  log: (line: string) => void,
): Promise<Readonly<Record<string, readonly Sample[]>>> {
  const names = Object.keys(contenders);
  const samples: Record<string, Sample[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length] ?? '';
      const sample = await contenders[name]?.(round);
      if (!sample) continue;
      samples[name]?.push(sample);
      log(`  ${name}: ${sample.seconds.toFixed(2)} s`);
    }
  }
  return samples;
}

/** Median, minimum, maximum and number of the values. @throws RangeError if there are no values */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  const [min] = sorted;
  const max = sorted.at(-1);
  if (low === undefined || high === undefined || min === undefined || max === undefined) {
    throw new RangeError('There are no values, so there is no median');
  }
  return { median: (low + high) / 2, min, max, n: sorted.length };
}

/** How many times faster `samples` are than `baseline`, for each round. */
export function timesFaster(samples: readonly Sample[], baseline: readonly Sample[]): Spread {
  return spread(samples.map((sample, round) => (baseline[round]?.seconds ?? Number.NaN) / sample.seconds));
}

/** How many times less processor time `samples` needed than `baseline`. Other work on the machine hardly changes it. */
export function timesLessCpu(samples: readonly Sample[], baseline: readonly Sample[]): Spread {
  const cpu = (sample: Sample | undefined) => sample?.cpuSeconds ?? Number.NaN;
  return spread(samples.map((sample, round) => cpu(baseline[round]) / cpu(sample)));
}

export const rowsPerSecond = ({ rows, seconds }: Sample): number => rows / seconds;
export const megabytesPerSecond = ({ bytes, seconds }: Sample): number => bytes / 1e6 / seconds;
/** Megabytes per second of processor time. */
export const megabytesPerCoreSecond = ({ bytes, cpuSeconds }: Sample): number =>
  bytes / 1e6 / (cpuSeconds ?? Number.NaN);
/** Milliseconds of processor time for each megabyte. */
export const coreMsPerMegabyte = (sample: Sample): number => 1000 / megabytesPerCoreSecond(sample);
