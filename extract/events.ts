import type { Receipt } from './load/receipt.ts';

/** Progress of a run, without secrets and without values of records. */
export type ExtractEvent =
  | { readonly type: 'phase'; readonly entity: string; readonly phase: Phase }
  | {
      readonly type: 'page';
      readonly entity: string;
      /** Totals of this run so far. */
      readonly pages: number;
      readonly rows: number;
      readonly bytes: number;
      /** Progress through the change window, 0 to 1, if both its ends are known. */
      readonly fraction?: number;
    }
  /** A saved report was read completely. */
  | { readonly type: 'report'; readonly entity: string; readonly lines: number }
  | { readonly type: 'retry'; readonly entity: string; readonly delayMs: number; readonly reason: string }
  | { readonly type: 'stale-token'; readonly entity: string; readonly from: string | null }
  /** A list cut its answer off or refused its size, so pages have this many rows from here on. */
  | { readonly type: 'smaller-page'; readonly entity: string; readonly rows: number }
  /** A list ignored these parameters. What it should have shown is read in another, bounded way. */
  | { readonly type: 'filter-ignored'; readonly entity: string; readonly parameters: string }
  | {
      readonly type: 'unknown-fields';
      readonly entity: string;
      readonly fields: Readonly<Record<string, number>>;
    }
  | {
      readonly type: 'rejected';
      readonly entity: string;
      readonly rows: number;
      /** Broken rules, each with its number of records. */
      readonly reasons: Readonly<Record<string, number>>;
    }
  /** This run loaded, or failed to load, pages that an earlier run landed but did not load. */
  | {
      readonly type: 'recovered';
      readonly entity: string;
      readonly runId: string;
      /** Why they could not be loaded. */
      readonly error?: string;
      /** The command that reads them again, if no later nightly run does. */
      readonly repeat?: string;
    }
  | { readonly type: 'done'; readonly entity: string; readonly receipt: Receipt }
  | { readonly type: 'failed'; readonly entity: string; readonly error: string };

type Phase = 'waiting' | 'reading' | 'loading';
export type OnEvent = (event: ExtractEvent) => void;
