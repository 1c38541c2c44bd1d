import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { beforeEach, expect, test, vi } from 'vitest';

vi.mock('node:os', async (original) => ({ ...(await original()), hostname: vi.fn(() => 'laptop') }));
beforeEach(() => vi.resetModules());

const NOW = new Date('2025-10-27T12:00:00Z');
const SOON = new Date('2025-10-27T12:01:00Z');
/** The id of a process that has ended. */
const GONE = spawnSync(process.execPath, ['--version']).pid;

async function isHeldOn(host: string) {
  vi.mocked(hostname).mockReturnValue(host);
  const { isLeaseActive } = await import('../../../extract/load/lease-owner.ts');
  return (owner: string | null, until: Date | null = SOON) => isLeaseActive(owner, until, NOW, 60_000);
}

test('a lease is active until it expires', async () => {
  const isHeld = await isHeldOn('laptop');
  expect(isHeld('elsewhere:7:1')).toBe(true);
  expect(isHeld('elsewhere:7:1', NOW)).toBe(false);
  expect(isHeld('elsewhere:7:1', null)).toBe(false);
  expect(isHeld(null)).toBe(false);
});

test('a lease that ends further ahead than a lease lasts is not active; two clocks may differ by a minute', async () => {
  const isHeld = await isHeldOn('laptop');
  expect(isHeld('elsewhere:7:1', new Date('2025-10-27T12:02:00Z'))).toBe(true);
  expect(isHeld('elsewhere:7:1', new Date('2025-10-27T12:02:01Z'))).toBe(false);
  expect(isHeld('elsewhere:7:1', new Date('2031-01-01T00:00:00Z'))).toBe(false);
});

test('a lease of a process on this machine is active only while that process lives', async () => {
  const isHeld = await isHeldOn('laptop');
  expect(isHeld(`laptop:${process.ppid}:1`)).toBe(true);
  expect(isHeld(`laptop:${GONE}:1`)).toBe(false);
  // Our process id with another start time: in containers every process may have id 1.
  expect(isHeld(`laptop:${process.pid}:1`)).toBe(false);
});

test('on Cloud Run, where every host is localhost, a lease ends only by expiry', async () => {
  const isHeld = await isHeldOn('localhost');
  expect(isHeld(`localhost:${GONE}:1`)).toBe(true);
  expect(isHeld(`localhost:${process.pid}:1`)).toBe(true);
  expect(isHeld(`localhost:${process.pid}:1`, NOW)).toBe(false);
});
