import type { ActionResult } from '../../engine/action-result.ts';
import type { ExtractEvent } from '../../extract/events.ts';
import type { Cost } from '../../extract/load/warehouse.ts';
import type { Verdict } from '../report/data.ts';

/** Shows the progress of a run, as live lines on a terminal or as JSON log lines. */
export interface Progress {
  /** A sentence about the run as a whole. */
  say(sentence: string): void;
  extract(event: ExtractEvent): void;
  transform(result: ActionResult): void;
  /** The warehouse's cost of the run. A terminal shows it with the results instead. */
  cost(cost: Cost): void;
  /** The nightly run has ended. A terminal shows result tables instead. */
  night(summary: NightSummary): void;
  /** Leaves the last state on the screen. */
  end(): void;
}

/** The log line of a nightly run, for alerts and charts. */
export interface NightSummary {
  readonly runDate: string;
  readonly status: 'success' | 'failed';
  readonly verdict: Verdict;
  readonly seconds: number;
  readonly calls: number;
  readonly retries: number;
  /** Bytes of the API's responses. */
  readonly bytes: number;
  readonly newRows: number;
  /** Absent on DuckDB, which bills nothing. */
  readonly cost?: Cost;
}
