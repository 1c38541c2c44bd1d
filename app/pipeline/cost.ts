import type { Cost, Warehouse } from '../../extract/load/warehouse.ts';
import type { Progress } from './progress.ts';

/** Logs what the warehouse has cost since it was opened, and returns it as a line for the terminal; none for DuckDB. */
export function reportCost({ warehouse }: { readonly warehouse: Warehouse }, progress: Progress): string[] {
  const cost = warehouse.cost();
  if (cost === undefined) return [];
  progress.cost(cost);
  return [`Cost      ${costText(cost)}`];
}

export function costText({ bytesBilled, slotMs, jobs, requests }: Cost): string {
  const megabytes = (bytesBilled / 1e6).toLocaleString('en', { maximumFractionDigits: 1 });
  const seconds = (slotMs / 1000).toLocaleString('en', { maximumFractionDigits: 1 });
  return `${megabytes} MB billed, ${seconds} slot seconds, ${jobs} jobs, ${requests} BigQuery calls`;
}

/** Adds the jobs that Dataform starts for models to the warehouse's cost; call `onJob` for each of them. */
export function withModelJobs(warehouse: Warehouse) {
  const models = { jobs: 0, bytesBilled: 0, slotMs: 0 };
  const cost = (): Cost | undefined => {
    const own = warehouse.cost();
    return (
      own && {
        jobs: own.jobs + models.jobs,
        bytesBilled: own.bytesBilled + models.bytesBilled,
        slotMs: own.slotMs + models.slotMs,
        requests: own.requests,
      }
    );
  };
  const onJob = ({ bytesBilled, slotMs }: Pick<Cost, 'bytesBilled' | 'slotMs'>) => {
    models.jobs += 1;
    models.bytesBilled += bytesBilled;
    models.slotMs += slotMs;
  };
  return { warehouse: { ...warehouse, cost }, onJob };
}
