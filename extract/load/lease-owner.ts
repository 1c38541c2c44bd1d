import { hostname } from 'node:os';

/** A lease without a heartbeat ends after this. */
export const LEASE_MS = 60_000;

const SELF = { host: hostname(), pid: process.pid, start: Math.round(Date.now() - process.uptime() * 1000) };

/** Names this process: `host:pid:start`. Two processes of one machine never have the same name. */
export function ownLeaseOwner(): string {
  return `${SELF.host}:${SELF.pid}:${SELF.start}`;
}

/** Whether a lease keeps other runs away: it has not run out, and its owner is not known to be dead. */
export function isLeaseActive(owner: string | null, until: Date | null, now: Date): boolean {
  return owner !== null && until !== null && until > now && !isDeadOwner(owner);
}

/** Whether an owner is a process of this machine that no longer runs. */
function isDeadOwner(owner: string): boolean {
  const parts = /^(.*):(\d+):(\d+)$/.exec(owner);
  // On Cloud Run every container calls itself localhost: a name says nothing of another's life there.
  if (!parts || parts[1] !== SELF.host || SELF.host === 'localhost') return false;
  const pid = Number(parts[2]);
  // In containers every process may be number 1: the start tells this one from its predecessor.
  if (pid === SELF.pid) return Number(parts[3]) !== SELF.start;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
