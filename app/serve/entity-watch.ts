import type { ExtractEvent } from '../../extract/events.ts';
import type { EntityOutcome } from './runs.ts';

/** Gathers from the events of a run what came of each entity, and how long it took. */
export function watchEntities(clock: () => Date) {
  const begun = new Map<string, number>();
  const outcomes: EntityOutcome[] = [];
  const end = (entity: string, result: EntityOutcome['result']) => {
    const endMs = clock().getTime();
    outcomes.push({ entity, durationMs: endMs - (begun.get(entity) ?? endMs), result });
  };
  return {
    note(event: ExtractEvent): void {
      const { entity } = event;
      // Its turn begins with the first thing that it does; what it waits for the others is not its own time.
      const isWaiting = event.type === 'phase' && event.phase === 'waiting';
      if (!isWaiting && !begun.has(entity)) begun.set(entity, clock().getTime());
      if (event.type === 'failed') end(entity, { error: event.error });
      if (event.type !== 'done') return;
      const { read, new: added, rejected } = event.receipt;
      end(entity, { read, new: added, rejected });
    },
    outcomes: (): readonly EntityOutcome[] => outcomes,
  };
}
