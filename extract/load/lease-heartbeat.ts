import { LeaseError } from '../../base/errors.ts';
import type { Lease, Warehouse } from './warehouse.ts';

const HEARTBEAT_MS = 15_000;

/**
 * Extends a lease at regular intervals until the heartbeat is stopped.
 *
 * A failed heartbeat is retried until the lease expires, because the warehouse may be busy. The lease is lost when another
 * run takes it over, or when no heartbeat succeeded for as long as a lease lasts.
 *
 * @param onLost is called with the reason, possibly more than once.
 * @returns a function that stops the heartbeat.
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
  let extendedAtMs = takenAt.getTime();
  const sendHeartbeat = async () => {
    const now = clock();
    try {
      await warehouse.extendLease(lease, now);
      extendedAtMs = Math.max(extendedAtMs, now.getTime());
    } catch (error) {
      if (error instanceof LeaseError || clock().getTime() - extendedAtMs >= warehouse.leaseMs) onLost(error);
    }
  };
  const timer = setInterval(sendHeartbeat, everyMs).unref();
  return () => clearInterval(timer);
}
