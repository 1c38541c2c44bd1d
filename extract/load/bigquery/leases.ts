import PQueue from 'p-queue';
import { LeaseError } from '../../../base/errors.ts';
import type { Lease, Run } from '../warehouse.ts';
import type { Job } from './jobs.ts';
import { HEARTBEAT_MS, isLeaseLost, leasedByOther, type StateSql, takenOver } from './state.ts';

/** Statements of a second or two go before commits, which take many times as long. */
const PRIORITY = { short: 1, commit: 0 };

/**
 * The leases that this process holds, and the turns in which it writes: transactions that change the same table abort
 * each other.
 */
export function bigqueryLeases(
  sql: StateSql,
  ask: {
    readonly query: (text: string, entity: string) => Promise<Job>;
    readonly read: (text: string, entity: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  },
) {
  const turns = new PQueue({ concurrency: 1 });
  const held = new Map<string, { readonly lease: Lease; prolongedMs: number }>();
  /** The newest instant that a beat told: a beat may wait long for its turn. */
  let heardMs = 0;
  let beat: Promise<ReadonlySet<string>> | undefined;

  const isOurs = ({ entity, fencingNumber }: Lease) =>
    held.get(entity)?.lease.fencingNumber === fencingNumber;

  /** Writes in turn. @throws LeaseError when the script met another's lease. */
  async function write(text: string, entity: string, kind: keyof typeof PRIORITY = 'short'): Promise<Job> {
    const work = async () => {
      try {
        return await ask.query(text, entity);
      } catch (error) {
        throw isLeaseLost(error) ? takenOver(entity) : error;
      }
    };
    return turns.add(work, { priority: PRIORITY[kind] });
  }

  /** Prolongs all leases by one statement once one of them is due; returns the entities that are another's by now. */
  async function prolong(): Promise<ReadonlySet<string>> {
    const now = new Date(heardMs);
    const all = [...held.values()];
    const lost = new Set<string>();
    if (!all.some(({ prolongedMs }) => heardMs - prolongedMs >= HEARTBEAT_MS)) return lost;
    const leases = all.map(({ lease }) => lease);
    const { statistics } = await ask.query(sql.extend(leases, now), 'leases');
    if (Number(statistics?.query?.numDmlAffectedRows) !== leases.length) {
      const standing = await ask.read(sql.standing(leases), 'leases');
      const kept = new Set(standing.map(({ entity }) => entity));
      for (const { entity } of leases) if (!kept.has(entity)) lost.add(entity);
    }
    for (const one of all) {
      if (lost.has(one.lease.entity)) held.delete(one.lease.entity);
      else one.prolongedMs = now.getTime();
    }
    return lost;
  }

  return {
    write,

    /** @throws LeaseError when another run took it since it was read. */
    async take(run: Run, lease: Lease): Promise<void> {
      await write(sql.take(run, lease), run.entity).catch((error: unknown) => {
        throw error instanceof LeaseError ? leasedByOther(run.entity, 'begun at the same time') : error;
      });
      held.set(run.entity, { lease, prolongedMs: run.now.getTime() });
    },

    /** However many beats come while one waits for its turn: they are that one. */
    async extend(lease: Lease, now: Date): Promise<void> {
      if (!isOurs(lease)) throw takenOver(lease.entity);
      heardMs = Math.max(heardMs, now.getTime());
      beat ??= turns.add(prolong, { priority: PRIORITY.short }).finally(() => {
        beat = undefined;
      });
      if ((await beat).has(lease.entity)) throw takenOver(lease.entity);
    },

    async end(lease: Lease): Promise<void> {
      if (isOurs(lease)) held.delete(lease.entity);
      await write(sql.release(lease), lease.entity);
    },
  };
}
