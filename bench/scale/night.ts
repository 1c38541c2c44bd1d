import { entities } from '../../schemas/entities.ts';
import { volumesAt } from '../tenant/volumes.ts';
import { type Chain, type Pace, paced } from './pace.ts';

/** What one call, load and run of the models takes; docs/scale.md says which was measured and which is assumed. */
export interface Durations {
  /** A call whose answer is all but empty, and what each row adds to it. */
  readonly callMs: number;
  readonly rowMs: number;
  /** The jobs with which an entity is loaded and its state moved. */
  readonly loadMs: number;
  readonly modelMs: number;
  /** From the request until the program runs. */
  readonly startMs: number;
}

/** One tenant's night as the services see it. */
export interface Night {
  /** Instants of its calls, in milliseconds from the first. */
  readonly starts: readonly number[];
  readonly readMs: number;
  readonly modelMs: number;
  readonly loadJobs: number;
}

/** Rows of a page of a feed. */
export const ROWS_PER_PAGE = 5000;

/**
 * A night in which `share` of a tenant's rows are read: 1 the first one, 0.005 a usual one.
 *
 * @param size volume against the tenant that was measured
 */
export function nightOf(
  { size, share }: { readonly size: number; readonly share: number },
  pace: Pace,
  durations: Durations,
): Night {
  const volumes: Readonly<Record<string, number>> = volumesAt(size);
  const pages = entities.map(({ name }) => {
    const rows = Math.round((volumes[name] ?? 0) * share);
    return { rows, count: Math.max(1, Math.ceil(rows / ROWS_PER_PAGE)) };
  });
  const chains = entities.map(({ openRecords }, index): Chain => {
    const { rows, count } = pages[index] ?? { rows: 0, count: 1 };
    return {
      calls: count + (openRecords ? 1 : 0),
      callMs: durations.callMs + (rows / count) * durations.rowMs,
      loadMs: durations.loadMs,
    };
  });
  const { starts, endMs } = paced(chains, pace);
  // Each landed page is a load job; open invoices fill one more.
  const loadJobs = pages.reduce((jobs, { rows, count }) => jobs + (rows > 0 ? count : 0), 1);
  return { starts, readMs: endMs, modelMs: durations.modelMs, loadJobs };
}
