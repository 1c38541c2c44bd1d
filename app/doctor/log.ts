import type { Warehouse } from '../../extract/load/warehouse.ts';
import { type DoctorContext, type Finding, skipped } from './check.ts';

export const NOTHING_LOADED = skipped('nothing is loaded yet');

/**
 * Calls `check` if the warehouse has a log, else says why it cannot.
 *
 * @throws the warehouse's error: only a missing or empty log means that nothing is loaded.
 */
export async function withLog(
  { config, warehouse }: DoctorContext,
  check: (warehouse: Warehouse) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const opened = await warehouse().catch(() => null);
  if (opened === null) return [skipped('the warehouse cannot be opened')];
  if (!opened || !(await opened.hasTable({ dataset: 'logs', name: 'sync_state' }))) return [NOTHING_LOADED];
  const states = await opened.query(`select entity from ${config.datasets.logs}.sync_state limit 1`);
  return states.length > 0 ? check(opened) : [NOTHING_LOADED];
}

/** `jobs, customers and 3 more` */
export function named(names: readonly string[], most = 3): string {
  const [shown, more] = [names.slice(0, most), names.length - most];
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
