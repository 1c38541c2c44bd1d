import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../../sandbox/server.ts';
import { allEntities, entities } from '../../../schemas/entities.ts';
import { smallTenant } from '../../faults/tenant.ts';
import { tenantOf } from '../../sandbox/client.ts';
import { documentProblems } from './document.ts';
import { runningService } from './service.ts';

/** A service that reads a small tenant: 54 jobs, 26 invoices, 21 payrolls, 6 campaigns, a handful of everything else. */
async function smallService(options: Parameters<typeof startSandbox>[0] = {}) {
  const tenant = await startSandbox({ tenant: tenantOf(smallTenant()), ...options });
  onTestFinished(() => tenant.close());
  return { ...(await runningService({ tenant })), tenant };
}

describe('routes of the earlier HTTP service', () => {
  test('GET /health answers 200 with the service name, version and time', async () => {
    const { ask } = await runningService();
    const { status, json } = await ask('/health');
    expect(status).toBe(200);
    expect(json).toMatchObject({ status: 'healthy', service: 'servicetitan-kpis' });
    expect(json.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(Date.now() - Date.parse(json.timestamp)).toBeLessThan(60_000);
  });

  test('GET /entities lists all 23 entities', async () => {
    const { ask } = await runningService();
    const { json } = await ask('/entities');
    expect(json.entities).toEqual(entities.map(({ name }) => name));
    expect(json.count).toBe(23);
  });

  test.each([
    ['GET', '/ingest/jobs', 'incremental'],
    ['POST', '/ingest/jobs', 'incremental'],
    ['POST', '/ingest/jobs?mode=full', 'full'],
    ['POST', '/full-sync/jobs', 'full'],
  ] as const)('%s %s waits for the run and returns its result', async (method, path, mode) => {
    const { ask } = await smallService();
    const { status, json } = await ask(path, { method });
    expect(status).toBe(200);
    expect(json).toMatchObject({ success: true, entity: 'jobs', mode, recordsProcessed: 54 });
    expect(json.runId).toMatch(/^\d{8}T\d{9}Z-[0-9a-f]{6}$/);
    expect(json.duration).toBeGreaterThan(0);
  });

  test('an entity is found by its earlier name and answers with the name that the caller used', async () => {
    const { ask } = await smallService();
    expect((await ask('/ingest/payroll')).json).toMatchObject({ success: true, entity: 'payroll' });
    expect((await ask('/status/gross_pay_items')).json.recentRuns).toHaveLength(1);
  });

  test('an entity that no night reads is read when a route names it', async () => {
    const { ask } = await smallService();
    const { status, json } = await ask('/ingest/calls', { method: 'POST' });
    expect([status, json]).toEqual([200, expect.objectContaining({ entity: 'calls', recordsProcessed: 36 })]);
    expect((await ask('/entities')).json.count).toBe(23);
  });

  test.each([
    ['GET', '/ingest-all', { mode: 'incremental', parallel: true }],
    ['POST', '/ingest-all?mode=full&parallel=false', { mode: 'full', parallel: false }],
  ] as const)('%s %s loads every entity and summarises the results', async (method, path, asked) => {
    const { ask } = await smallService();
    const { status, json } = await ask(path, { method });
    expect(status).toBe(200);
    expect(json).toMatchObject({ success: true, ...asked });
    expect(json.summary).toEqual({ total: 23, succeeded: 23, failed: 0 });
    expect(json).not.toHaveProperty('errors');
    expect(Object.keys(json.results).sort()).toEqual(entities.map(({ name }) => name).sort());
    expect(json.results.invoices).toMatchObject({ success: true, recordsProcessed: 32, runId: json.runId });
    expect(json.results.invoices.duration).toBeGreaterThan(0);
  });

  test('/ingest-all answers 207 and lists failed entities beside the loaded ones', async () => {
    const { ask } = await smallService({ withoutScopes: ['tn.jpm.jobs:r'] });
    const { status, json } = await ask('/ingest-all', { method: 'POST' });
    expect(status).toBe(207);
    expect(json.success).toBe(false);
    expect(json.summary).toEqual({ total: 23, succeeded: 22, failed: 1 });
    expect(Object.keys(json.errors)).toEqual(['jobs']);
    expect(json.errors.jobs).toContain('403');
    expect(json.results).not.toHaveProperty('jobs');
  });

  test('/ingest of an entity that fails answers 500 with problem+json and the earlier fields', async () => {
    const { ask } = await smallService({ withoutScopes: ['tn.jpm.jobs:r'] });
    const { status, type, json } = await ask('/ingest/jobs?mode=full', { method: 'POST' });
    expect([status, type]).toEqual([500, 'application/problem+json']);
    expect(json).toMatchObject({ success: false, entity: 'jobs', mode: 'full' });
    expect(json.error).toContain('403');
    expect((await ask(`/runs/${json.runId}`)).json).toMatchObject({ status: 'failed', success: false });
  });

  test('GET /status of an entity lists its ten newest runs, newest first', async () => {
    const { ask } = await smallService();
    const runIds: string[] = [];
    for (let nth = 0; nth < 11; nth++) {
      const headers = { 'Idempotency-Key': String(nth) };
      runIds.push((await ask('/ingest/campaigns', { headers })).json.runId);
    }
    const { json } = await ask('/status/campaigns');
    expect(json.entity).toBe('campaigns');
    expect(json.recentRuns.map((run: { run_id: string }) => run.run_id)).toEqual(runIds.slice(1).reverse());
    const [newest] = json.recentRuns;
    expect(newest).toMatchObject({
      ...{ entity_type: 'campaigns', status: 'success', records_fetched: 6, records_inserted: 0 },
      error_message: null,
    });
    expect(newest.duration_ms).toBe(Date.parse(newest.end_time) - Date.parse(newest.start_time));
  });

  test('GET /last-sync gives the time of the last load of an entity, or null', async () => {
    const { ask } = await smallService();
    expect((await ask('/last-sync/jobs')).json).toMatchObject({ entity: 'jobs', lastSyncTime: null });
    const started = Date.now();
    await ask('/ingest/jobs');
    const { json } = await ask('/last-sync/jobs');
    expect(Date.parse(json.lastSyncTime)).toBeGreaterThanOrEqual(started);
    // The newest of the small tenant's jobs changed 60 days after 2025-06-01.
    expect(json.watermark).toBe('2025-07-31T00:00:00.000Z');
  });
});

describe('requests that the HTTP service cannot answer', () => {
  let service: Awaited<ReturnType<typeof runningService>>;
  const start = async () => {
    service = await runningService();
  };

  test.each([
    '/ingest/job',
    '/full-sync/job',
    '/status/job',
    '/last-sync/toString',
  ])('an unknown entity is answered with 404 and the list of entities: %s', async (path) => {
    await start();
    const method = path.startsWith('/full-sync') ? 'POST' : 'GET';
    const { status, type, json } = await service.ask(path, { method });
    expect([status, type]).toEqual([404, 'application/problem+json']);
    expect(json).toMatchObject({ title: 'Not Found', status: 404, error: 'Entity not found' });
    expect(json.availableEntities).toEqual(allEntities().map(({ name }) => name));
  });

  test.each([
    ['/ingest/jobs?mode=fully', ['incremental', 'full']],
    ['/ingest-all?mode=', ['incremental', 'full']],
    ['/ingest-all?parallel=yes', ['true', 'false']],
  ])('an invalid query value is answered with 400 and the valid values: %s', async (path, validValues) => {
    await start();
    const { status, json } = await service.ask(path);
    expect(status).toBe(400);
    expect(json).toMatchObject({ title: 'Bad Request', validValues });
    expect(json.detail).toContain(validValues.join(', '));
  });

  test('a wrong HTTP method is answered with 405 and the allowed methods', async () => {
    await start();
    for (const [path, allow] of [
      ['/nightly', 'POST'],
      ['/full-sync/jobs', 'POST'],
    ] as const) {
      const { status, headers } = await service.ask(path);
      expect([status, headers.get('allow')]).toEqual([405, allow]);
    }
    expect((await service.ask('/ingest/jobs', { method: 'DELETE' })).headers.get('allow')).toBe('GET, POST');
  });

  test('a HEAD request starts no run', async () => {
    await start();
    expect((await service.ask('/ingest/job_types', { method: 'HEAD' })).status).toBe(405);
    expect((await service.ask('/health', { method: 'HEAD' })).status).toBe(200);
    expect((await service.ask('/status/job_types')).json.recentRuns).toEqual([]);
  });

  test('an unknown route and an unknown run id are answered with 404', async () => {
    await start();
    expect((await service.ask('/nothing')).json).toMatchObject({ status: 404, title: 'Not Found' });
    expect((await service.ask('/runs/20251027T090000000Z-abcdef')).status).toBe(404);
    expect((await service.ask("/runs/'; drop table x")).status).toBe(404);
  });

  test('GET /report without a mart answers 404 and says to POST /nightly', async () => {
    await start();
    const { status, json } = await service.ask('/report');
    expect(status).toBe(404);
    expect(json.detail).toContain('POST /nightly');
  });
});

describe('readiness of the HTTP service', () => {
  test('GET /ready answers 503 with the failed check while GET /health stays 200', async () => {
    const good = await runningService();
    expect((await good.ask('/ready')).json).toEqual({
      status: 'ready',
      checks: { warehouse: 'ok', landing: 'ok' },
    });
    const bad = await runningService({ env: { DUCKDB_PATH: '/dev/null/warehouse.duckdb' } });
    const { status, json } = await bad.ask('/ready');
    expect(status).toBe(503);
    expect(json.checks.warehouse).toContain('DUCKDB_PATH');
    expect((await bad.ask('/health')).status).toBe(200);
  });
});

describe('the OpenAPI document', () => {
  test('the OpenAPI document is valid 3.1 and lists every route', async () => {
    const { ask } = await runningService();
    const { json } = await ask('/openapi.json');
    expect(await new Validator().validate(json)).toEqual({ valid: true });
    expect(json.openapi).toBe('3.1.0');
    const operations = Object.entries(json.paths as Record<string, object>).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(operations).toEqual(ROUTES);
  });

  test('the check against the OpenAPI document notices missing, extra and mistyped fields, status and type', async () => {
    const { ask } = await runningService();
    const { json: document } = await ask('/openapi.json');
    const { json, type, text, status } = await ask('/health');
    const request = { method: 'GET', path: '/health' };
    const problems = (change: object) =>
      documentProblems(document, request, { json, type, text, status, ...change });
    expect(problems({})).toEqual([]);
    expect(problems({ json: { ...json, more: 1 } })).toHaveLength(1);
    expect(problems({ json: { status: 'healthy' } })).toHaveLength(3);
    expect(problems({ status: 201 })).toEqual(['the document has no such status']);
    expect(problems({ type: 'text/html' })).toEqual(['the document has no text/html']);
    expect(
      documentProblems(document, { method: 'GET', path: '/other' }, { json, type, text, status }),
    ).toEqual(['the document has no such route']);
  });
});

/** Each of these routes is called in this file, in nights.test.ts or in pages.test.ts. */
const ROUTES = [
  ...['get /health', 'get /ready', 'get /ingest/{entity}', 'post /ingest/{entity}'],
  ...['post /full-sync/{entity}', 'get /ingest-all', 'post /ingest-all', 'post /nightly'],
  ...['get /runs/{runId}', 'get /entities', 'get /status/{entity}', 'get /last-sync/{entity}'],
  ...[
    'get /report',
    'get /',
    'get /kpis/{kpi}/{unit}/{period}',
    'get /weeks/{day}',
    'get /runs',
    'get /checks',
    'get /openapi.json',
  ],
];
