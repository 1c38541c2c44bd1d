import { setTimeout } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../../extract/api/client.ts';
import { entities } from '../../../schemas/entities.ts';
import { json, scriptedServer } from '../scripted-server.ts';

/** A client for which a host is down after 300 ms; retries come within 40 ms. */
function clientOf(urls: { readonly api: string; readonly auth: string }) {
  const client = createClient({
    config: { authUrl: urls.auth, apiUrl: urls.api, maxConcurrentRequests: 5, rateLimitPerSecond: 60 },
    credentials: { clientId: 'c', clientSecret: 's', tenantId: '1', appKey: 'k' },
    clock: () => new Date(),
    sleep: async (ms, signal) => {
      await setTimeout(ms, undefined, { signal });
    },
    retryPolicy: { baseMs: 20, capMs: 40, budgetMs: 60_000 },
    breaker: { downAfterMs: 300, pauseMs: 200 },
  });
  onTestFinished(() => client.close());
  return (name: string) => {
    const entity = entities.find((each) => each.name === name) ?? expect.fail(`${name} is no entity`);
    return client.get({
      entity,
      resource: entity.list ?? '',
      query: {},
      metrics: { calls: 0, retries: 0, bytes: 0 },
      onRetry: () => {},
      signal: new AbortController().signal,
    });
  };
}

const failed = async (calls: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(calls)).flatMap((result) =>
    result.status === 'rejected' ? [result.reason] : [],
  );

describe('the circuit breaker of a host', () => {
  test('a host that is down fails all entities with one error, and calls that begin later without a request', async () => {
    const server = await scriptedServer({ api: () => json({}, 503) });
    const read = clientOf({ api: server.url, auth: server.url });
    const errors = await failed(entities.map(({ name }) => read(name)));
    expect(errors).toHaveLength(entities.length);
    expect(new Set(errors).size).toBe(1);
    expect(errors[0].message).toMatch(
      /^127\.0\.0\.1:\d+ has given no usable answer for \d+ s: the last request answered 503$/,
    );
    expect(errors[0].remedy).toContain('ST_API_URL');
    const { length } = server.calls;
    expect(await failed([read('jobs')])).toEqual([errors[0]]);
    expect(server.calls).toHaveLength(length);
  });

  test('after a pause one call may try again, and a host that answers is up', async () => {
    let isDown = true;
    const server = await scriptedServer({ api: () => (isDown ? json({}, 503) : json({})) });
    const read = clientOf({ api: server.url, auth: server.url });
    expect(await failed([read('jobs')])).toHaveLength(1);
    isDown = false;
    await setTimeout(250);
    expect((await read('jobs')).status).toBe(200);
  });

  test('a token host that cannot be reached fails all entities with one error', async () => {
    const server = await scriptedServer({ api: () => json({}) });
    const read = clientOf({ api: server.url, auth: 'http://127.0.0.1:9' });
    const errors = await failed(entities.map(({ name }) => read(name)));
    expect(new Set(errors.map(({ message }) => message)).size).toBe(1);
    expect(errors[0].message).toContain('the last request could not be reached: connection refused');
    expect(errors[0].remedy).toContain('ST_AUTH_URL');
  });

  test('a stalled request ends when the host is down, without waiting for its own time limit', async () => {
    const server = await scriptedServer({
      api: ({ path }) => (path.includes('payrolls') ? () => {} : json({}, 503)),
    });
    const read = clientOf({ api: server.url, auth: server.url });
    const errors = await failed([read('payrolls'), read('jobs')]);
    expect(errors).toHaveLength(2);
    expect(errors[0]).toBe(errors[1]);
  });

  test('one address that fails while others answer does not open the breaker', async () => {
    let failures = 0;
    const server = await scriptedServer({
      api: ({ path }) => {
        if (path.includes('payrolls') && failures++ < 20) return json({}, 503);
        return json({});
      },
    });
    const read = clientOf({ api: server.url, auth: server.url });
    let isRead = false;
    const payrolls = read('payrolls').finally(() => {
      isRead = true;
    });
    while (!isRead) {
      await read('jobs');
      await setTimeout(20);
    }
    expect((await payrolls).status).toBe(200);
  });

  test('a rate limit is the answer of a living host', async () => {
    let calls = 0;
    const server = await scriptedServer({ api: () => (calls++ < 30 ? json({}, 429) : json({})) });
    const read = clientOf({ api: server.url, auth: server.url });
    expect((await read('jobs')).status).toBe(200);
    expect(calls).toBe(31);
  });

  test('failures of a call that has ended do not count against later calls', async () => {
    const server = await scriptedServer({ api: (_, nth) => (nth === 1 ? json({}, 503) : json({})) });
    const { url } = server;
    const read = clientOf({ api: url, auth: url });
    const aborted = new AbortController();
    const client = createClient({
      config: { authUrl: url, apiUrl: url, maxConcurrentRequests: 5, rateLimitPerSecond: 60 },
      credentials: { clientId: 'c', clientSecret: 's', tenantId: '1', appKey: 'k' },
      clock: () => new Date(),
      sleep: async () => {
        aborted.abort();
        aborted.signal.throwIfAborted();
      },
      breaker: { downAfterMs: 50, pauseMs: 60_000 },
    });
    onTestFinished(() => client.close());
    const [entity] = entities;
    if (!entity) expect.fail('there is no entity');
    const get = (signal: AbortSignal) =>
      client.get({
        ...{ entity, resource: entity.list ?? '', query: {}, metrics: { calls: 0, retries: 0, bytes: 0 } },
        onRetry: () => {},
        signal,
      });
    expect(await failed([get(aborted.signal)])).toHaveLength(1);
    await setTimeout(100);
    expect((await get(new AbortController().signal)).status).toBe(200);
    expect((await read('jobs')).status).toBe(200);
  });
});
