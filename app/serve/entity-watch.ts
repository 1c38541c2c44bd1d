import type { ExtractEvent } from '../../extract/events.ts';
import type { EntityOutcome } from './runs.ts';

/** Collects from a run's events the result and the duration of each entity. */
export function watchEntities(clock: () => Date) {
  const startedMs = new Map<string, number>();
  const outcomes: EntityOutcome[] = [];
  const end = (entity: string, result: EntityOutcome['result']) => {
    const endMs = clock().getTime();
    outcomes.push({ entity, durationMs: endMs - (startedMs.get(entity) ?? endMs), result });
  };
  return {
    note(event: ExtractEvent): void {
      const { entity } = event;
      // The time that an entity waits for others does not count.
      const isWaiting = event.type === 'phase' && event.phase === 'waiting';
      if (!isWaiting && !startedMs.has(entity)) startedMs.set(entity, clock().getTime());
      if (event.type === 'failed') end(entity, { error: event.error });
      if (event.type !== 'done') return;
      const { read, new: added, rejected } = event.receipt;
      end(entity, { read, new: added, rejected });
    },
    outcomes: (): readonly EntityOutcome[] => outcomes,
  };
}
