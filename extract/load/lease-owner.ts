import { hostname } from 'node:os';
import { LeaseError } from '../../base/errors.ts';

/** A lease without a heartbeat expires after this time. */
export const LEASE_MS = 60_000;

const SELF = { host: hostname(), pid: process.pid, start: Math.round(Date.now() - process.uptime() * 1000) };

/** The name of this process as a lease owner, `host:pid:start`. It is unique on one machine. */
export function ownLeaseOwner(): string {
  return `${SELF.host}:${SELF.pid}:${SELF.start}`;
}

/** How far the clocks of two machines may differ. */
const CLOCK_DIFFERENCE_MS = 60_000;

/**
 * Whether a lease blocks other runs: it has not expired, and its owner is not known to be dead.
 *
 * A lease that ends further ahead than a lease lasts was written by a fast clock. It would block all runs until then, so it
 * does not count; if its owner is alive, it notices at its next statement that it lost the lease.
 *
 * @param leaseMs how long a lease lasts without a heartbeat.
 */
export function isLeaseActive(owner: string | null, until: Date | null, now: Date, leaseMs: number): boolean {
  if (owner === null || until === null || until <= now) return false;
  const isGenuine = until.getTime() - now.getTime() <= leaseMs + CLOCK_DIFFERENCE_MS;
  return isGenuine && !isDeadOwner(owner);
}

/** The error of a run that may not start because `owner` holds the lease. */
export function leaseHeldByOther(entity: string, owner: string | null, leaseMs: number): LeaseError {
  return new LeaseError(`${entity}: another run (${owner}) holds the lease`, {
    remedy: `Wait until that run has ended; a lease without a heartbeat expires after ${leaseMs / 1000} s.`,
  });
}

/** The error of a run that no longer holds its lease. */
export function leaseTakenOver(entity: string): LeaseError {
  return new LeaseError(
    `${entity}: another run took over the lease after this run's heartbeat stopped; nothing was committed`,
    { remedy: 'No action is needed: the other run continues.' },
  );
}

/** Whether an owner is a process of this machine that does not run any more. */
function isDeadOwner(owner: string): boolean {
  const parts = /^(.*):(\d+):(\d+)$/.exec(owner);
  // All Cloud Run containers call themselves localhost, so the host name does not show whether another one still runs.
  if (!parts || parts[1] !== SELF.host || SELF.host === 'localhost') return false;
  const pid = Number(parts[2]);
  // In containers every process may have pid 1. The start time distinguishes this one from an earlier one.
  if (pid === SELF.pid) return Number(parts[3]) !== SELF.start;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
