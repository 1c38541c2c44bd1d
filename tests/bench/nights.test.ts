import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { DATASETS } from '../../bench/programs/extract.ts';
import { CREDENTIALS } from '../../bench/server.ts';
import type { RenderedTenant } from '../../bench/tenant/render.ts';
import { createClient } from '../../extract/api/client.ts';
import { folderLanding } from '../../extract/landing/folder.ts';
import { newRunId } from '../../extract/landing/run-id.ts';
import { openDuckdb } from '../../extract/load/duckdb/warehouse.ts';
import { extractAll } from '../../extract/run.ts';
import { declaredTables } from '../../schemas/columns.ts';
import { entities } from '../../schemas/entities.ts';
import { pagesOf, serve, servedTenant } from './tenant.ts';

test('a nightly run makes the fewest API calls: one per page at first, then one or two per entity', async () => {
  const { folder, tenant, url } = await servedTenant();
  const night = await nightsIn(folder);

  const first = await night(url);
  expect(first.calls).toEqual(expectedFirst(tenant));
  expect(first.added).toBe(tenant.entities.reduce((total, { rows }) => total + rows, 0));

  const still = await night(url);
  // One call reads the end of a feed or a short list; open invoices need one more.
  expect(still.calls).toEqual(callsOf(() => 1, 1));
  expect(still.added).toBe(0);

  const usual = await night(await serve(tenant, { withChanges: true }));
  const changed = tenant.entities
    .flatMap(({ changes }) => changes)
    .reduce((total, { rows }) => total + rows, 0);
  expect(usual.calls).toEqual(callsOf(() => 1, 1));
  expect(usual.added).toBe(changed);
  expect(changed).toBeGreaterThan(10);
});

function callsOf(pages: (name: string) => number, standing: number): Record<string, number> {
  return Object.fromEntries(
    entities.map((entity) => [entity.name, pages(entity.name) + (entity.openRecords ? standing : 0)]),
  );
}

function expectedFirst(tenant: RenderedTenant): Record<string, number> {
  // The pages of a list are larger than those of a feed; each list of this tenant fits one.
  const isList = (name: string) => entities.some((entity) => entity.name === name && !entity.export);
  return callsOf((name) => (isList(name) ? 1 : Math.max(1, pagesOf(tenant, name))), 1);
}

/** Runs nightly extractions into one warehouse; each returns its calls by entity. */
async function nightsIn(folder: string) {
  const landing = folderLanding(join(folder, 'landing'));
  const warehouse = await openDuckdb(
    { datasets: DATASETS, personalData: 'keep' },
    join(folder, 'warehouse.duckdb'),
  );
  onTestFinished(() => warehouse.close());
  await warehouse.prepare(declaredTables());
  let nowMs = Date.parse('2025-10-27T12:00:00Z');
  const clock = () => {
    nowMs += 1000;
    return new Date(nowMs);
  };
  return async (url: string) => {
    const client = createClient({
      config: { authUrl: url, apiUrl: url, maxConcurrentRequests: 5, rateLimitPerSecond: 100_000 },
      credentials: CREDENTIALS,
      clock,
      sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
    });
    const results = await extractAll({
      config: {
        syncMode: 'incremental',
        lookbackDays: 7,
        syncStartDate: '2020-01-01',
        runDate: '2025-10-27',
        datasets: DATASETS,
        maxConcurrentRequests: 5,
      },
      runId: newRunId(clock(), 'bench'),
      landing,
      warehouse,
      entities,
      client,
      clock,
      onEvent: () => {},
      signal: new AbortController().signal,
    }).finally(() => client.close());
    const failed = results.find(({ status }) => status === 'failed');
    if (failed?.status === 'failed') throw failed.error;
    return {
      calls: Object.fromEntries(results.map(({ entity, metrics }) => [entity, metrics.calls])),
      added: results.reduce(
        (total, result) => total + (result.status === 'success' ? result.receipt.new : 0),
        0,
      ),
    };
  };
}
