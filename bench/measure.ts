/** What one run of one contender took. */
export interface Sample {
  readonly seconds: number;
  /** Of all threads of the process; absent where it was not the process's own to tell. */
  readonly cpuSeconds?: number;
  /** Peak resident memory of the process. */
  readonly peakRssBytes?: number;
  readonly rows: number;
  /** Bytes as the API sent them. */
  readonly bytes: number;
}

/** Median of several runs with the extremes beside it. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly n: number;
}

/** A line of the results. */
export interface Figure {
  /** Stable name for machines: `extract/ours/floor`. */
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  /** Absent where it could not be measured; the note says why. */
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
 * Runs every contender once a round, each round beginning with another one: what slows the machine down for a while
 * hits all of them, and a ratio within a round is worth more than two figures of different minutes.
 *
 * @returns the samples of each contender in the order of the rounds.
 */
export async function interleaved(
  rounds: number,
  contenders: Contenders,
  say: (line: string) => void,
): Promise<Readonly<Record<string, readonly Sample[]>>> {
  const names = Object.keys(contenders);
  const samples: Record<string, Sample[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length] ?? '';
      const sample = await contenders[name]?.(round);
      if (!sample) continue;
      samples[name]?.push(sample);
      say(`  ${name}: ${sample.seconds.toFixed(2)} s`);
    }
  }
  return samples;
}

/** @throws RangeError for no values at all. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  const [min] = sorted;
  const max = sorted.at(-1);
  if (low === undefined || high === undefined || min === undefined || max === undefined) {
    throw new RangeError('There is no median of nothing');
  }
  return { median: (low + high) / 2, min, max, n: sorted.length };
}

/** How many times faster `ours` was than `theirs`, round by round. */
export function timesFaster(ours: readonly Sample[], theirs: readonly Sample[]): Spread {
  return spread(ours.map((sample, round) => (theirs[round]?.seconds ?? Number.NaN) / sample.seconds));
}

/** The same by the seconds that cores worked for each: what else the machine does hardly moves it. */
export function timesLighter(ours: readonly Sample[], theirs: readonly Sample[]): Spread {
  const cpu = (sample: Sample | undefined) => sample?.cpuSeconds ?? Number.NaN;
  return spread(ours.map((sample, round) => cpu(theirs[round]) / cpu(sample)));
}

export const rowsPerSecond = ({ rows, seconds }: Sample): number => rows / seconds;
export const megabytesPerSecond = ({ bytes, seconds }: Sample): number => bytes / 1e6 / seconds;
/** Megabytes for each second that any core worked for the process. */
export const megabytesPerCoreSecond = ({ bytes, cpuSeconds }: Sample): number =>
  bytes / 1e6 / (cpuSeconds ?? Number.NaN);
