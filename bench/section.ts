import type { PhaseUse } from './cores.ts';
import type { Figure } from './measure.ts';
import type { RenderedTenant } from './tenant/render.ts';

/** The inputs of every section of the benchmark. */
export interface Bench {
  readonly tenant: RenderedTenant;
  readonly quick: boolean;
  /** Rounds of a comparison. Long comparisons run fewer rounds; n in the results shows it. */
  readonly rounds: number;
  /** An empty folder, removed after the section. */
  readonly folder: string;
  /** The folder for the landing and the warehouse of a nightly run; empty until one has run. */
  readonly loaded: string;
  /** A folder that is kept between runs: rendered tenants, packages of the compared tools. */
  readonly cache: string;
  /** The folder of the results. */
  readonly out: string;
  readonly log: (line: string) => void;
}

/** One section of the benchmark with its figures. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** A description of what was run. */
  readonly text: string;
  readonly figures: readonly Figure[];
  /** Who used the processors in each phase of nights, and a picture of it: a file beside the results. */
  readonly cores?: { readonly picture: string; readonly rows: readonly PhaseUse[] };
}
