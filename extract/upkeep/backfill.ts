import { entity } from '../../schemas/entities.ts';
import type { EntityResult } from '../entity-run.ts';
import { newRunId } from '../landing/run-id.ts';
import { type ExtractOptions, extractEntity } from '../run.ts';
import type { BackfillPlan } from './backfill-plan.ts';

export interface BackfillOptions extends Omit<ExtractOptions, 'runId'> {
  /** Makes run ids unique: two runs may begin in the same millisecond. */
  readonly suffix: () => string;
}

/**
 * Reads, lands and loads the windows of a plan, each as its own run.
 *
 * It stops after the first run that fails; the next backfill of the same range resumes there. Cursors do not move.
 */
export async function* backfill(plan: BackfillPlan, options: BackfillOptions): AsyncGenerator<EntityResult> {
  const planned = entity(plan.entity);
  for (const window of plan.windows) {
    const runId = newRunId(options.clock(), options.suffix());
    const result = await extractEntity(planned, { ...options, runId }, { window });
    yield result;
    if (result.status === 'failed') return;
  }
}
