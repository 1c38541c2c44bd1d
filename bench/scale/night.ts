import { entities } from '../../schemas/entities.ts';
import { volumesAt } from '../tenant/volumes.ts';
import { type Chain, type Pace, paced } from './pace.ts';

/** Durations of a call, a load and a run of the models. docs/scale.md says which are measured and which assumed. */
export interface Durations {
  /** A call whose answer is nearly empty. */
  readonly callMs: number;
  /** What each row adds to a call. */
  readonly rowMs: number;
  /** The jobs that load an entity and move its cursor. */
  readonly loadMs: number;
  readonly modelMs: number;
  /** From the request until the program runs. */
  readonly startMs: number;
}

/** The calls, times and load jobs of one tenant's night. */
export interface Night {
  /** Instants of its calls, in milliseconds after the first. */
  readonly starts: readonly number[];
  readonly readMs: number;
  readonly modelMs: number;
  readonly loadJobs: number;
}

/** Rows of a page of a feed. */
export const ROWS_PER_PAGE = 5000;

/**
 * Computes a night that reads a fraction of a tenant's rows: 1 in the first night, 0.005 in a usual night.
 *
 * @param size the tenant's volume relative to the measured tenant
 */
export function nightOf(
  { size, fraction }: { readonly size: number; readonly fraction: number },
  pace: Pace,
  durations: Durations,
): Night {
  const volumes: Readonly<Record<string, number>> = volumesAt(size);
  const pages = entities.map(({ name }) => {
    const rows = Math.round((volumes[name] ?? 0) * fraction);
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
  // One job loads all pages of an entity's run; open records are read again every night.
  const loadJobs = entities.filter(
    ({ openRecords }, index) => openRecords || (pages[index]?.rows ?? 0) > 0,
  ).length;
  return { starts, readMs: endMs, modelMs: durations.modelMs, loadJobs };
}
