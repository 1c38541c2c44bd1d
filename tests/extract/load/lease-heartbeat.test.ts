import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { LeaseError, WarehouseError } from '../../../base/errors.ts';
import { startHeartbeat } from '../../../extract/load/lease-heartbeat.ts';

const BUSY = new WarehouseError('the quota is used up');

/** Extends a lease of a minute by twelve heartbeats, 15 s apart, that fail as `failing` says; returns why it was lost. */
async function keep(failing: (beat: number) => Error | undefined) {
  const start = Date.UTC(2025, 9, 27, 12);
  let beat = 0;
  const lost: { error: unknown; beat: number }[] = [];
  const stop = startHeartbeat({
    warehouse: {
      leaseMs: 60_000,
      async extendLease() {
        beat += 1;
        const failure = failing(beat);
        if (failure) throw failure;
      },
    },
    lease: { entity: 'jobs', runId: 'one', owner: 'here', fencingNumber: 1 },
    takenAt: new Date(start),
    clock: () => new Date(start + beat * 15_000),
    onLost: (error) => lost.push({ error, beat }),
    everyMs: 1,
  });
  onTestFinished(stop);
  while (beat < 12 && lost.length === 0) await setTimeout(1);
  return lost[0];
}

test('failed heartbeats do not lose a lease that has time left', async () => {
  expect(await keep((beat) => (beat % 4 === 2 || beat % 4 === 3 ? BUSY : undefined))).toBeUndefined();
});

test('a lease is lost when no heartbeat succeeds for its whole duration, with the last error as reason', async () => {
  expect(await keep((beat) => (beat > 3 ? BUSY : undefined))).toMatchObject({ error: BUSY, beat: 6 });
});

test('a lease that another run took over is lost at the next heartbeat', async () => {
  const taken = new LeaseError('jobs: another run took over the lease');
  expect(await keep((beat) => (beat === 2 ? taken : undefined))).toMatchObject({ error: taken, beat: 2 });
});
