import type { ActionResult } from '../../engine/action-result.ts';
import type { ExtractEvent } from '../../extract/events.ts';
import type { Cost } from '../../extract/load/warehouse.ts';
import type { Verdict } from '../report/data.ts';

/** Shows a run's progress while it works: as live lines on a terminal or as JSON log lines. */
export interface Progress {
  /** A sentence about the run as a whole. */
  say(sentence: string): void;
  extract(event: ExtractEvent): void;
  transform(result: ActionResult): void;
  /** What the run cost in the warehouse. A terminal shows it among the results instead. */
  cost(cost: Cost): void;
  /** The night has ended. A terminal shows its tables instead. */
  night(summary: NightSummary): void;
  /** Leaves the last state on the screen. */
  end(): void;
}

/** One log line per night, enough for alerts and charts. */
export interface NightSummary {
  readonly runDate: string;
  readonly status: 'success' | 'failed';
  readonly verdict: Verdict;
  readonly seconds: number;
  readonly calls: number;
  readonly retries: number;
  /** Bytes of the answers that were read. */
  readonly bytes: number;
  readonly newRows: number;
  /** Of the warehouse, where it bills. */
  readonly cost?: Cost;
}
