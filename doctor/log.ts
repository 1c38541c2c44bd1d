import type { Query } from '../extract/warehouse/port.ts';
import { type Finding, type Surroundings, skipped } from './check.ts';

/** Looks at what the warehouse has logged, or says why there is nothing to look at. */
export async function withLog(
  { config, warehouse }: Surroundings,
  look: (query: Query) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const opened = await warehouse().catch(() => null);
  if (opened === null) return [skipped('the warehouse cannot be opened')];
  const hasLog = await opened?.query(`select entity from ${config.datasets.logs}.sync_state limit 1`).then(
    (rows) => rows.length > 0,
    () => false,
  );
  return opened && hasLog ? look(opened.query) : [skipped('nothing is loaded yet')];
}

/** `jobs, customers and 3 more` */
export function named(names: readonly string[], most = 3): string {
  const [shown, more] = [names.slice(0, most), names.length - most];
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
