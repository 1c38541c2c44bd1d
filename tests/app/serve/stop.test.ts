import { expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../../sandbox/server.ts';
import { ownFolder } from '../../e2e/command.ts';
import { smallTenant } from '../../faults/tenant.ts';
import { stateOf } from '../../faults/warehouse-state.ts';
import { tenantOf } from '../../sandbox/client.ts';
import { serviceProcess } from './process.ts';
import { serviceSettings } from './service.ts';

/** A tenant of three pages of jobs. */
async function tenant(faults: Parameters<typeof startSandbox>[0] = {}) {
  const sandbox = await startSandbox({ tenant: tenantOf(smallTenant()), rowsPerExportPage: 20, ...faults });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

test('SIGTERM between two pages ends the HTTP service: callers are answered, no row is lost, no queued run starts', async () => {
  const [stopped, whole] = [ownFolder(), ownFolder()];
  const slow = await tenant({
    faults: [{ entity: 'jobs', nth: 3, fault: { kind: 'stall', afterBytes: 9 } }],
  });
  const first = await serviceProcess(serviceSettings(stopped.folder, slow));
  const page = first.line(/"type":"page","entity":"jobs","pages":2/);
  const asked = Promise.all([
    first.ask('/ingest/jobs', { method: 'POST' }),
    first.ask('/ingest/campaigns', { method: 'POST' }),
  ]);
  await page;
  const { code, ms } = await first.stop();
  expect(code).toBe(0);
  expect(ms).toBeLessThan(10_000);
  const [jobs, campaigns] = await asked;
  expect([jobs.status, campaigns.status]).toEqual([503, 503]);
  expect(jobs.json).toMatchObject({ success: false, entity: 'jobs', mode: 'incremental' });
  const names = ['jobs', 'campaigns'];
  const between = await stateOf(stopped.env.DUCKDB_PATH, names);
  expect(names.map((name) => between[name]?.versions)).toEqual([[], []]);

  const second = await serviceProcess(serviceSettings(stopped.folder, slow));
  const other = await serviceProcess(serviceSettings(whole.folder, await tenant()));
  for (const { ask, stop } of [second, other]) {
    for (const name of names) expect((await ask(`/ingest/${name}`)).json).toMatchObject({ success: true });
    await stop();
  }
  const found = await stateOf(stopped.env.DUCKDB_PATH, names);
  expect(found).toEqual(await stateOf(whole.env.DUCKDB_PATH, names));
  expect(found.jobs?.versions).toHaveLength(54);
});
