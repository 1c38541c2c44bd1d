import { DAY_MS } from '../../base/calendar.ts';
import type { Entity } from '../../schemas/entities.ts';
import type { Config, SyncMode } from '../config.ts';
import type { BackfillWindow, Cursor } from '../landing/manifest.ts';
import type { ExportStart } from './export.ts';
import type { Window } from './list-query.ts';

/** Which endpoint of an entity is read, and from where. */
export type ReadPlan =
  | {
      readonly feed: 'export';
      readonly start: ExportStart;
      readonly fallback: ExportStart;
      /** The read stops after a page on which every record changed at or after this. */
      readonly before?: Date;
    }
  | {
      readonly feed: 'list';
      readonly window: Window;
      /** Instants at which the window is divided before it is read. */
      readonly cuts?: readonly Date[];
    };

/**
 * Plans a nightly read. Export feeds continue after the stored token; lists start LOOKBACK_DAYS before the watermark.
 * Without a cursor, or in full mode, facts start at SYNC_START_DATE and dimensions at their first record.
 * Dimensions that have only a list are small: each run reads them in full.
 */
export function planRead(
  entity: Entity,
  mode: SyncMode,
  cursor: Cursor,
  config: Pick<Config, 'lookbackDays' | 'syncStartDate'>,
): ReadPlan {
  const firstDay = entity.kind === 'fact' ? new Date(`${config.syncStartDate}T00:00:00Z`) : undefined;
  const rereadFrom = later(firstDay, lookBack(cursor.watermark, config.lookbackDays));
  if (entity.export !== undefined) {
    const token = mode === 'incremental' ? cursor.continuation_token : null;
    return {
      feed: 'export',
      start: token === null ? { date: firstDay } : { token },
      fallback: { date: rereadFrom },
    };
  }
  if (entity.kind === 'dimension') return { feed: 'list', window: {} };
  return { feed: 'list', window: { from: mode === 'incremental' ? rereadFrom : firstDay } };
}

/**
 * Plans one window of a backfill. Export feeds have no end filter and are usually, but not always, in the order of change,
 * so the read goes on until a page lies completely after the window.
 */
export function planWindow(entity: Entity, window: BackfillWindow): ReadPlan {
  const [from, before] = [new Date(window.from), new Date(window.before)];
  if (entity.export === undefined) return { feed: 'list', window: { from, before } };
  return { feed: 'export', start: { date: from }, fallback: { date: from }, before };
}

/** Plans a sweep: the list shows all present records, including those that a feed skipped. */
export function planSweep(window: BackfillWindow, cuts: readonly Date[]): ReadPlan {
  return { feed: 'list', window: { from: new Date(window.from), before: new Date(window.before) }, cuts };
}

function lookBack(watermark: string | null, days: number): Date | undefined {
  return watermark === null ? undefined : new Date(Date.parse(watermark) - days * DAY_MS);
}

function later(a: Date | undefined, b: Date | undefined): Date | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}
