import PQueue from 'p-queue';
import { LeaseError } from '../../../base/errors.ts';
import { leaseHeldByOther, leaseTakenOver } from '../lease-owner.ts';
import type { Lease, Run } from '../warehouse.ts';
import type { Job } from './jobs.ts';
import { EXTEND_AFTER_MS, isLeaseLost, LEASE_MS, type StateSql } from './state.ts';

/** Short statements go before commits, which take many times as long. */
const PRIORITY = { short: 1, commit: 0 };

/**
 * The leases that this process holds, and the queue of its writes.
 *
 * Writes run one at a time, because BigQuery aborts one of two transactions that change the same table.
 */
export function bigqueryLeases(
  sql: StateSql,
  statements: {
    readonly query: (text: string, entity: string) => Promise<Job>;
    readonly read: (text: string, entity: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  },
) {
  const writes = new PQueue({ concurrency: 1 });
  const held = new Map<string, { readonly lease: Lease; extendedAtMs: number }>();
  /** The time of the newest heartbeat. A heartbeat may wait long for its turn. */
  let newestHeartbeatMs = 0;
  let pendingExtension: Promise<ReadonlySet<string>> | undefined;

  const isHeldHere = ({ entity, fencingNumber }: Lease) =>
    held.get(entity)?.lease.fencingNumber === fencingNumber;

  /** Runs a write in its turn. @throws LeaseError if another run has taken over the lease. */
  async function write(text: string, entity: string, kind: keyof typeof PRIORITY = 'short'): Promise<Job> {
    const work = async () => {
      try {
        return await statements.query(text, entity);
      } catch (error) {
        throw isLeaseLost(error) ? leaseTakenOver(entity) : error;
      }
    };
    return writes.add(work, { priority: PRIORITY[kind] });
  }

  /** Extends all leases in one statement if one of them is due. Returns the entities whose lease another run has taken. */
  async function extendAll(): Promise<ReadonlySet<string>> {
    const now = new Date(newestHeartbeatMs);
    const all = [...held.values()];
    const lost = new Set<string>();
    if (!all.some(({ extendedAtMs }) => newestHeartbeatMs - extendedAtMs >= EXTEND_AFTER_MS)) return lost;
    const leases = all.map(({ lease }) => lease);
    const { statistics } = await statements.query(sql.extend(leases, now), 'leases');
    if (Number(statistics?.query?.numDmlAffectedRows) !== leases.length) {
      const stillHeld = await statements.read(sql.stillHeld(leases), 'leases');
      const heldEntities = new Set(stillHeld.map(({ entity }) => entity));
      for (const { entity } of leases) if (!heldEntities.has(entity)) lost.add(entity);
    }
    for (const extended of all) {
      if (lost.has(extended.lease.entity)) held.delete(extended.lease.entity);
      else extended.extendedAtMs = now.getTime();
    }
    return lost;
  }

  return {
    write,

    /** Takes a lease. @throws LeaseError if another run has taken it since the state was read. */
    async take(run: Run, lease: Lease): Promise<void> {
      await write(sql.take(run, lease), run.entity).catch((error: unknown) => {
        if (!(error instanceof LeaseError)) throw error;
        throw leaseHeldByOther(run.entity, 'started at the same time', LEASE_MS);
      });
      held.set(run.entity, { lease, extendedAtMs: run.now.getTime() });
    },

    /** Extends a lease. Heartbeats that arrive while an extension waits for its turn share that extension. */
    async extend(lease: Lease, now: Date): Promise<void> {
      if (!isHeldHere(lease)) throw leaseTakenOver(lease.entity);
      newestHeartbeatMs = Math.max(newestHeartbeatMs, now.getTime());
      pendingExtension ??= writes.add(extendAll, { priority: PRIORITY.short }).finally(() => {
        pendingExtension = undefined;
      });
      if ((await pendingExtension).has(lease.entity)) throw leaseTakenOver(lease.entity);
    },

    async release(lease: Lease): Promise<void> {
      if (isHeldHere(lease)) held.delete(lease.entity);
      await write(sql.release(lease), lease.entity);
    },
  };
}
