import type { Entity } from '../../schemas/entities.ts';
import { createEntityRun, type EntityResult } from '../entity-run.ts';
import { landedRuns } from '../landing/manifest.ts';
import type { RunOptions } from '../run.ts';

/** Rebuilds raw tables from the landing alone, without the API. The warehouse must be prepared. */
export async function replayAll({
  entities,
  ...options
}: RunOptions & { readonly entities: readonly Entity[] }): Promise<readonly EntityResult[]> {
  const results: EntityResult[] = [];
  for (const entity of entities) results.push(await replayEntity(entity, options));
  return results;
}

async function replayEntity(entity: Entity, options: RunOptions): Promise<EntityResult> {
  const { landing, warehouse, clock, onEvent } = options;
  const run = createEntityRun(entity, { mode: 'replay' }, options);
  try {
    const { lease } = await run.start();
    onEvent({ type: 'phase', entity: entity.name, phase: 'loading' });
    const manifests = await landedRuns(landing, entity.name);
    return run.succeed(await warehouse.rebuild({ manifests, landing, lease, now: clock() }));
  } catch (error) {
    return await run.fail(error);
  } finally {
    await run.end();
  }
}
