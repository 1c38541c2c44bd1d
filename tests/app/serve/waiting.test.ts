import { describe, expect, test } from 'vitest';
import { runningService } from './service.ts';

describe('how long the HTTP service holds a request (Prefer: wait, respond-async)', () => {
  test('Prefer: respond-async answers 202 at once and wait=100 holds the request until the run ends', async () => {
    const { ask } = await runningService();
    const path = '/ingest/campaigns';
    const { status, json, headers } = await ask(path, { headers: { Prefer: 'respond-async' } });
    expect([status, headers.get('preference-applied')]).toEqual([202, 'respond-async']);
    expect(headers.get('location')).toBe(`/runs/${json.runId}`);
    expect(json).toMatchObject({ kind: 'ingest', entity: 'campaigns', success: null, endTime: null });
    const held = await ask(path, { headers: { Prefer: 'respond-async, wait=100' } });
    expect([held.status, held.headers.get('preference-applied')]).toEqual([200, 'wait=100']);
    expect(held.json.runId).toBe(json.runId);
    const told = await ask(headers.get('location') ?? '');
    expect(told.json).toMatchObject({ status: 'success', success: true, runId: json.runId });
  });

  test('a run goes on when its caller disconnects', async () => {
    const { url, ask } = await runningService();
    const gone = AbortSignal.timeout(100);
    await expect(fetch(`${url}/ingest/campaigns`, { signal: gone })).rejects.toThrow();
    const { json } = await ask('/ingest/campaigns');
    expect(json).toMatchObject({ success: true });
    expect((await ask('/status/campaigns')).json.recentRuns).toHaveLength(1);
  });
});

describe('repeated HTTP requests (Idempotency-Key, Cloud Scheduler)', () => {
  test.each([
    ['with its Idempotency-Key', { 'Idempotency-Key': 'abc' }],
    [
      'by Cloud Scheduler',
      { 'X-CloudScheduler-JobName': 'cycle', 'X-CloudScheduler-ScheduleTime': '2025-10-27T09:00:00Z' },
    ],
  ])('a request that is repeated %s returns the run that has ended, minutes later too', async (_, headers) => {
    let nowMs = Date.now();
    const { ask } = await runningService({ now: () => new Date(nowMs) });
    const first = await ask('/ingest/campaigns', { method: 'POST', headers });
    nowMs += 600_000;
    const second = await ask('/ingest/campaigns', { method: 'POST', headers });
    expect(second.json).toEqual(first.json);
    const other = await ask('/ingest/campaigns', { method: 'POST' });
    expect(other.json.runId).not.toBe(first.json.runId);
    expect((await ask('/status/campaigns')).json.recentRuns).toHaveLength(2);
  });
});
