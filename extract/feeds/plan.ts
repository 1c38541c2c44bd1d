import { DAY_MS } from '../../base/calendar.ts';
import type { Entity } from '../../schemas/entities.ts';
import type { Config, SyncMode } from '../config.ts';
import type { BackfillWindow, Cursor } from '../landing/manifest.ts';
import type { ExportStart } from './export.ts';
import type { Window } from './list.ts';

/** How an entity is entered this time. */
export type ReadPlan =
  | {
      readonly feed: 'export';
      readonly start: ExportStart;
      readonly fallback: ExportStart;
      /** The feed is left after a page on which every record changed at or after this. */
      readonly before?: Date;
    }
  | { readonly feed: 'list'; readonly window: Window };

/**
 * Export feeds go on behind the stored token; lists re-read the last LOOKBACK_DAYS before the watermark.
 * Without a cursor, or in full mode, facts begin at SYNC_START_DATE and dimensions at their first record.
 * Dimensions that have only a list are small and are read whole each time.
 */
export function planRead(
  entity: Entity,
  mode: SyncMode,
  cursor: Cursor,
  config: Pick<Config, 'lookbackDays' | 'syncStartDate'>,
): ReadPlan {
  const beginning = entity.kind === 'fact' ? new Date(`${config.syncStartDate}T00:00:00Z`) : undefined;
  const again = later(beginning, lookBack(cursor.watermark, config.lookbackDays));
  if (entity.export !== undefined) {
    const token = mode === 'incremental' ? cursor.continuation_token : null;
    return {
      feed: 'export',
      start: token === null ? { date: beginning } : { token },
      fallback: { date: again },
    };
  }
  if (entity.kind === 'dimension') return { feed: 'list', window: {} };
  return { feed: 'list', window: { from: mode === 'incremental' ? again : beginning } };
}

/**
 * A window of a backfill. Feeds have no upper end and are usually, not always, in the order of change: a page that lies
 * wholly beyond the window is read along.
 */
export function planWindow(entity: Entity, window: BackfillWindow): ReadPlan {
  const [from, before] = [new Date(window.from), new Date(window.before)];
  if (entity.export === undefined) return { feed: 'list', window: { from, before } };
  return { feed: 'export', start: { date: from }, fallback: { date: from }, before };
}

/** A window of a sweep: the list tells what is there now, also where a feed has skipped it. */
export function planSweep(window: BackfillWindow): ReadPlan {
  return { feed: 'list', window: { from: new Date(window.from), before: new Date(window.before) } };
}

function lookBack(watermark: string | null, days: number): Date | undefined {
  return watermark === null ? undefined : new Date(Date.parse(watermark) - days * DAY_MS);
}

function later(a: Date | undefined, b: Date | undefined): Date | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}
