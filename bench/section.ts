import type { Figure } from './measure.ts';
import type { RenderedTenant } from './tenant/render.ts';

/** What every part of the benchmark is given. */
export interface Bench {
  readonly tenant: RenderedTenant;
  readonly quick: boolean;
  /** Rounds of a comparison; the longest ones take fewer and say so. */
  readonly rounds: number;
  /** An empty folder, removed after the part. */
  readonly folder: string;
  /** A folder with the landing and the warehouse of a night, once one has run. */
  readonly loaded: string;
  /** Kept between runs: rendered tenants, packages of the peers. */
  readonly cache: string;
  readonly say: (line: string) => void;
}

/** One part of the benchmark with its figures. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** What was run, in sentences. */
  readonly text: string;
  readonly figures: readonly Figure[];
}
