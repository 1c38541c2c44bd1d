import { entity } from '../../schemas/entities.ts';
import type { EntityResult } from '../entity-run.ts';
import { newRunId } from '../landing/run-id.ts';
import { type ExtractOptions, extractEntity } from '../run.ts';
import type { BackfillPlan } from './backfill-plan.ts';

export interface BackfillOptions extends Omit<ExtractOptions, 'runId'> {
  /** Tells runs apart that begin in the same millisecond. */
  readonly suffix: () => string;
}

/**
 * Reads, lands and loads the windows of a plan, each as a run of its own, and ends with the first that fails: the next
 * backfill of the same ends goes on there. Cursors stay where they are.
 */
export async function* backfill(plan: BackfillPlan, options: BackfillOptions): AsyncGenerator<EntityResult> {
  const chosen = entity(plan.entity);
  for (const window of plan.windows) {
    const runId = newRunId(options.clock(), options.suffix());
    const result = await extractEntity(chosen, { ...options, runId }, { window });
    yield result;
    if (result.status === 'failed') return;
  }
}
