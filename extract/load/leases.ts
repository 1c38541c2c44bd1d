import { LeaseError } from '../../base/errors.ts';
import type { Engine } from './engine.ts';
import { leaseHeldByOther, leaseTakenOver } from './lease-owner.ts';
import { LEASE_LOST, type stateSql } from './sql/state.ts';
import type { Lease } from './warehouse.ts';

/** A lease gets so much of its length old before a heartbeat extends it. */
const EXTEND_AFTER = 1 / 3;

/** The leases that this process holds, and the transactions under them. */
export function createLeases(engine: Engine, state: ReturnType<typeof stateSql>) {
  const held = new Map<string, { readonly lease: Lease; extendedMs: number }>();
  /** The newest instant of a heartbeat: one may wait long for its turn. */
  let heartbeatMs = 0;
  let extending: Promise<ReadonlySet<string>> | undefined;

  const isOurs = ({ entity, fencingNumber }: Lease) =>
    held.get(entity)?.lease.fencingNumber === fencingNumber;
  const end = (fromMs: number) => new Date(fromMs + engine.leaseMs);

  /** @throws LeaseError when a statement met another run's lease. */
  async function write(statements: readonly string[], entity: string): Promise<void> {
    try {
      await engine.transact(statements, entity);
    } catch (error) {
      throw engine.raised(error, LEASE_LOST) === undefined ? error : leaseTakenOver(entity);
    }
  }

  /**
   * Extends all leases by one statement if one of them is due when the statement's turn comes; returns the entities that
   * another run has taken.
   */
  async function extendAll(): Promise<ReadonlySet<string>> {
    let all: { readonly lease: Lease; extendedMs: number }[] = [];
    let extendedMs = 0;
    const lost = new Set<string>();
    const rows = await engine.transact(() => {
      extendedMs = heartbeatMs;
      all = [...held.values()];
      const isDue = all.some((one) => extendedMs - one.extendedMs >= engine.leaseMs * EXTEND_AFTER);
      if (!isDue) all = [];
      const leases = all.map(({ lease }) => lease);
      return isDue ? [state.extend(leases, end(extendedMs)), state.leased(leases)] : [];
    }, 'leases');
    const kept = new Set(rows.map(({ entity }) => entity));
    for (const one of all) {
      if (kept.has(one.lease.entity)) one.extendedMs = extendedMs;
      else {
        lost.add(one.lease.entity);
        // Another run of this process may have taken it.
        if (held.get(one.lease.entity) === one) held.delete(one.lease.entity);
      }
    }
    return lost;
  }

  return {
    write,

    /** When a lease ends that another run of this process may hold, by its heartbeats; undefined if none does. */
    heldUntil(entity: string, fencingNumber: number): Date | undefined {
      const ours = held.get(entity);
      return ours?.lease.fencingNumber === fencingNumber ? end(ours.extendedMs) : undefined;
    },

    /** @throws LeaseError when another run took it since the state was read. */
    async take(lease: Lease, now: Date, statements: readonly string[]): Promise<void> {
      const until = end(now.getTime());
      await write([...state.take(lease, until), ...statements], lease.entity).catch((error: unknown) => {
        throw error instanceof LeaseError
          ? leaseHeldByOther(lease.entity, 'started at the same time', engine.leaseMs)
          : error;
      });
      held.set(lease.entity, { lease, extendedMs: now.getTime() });
    },

    /** However many heartbeats come while one waits for its turn, one statement answers all of them. */
    async extend(lease: Lease, now: Date): Promise<void> {
      const ours = held.get(lease.entity);
      if (!ours || !isOurs(lease)) throw leaseTakenOver(lease.entity);
      // No other process can reach the warehouse, so that it is enough to know of the heartbeat here.
      if (!engine.isShared) {
        ours.extendedMs = Math.max(ours.extendedMs, now.getTime());
        return;
      }
      heartbeatMs = Math.max(heartbeatMs, now.getTime());
      extending ??= extendAll().finally(() => {
        extending = undefined;
      });
      if ((await extending).has(lease.entity)) throw leaseTakenOver(lease.entity);
    },

    async release(lease: Lease): Promise<void> {
      if (isOurs(lease)) held.delete(lease.entity);
      await write([state.release(lease)], lease.entity);
    },
  };
}
