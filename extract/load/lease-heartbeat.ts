import { LeaseError } from '../../base/errors.ts';
import type { Lease, Warehouse } from './warehouse.ts';

const HEARTBEAT_MS = 15_000;

/**
 * Keeps a lease until it is stopped. A beat that fails is no loss yet: the warehouse may be busy, and the lease has minutes
 * left. It is lost when another run took it over, or when no beat was good for as long as it lasts.
 *
 * @param onLost told why, once or more.
 * @returns what stops it.
 */
export function startHeartbeat(options: {
  readonly warehouse: Pick<Warehouse, 'extendLease' | 'leaseMs'>;
  readonly lease: Lease;
  readonly takenAt: Date;
  readonly clock: () => Date;
  readonly onLost: (error: unknown) => void;
  readonly everyMs?: number;
}): () => void {
  const { warehouse, lease, takenAt, clock, onLost, everyMs = HEARTBEAT_MS } = options;
  let keptMs = takenAt.getTime();
  const beat = async () => {
    const now = clock();
    try {
      await warehouse.extendLease(lease, now);
      keptMs = Math.max(keptMs, now.getTime());
    } catch (error) {
      if (error instanceof LeaseError || clock().getTime() - keptMs >= warehouse.leaseMs) onLost(error);
    }
  };
  const heartbeat = setInterval(beat, everyMs).unref();
  return () => clearInterval(heartbeat);
}
