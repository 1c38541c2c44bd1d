import { expect, test } from 'vitest';
import { entityText, statusText } from '../../../app/cli/status-text.ts';
import { readStatus } from '../../../app/pipeline/status.ts';
import type { FeedPage } from '../../../extract/pages/feed-page.ts';
import { extractEntity } from '../../../extract/run.ts';
import { sandboxClock } from '../../../sandbox/clock.ts';
import { createTenant } from '../../../sandbox/tenant.ts';
import { entity } from '../../../schemas/entities.ts';
import { startNight } from '../../extract/night.ts';
import { job } from '../../sandbox/client.ts';

const WINDOW = {
  from: '2025-01-01T00:00:00.000Z',
  before: '2025-02-01T00:00:00.000Z',
  since: '2025-01-01T00:00:00.000Z',
  until: '2025-02-01T00:00:00.000Z',
};

/** Two entities: one without a fault, and one that failed after its first load and was backfilled since. */
async function status(runs: number, sweeps = 0) {
  const night = await startNight({
    jobs: [job(1, '2025-01-10T00:00:00Z')],
    customers: [job(2, '2025-10-27T06:30:00Z')],
  });
  await night.run();
  night.pass(60 * 60 * 1000);
  night.sandbox.faults.add({ entity: 'jobs', fault: { kind: 'body', text: '<html>' } });
  await night.run();
  const { config, landing, warehouse, client, clock } = night;
  const signal = new AbortController().signal;
  const options = {
    config,
    landing,
    warehouse,
    client,
    clock,
    signal,
    onEvent: () => {},
    entities: [],
    runId: 'fill',
  };
  await extractEntity(entity('jobs'), options, { window: WINDOW });
  const filter = () => ({ filter: async (page: FeedPage) => page, finish: async () => {} });
  for (let nth = 0; nth < sweeps; nth++) {
    await extractEntity(entity('jobs'), { ...options, runId: `sweep-${nth}` }, { window: WINDOW, filter });
  }
  return { found: await readStatus(warehouse.query, config.datasets, runs), now: clock() };
}

test('status shows freshness, the last runs, the last nightly run and its failures', async () => {
  const { found, now } = await status(3);
  const [customers, jobs] = found.entities;
  // The failed run and the backfill do not change the age, which counts from the first run.
  const hoursOld = (at: string | null | undefined) =>
    Math.round((now.getTime() - Date.parse(at ?? '')) / 3_600_000);
  expect([hoursOld(customers?.loadedAt), hoursOld(jobs?.loadedAt)]).toEqual([0, 1]);
  expect(jobs?.runs.map(({ mode, status }) => `${mode} ${status}`)).toEqual([
    'backfill success',
    'incremental failed',
    'incremental success',
  ]);
  expect(found.night).toMatchObject({ runDate: '2025-10-27', succeeded: 1, failed: 1, running: 0 });

  const lines = statusText(found, now).split('\n');
  expect(lines[0]).toMatch(/^Night of 2025-10-27, .*: 1 loaded, 1 failed, \d+ calls, 0 new rows$/);
  expect(lines.find((line) => line.startsWith('jobs'))).toMatch(
    /^jobs +1 h +290 d +✓[\d.]+ ✗[\d.]+ ✓b[\d.]+ +1 +0 +0$/,
  );
  expect(lines.find((line) => line.startsWith('customers'))).toMatch(
    /^customers +[\d.]+ s +7 h +✓[\d.]+ ✓[\d.]+ +0 +0 +0$/,
  );
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});

test("status measures freshness by the sandbox's clock in a sandbox and says so", async () => {
  expect(sandboxClock('2025-10-20')).toEqual(
    createTenant({ runDate: '2025-10-20', seed: 1, scale: 0 }).now(),
  );
  const { found } = await status(3);
  const [later, clock] = [new Date('2026-11-25T12:00:00Z'), sandboxClock('2025-10-27')];
  const text = statusText(found, later, clock);
  expect(text).toMatch(/^customers +393 d +5 h /m);
  expect(text.replaceAll('\n', ' ')).toContain(
    "that was read, by the sandbox's clock, which stands at 2025-10-27T12:00Z.",
  );
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  const [customers] = found.entities;
  if (!customers) throw new Error('customers were read');
  expect(entityText(customers, later, clock)).toMatch(/Changed 5 h ago by the sandbox's clock/);
  expect(statusText(found, later)).toMatch(/^customers +393 d +394 d (?![\s\S]*sandbox)/m);
});

test('status does not count a later extract of one entity as a part of the nightly run', async () => {
  const night = await startNight({
    jobs: [job(1, '2025-01-10T00:00:00Z')],
    customers: [job(2, '2025-10-27T06:30:00Z')],
  });
  await night.run();
  const before = await readStatus(night.warehouse.query, night.config.datasets, 1);
  expect(before.night).toMatchObject({ succeeded: 2, failed: 0, newRows: 2 });
  night.pass(60 * 60 * 1000);
  for (let later = 0; later < 3; later++) await night.run({ names: ['jobs'] });
  const after = await readStatus(night.warehouse.query, night.config.datasets, 1);
  expect(after.night).toEqual(before.night);
  expect(after.entities.map(({ entity, runs }) => [entity, runs.length])).toEqual([
    ['customers', 1],
    ['jobs', 1],
  ]);
});

test('status still shows the result of the nightly run after many sweeps', async () => {
  const { found, now } = await status(3, 3);
  expect(found.night).toMatchObject({ succeeded: 1, failed: 1 });
  const line = statusText(found, now)
    .split('\n')
    .find((text) => text.startsWith('jobs'));
  expect(line).toMatch(/ ✓s[\d.]+ ✓s[\d.]+ ✓s[\d.]+ /);
});

test('status of one entity shows its receipt, its cursor and each run with its error', async () => {
  const { found, now } = await status(10);
  const jobs = found.entities.find((row) => row.entity === 'jobs');
  if (!jobs) throw new Error('jobs were read');
  const text = entityText(jobs, now);
  expect(text).toContain('Receipt source –, read 1, landed 1, rejected 0, loaded 1, visible 1, new 0');
  expect(text).toContain('Cursor  a continuation token');
  expect(text).toMatch(/incremental +failed/);
  expect(text).toMatch(/jobs: GET .* answered 200,\s+but .*<html>/s);
});

test('status shows a held lease with its owner and a run in progress', async () => {
  const night = await startNight({ jobs: [job(1, '2025-01-10T00:00:00Z')] });
  const run = { entity: 'jobs', runId: 'now', runDate: '2025-10-27', mode: 'incremental' as const };
  await night.warehouse.begin({ ...run, now: night.clock() });
  const found = await readStatus(night.warehouse.query, night.config.datasets, 3);
  expect(found.night).toMatchObject({ succeeded: 0, running: 1, endedAt: null });
  expect(statusText(found, night.clock())).toMatch(
    /^jobs +– +– +… +– +– +–$[\s\S]*jobs: lease held by .*:\d+:\d+ until 2025-10-27T/m,
  );
});
