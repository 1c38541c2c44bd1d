import type { Receipt } from './load/receipt.ts';

/** What a run tells while it works: plain facts, no secrets and no values of records. */
export type ExtractEvent =
  | { readonly type: 'phase'; readonly entity: string; readonly phase: Phase }
  | {
      readonly type: 'page';
      readonly entity: string;
      /** Totals of this run so far. */
      readonly pages: number;
      readonly rows: number;
      readonly bytes: number;
      /** Share of the change window that is read, where both its ends are known. */
      readonly fraction?: number;
    }
  /** A saved report that was read whole. */
  | { readonly type: 'report'; readonly entity: string; readonly lines: number }
  | { readonly type: 'retry'; readonly entity: string; readonly delayMs: number; readonly reason: string }
  | { readonly type: 'stale-token'; readonly entity: string; readonly from: string | null }
  | {
      readonly type: 'unknown-fields';
      readonly entity: string;
      readonly fields: Readonly<Record<string, number>>;
    }
  | {
      readonly type: 'rejected';
      readonly entity: string;
      readonly rows: number;
      /** Rules that were broken and by how many records. */
      readonly reasons: Readonly<Record<string, number>>;
    }
  /** Pages that an earlier run landed but could not load. */
  | {
      readonly type: 'recovered';
      readonly entity: string;
      readonly runId: string;
      /** Why they could not be loaded again. */
      readonly error?: string;
      /** The command that reads them again: no later night does. */
      readonly repeat?: string;
    }
  | { readonly type: 'done'; readonly entity: string; readonly receipt: Receipt }
  | { readonly type: 'failed'; readonly entity: string; readonly error: string };

export type Phase = 'waiting' | 'reading' | 'loading';
export type OnEvent = (event: ExtractEvent) => void;
