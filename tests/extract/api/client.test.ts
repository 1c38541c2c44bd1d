import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type ApiClient,
  type ClientOptions,
  createClient,
  type PageRequest,
} from '../../../extract/api/client.ts';
import { entity } from '../../../schemas/entities.ts';
import { json, scriptedServer, tokenReply } from '../scripted-server.ts';

const CREDENTIALS = {
  clientId: 'the-client',
  clientSecret: 'the-secret',
  tenantId: '4711',
  appKey: 'the-key',
};
const JOBS = 'tn.jpm.jobs:r';

function clientOf(url: string, options: Partial<ClientOptions> & { rate?: number; parallel?: number } = {}) {
  const waits: number[] = [];
  let now = Date.parse('2025-10-27T12:00:00Z');
  const client = createClient({
    config: {
      authUrl: url,
      apiUrl: url,
      maxConcurrentRequests: options.parallel ?? 5,
      rateLimitPerSecond: options.rate ?? 60,
    },
    credentials: CREDENTIALS,
    clock: () => new Date(now),
    random: () => 0.5,
    sleep: (ms, signal) => {
      signal.throwIfAborted();
      waits.push(ms);
      now += ms;
      return Promise.resolve();
    },
    ...options,
  });
  onTestFinished(() => client.close());
  return {
    client,
    waits,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

function get(client: ApiClient, request: Partial<PageRequest> = {}) {
  const metrics = { calls: 0, retries: 0, bytes: 0 };
  const signal = new AbortController().signal;
  return client.get({
    entity: entity('jobs'),
    resource: 'export/jobs',
    query: {},
    metrics,
    onRetry: () => {},
    signal,
    ...request,
  });
}

async function failure(
  promise: Promise<unknown>,
): Promise<{ message: string; remedy?: string; status?: number }> {
  return promise.then(
    () => expect.fail('it should have failed'),
    (error: { message: string; remedy?: string; status?: number }) => error,
  );
}

describe('sign-in to the API', () => {
  test('the access token is requested once with a form and shared by requests that start together', async () => {
    const server = await scriptedServer({ api: () => json({}) });
    const { client } = clientOf(server.url);
    await Promise.all([get(client), get(client), get(client)]);
    expect(server.tokens).toHaveLength(1);
    expect(server.tokens[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(server.tokens[0]?.body).toBe(
      'grant_type=client_credentials&client_id=the-client&client_secret=the-secret',
    );
    expect(server.calls[0]?.headers).toMatchObject({
      authorization: 'Bearer secret-token',
      'st-app-key': 'the-key',
    });
    expect(server.calls[0]?.path).toBe('/jpm/v2/tenant/4711/export/jobs');
  });

  test('an access token is not used in its last minute', async () => {
    const server = await scriptedServer({ api: () => json({}) });
    const { client, pass } = clientOf(server.url);
    await get(client);
    pass(839_000);
    await get(client);
    expect(server.tokens).toHaveLength(1);
    pass(1_000);
    await get(client);
    expect(server.tokens).toHaveLength(2);
  });

  test('a 401 in the middle of a run renews the access token once and the request goes on', async () => {
    const server = await scriptedServer({
      token: (_, nth) => tokenReply(`token-${nth}`),
      api: ({ headers }) => (headers.authorization === 'Bearer token-2' ? json({ ok: 1 }) : json({}, 401)),
    });
    const { client } = clientOf(server.url);
    await expect(get(client)).resolves.toMatchObject({ body: Buffer.from('{"ok":1}') });
    expect(server.tokens).toHaveLength(2);
  });

  test('a 401 with a new access token fails and points to ST_APP_KEY', async () => {
    const server = await scriptedServer({ api: () => json({}, 401) });
    const { client } = clientOf(server.url);
    const error = await failure(get(client));
    expect(error.message).toContain('jobs: GET /jpm/v2/tenant/4711/export/jobs answered 401');
    expect(error.remedy).toContain('ST_APP_KEY');
    expect(server.calls).toHaveLength(2);
  });

  test('a wrong client secret fails in one sentence that shows neither the id nor the secret', async () => {
    const server = await scriptedServer({
      token: () => json({ error: 'invalid_client', error_description: 'the-client is unknown' }, 400),
    });
    const error = await failure(get(clientOf(server.url).client));
    expect(error.message).toBe(
      'sign-in: POST /connect/token answered 400 invalid_client: ' +
        'the client id or secret is wrong for this environment',
    );
    expect(error.remedy).toContain('ST_CLIENT_SECRET');
    expect(JSON.stringify(error)).not.toMatch(/the-client|the-secret/);
  });

  test.each([
    ['HTML', '<html>'],
    ['JSON without a token', '{"expires_in":900}'],
  ])('a token host that answers 200 with %s fails the sign-in', async (_, body) => {
    const server = await scriptedServer({ token: () => ({ body }) });
    expect((await failure(get(clientOf(server.url).client))).message).toContain(
      'answered 200 without a token',
    );
  });
});

describe('answers of the API that refuse a request', () => {
  test('a 403 names the scope that the access token lacks', async () => {
    const server = await scriptedServer({
      token: () => tokenReply('t', 'tn.crm.customers:r'),
      api: () => json({ title: 'Forbidden', traceId: '00-abc-01' }, 403),
    });
    const error = await failure(get(clientOf(server.url).client));
    expect(error.message).toContain(`the app lacks the scope ${JOBS} (traceId 00-abc-01)`);
    expect(error.remedy).toContain('accept');
  });

  test('a 403 although the access token has the scope points to ST_TENANT_ID', async () => {
    const server = await scriptedServer({ token: () => tokenReply('t', JOBS), api: () => json({}, 403) });
    const error = await failure(get(clientOf(server.url).client));
    expect(error.message).toContain('not connected to this tenant');
    expect(error.remedy).toContain('ST_TENANT_ID');
  });

  test.each([
    400, 403, 404,
  ])('a %i fails without a retry and shows its title but never its body', async (status) => {
    const server = await scriptedServer({
      api: () => json({ title: 'Bad thing', detail: 'Mrs Example' }, status),
    });
    const { client, waits } = clientOf(server.url);
    const error = await failure(get(client));
    expect(error.status).toBe(status);
    expect(error.message).not.toContain('Mrs Example');
    expect(waits).toEqual([]);
    expect(server.calls).toHaveLength(1);
  });

  test('an error of the client contains neither access token nor client secret nor application key', async () => {
    const server = await scriptedServer({ api: () => (response) => response.destroy() });
    const error = await failure(get(clientOf(server.url).client));
    const { inspect } = await import('node:util');
    expect(inspect(error, { depth: 12, showHidden: true })).not.toMatch(/secret-token|the-secret|the-key/);
  });
});

describe('retry and back-off', () => {
  test("retry-after is obeyed in seconds, as a date by the API's clock, and from a 429 title", async () => {
    const replies = [
      { status: 429, headers: { 'retry-after': '7' } },
      {
        status: 429,
        headers: {
          'retry-after': 'Mon, 27 Oct 2025 15:00:17 GMT',
          date: 'Mon, 27 Oct 2025 15:00:00 GMT',
        },
      },
      json({ title: 'Rate limit is exceeded. Try again in 60 seconds.' }, 429),
    ];
    const server = await scriptedServer({ api: (_, nth) => replies[nth - 1] ?? json({}) });
    const { client, waits } = clientOf(server.url);
    const metrics = { calls: 0, retries: 0, bytes: 0 };
    await get(client, { metrics });
    // 7 s + half of the jitter; then 17 s by the service's clock, three hours ahead of ours; then 60 s.
    expect(waits).toEqual([7_250, 17_250, 60_250]);
    expect(metrics).toEqual({ calls: 4, retries: 3, bytes: expect.any(Number) });
  });

  test.each([
    ['500 with HTML', { status: 500, body: '<html>oops' }],
    ['503 without a body', { status: 503 }],
    ['408', { status: 408 }],
    ['409 for maintenance', json({ title: 'The service is suspended for maintenance.' }, 409)],
  ])('%s is retried with exponential back-off', async (_, reply) => {
    const server = await scriptedServer({ api: (__, nth) => (nth < 4 ? reply : json({})) });
    const { client, waits } = clientOf(server.url);
    await get(client);
    expect(waits).toEqual([250, 500, 1000]);
  });

  test('a 409 that is not maintenance fails without a retry', async () => {
    const server = await scriptedServer({ api: () => json({ title: 'Conflict' }, 409) });
    expect((await failure(get(clientOf(server.url).client))).message).toContain('answered 409: Conflict');
    expect(server.calls).toHaveLength(1);
  });

  test('a connection that breaks off inside the body is retried', async () => {
    const server = await scriptedServer({
      api: (_, nth) =>
        nth > 1
          ? json({ ok: true })
          : (response) => {
              response.writeHead(200, { 'content-length': '100' });
              response.write('{"data":[');
              setTimeout(() => response.destroy(), 5);
            },
    });
    const reasons: string[] = [];
    const { client } = clientOf(server.url);
    await get(client, { onRetry: ({ reason }) => reasons.push(reason) });
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/was interrupted/);
  });

  test('an answer that trickles past the timeout is given up and retried', async () => {
    const server = await scriptedServer({
      api: (_, nth) =>
        nth > 1
          ? json({ ok: true })
          : (response) => {
              response.writeHead(200);
              const drip = setInterval(() => response.write(' '), 20);
              response.on('close', () => clearInterval(drip));
            },
    });
    const reasons: string[] = [];
    const { client } = clientOf(server.url, { transport: { timeoutMs: 150 } });
    await get(client, { onRetry: ({ reason }) => reasons.push(reason) });
    expect(reasons).toEqual(['gave no complete answer within 0.15 s']);
  });

  test('retries end when the time budget is used up, and the last 503 is the error', async () => {
    const server = await scriptedServer({ api: () => ({ status: 503, headers: { 'retry-after': '50' } }) });
    const { client, waits } = clientOf(server.url);
    const error = await failure(get(client));
    expect(error.message).toContain('answered 503');
    expect(waits).toEqual([50_250, 50_250, 50_250]);
  });

  test('a host that refuses connections fails with one sentence that names ST_AUTH_URL', async () => {
    const { client } = clientOf('http://127.0.0.1:9');
    const error = await failure(get(client));
    expect(error.message).toBe('sign-in: POST /connect/token could not be reached: connection refused');
    expect(error.remedy).toContain('ST_AUTH_URL');
  });

  test('an AbortSignal ends a request in progress', async () => {
    const server = await scriptedServer({ api: () => () => {} });
    const { client } = clientOf(server.url);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('stopped')), 50);
    await expect(get(client, { signal: controller.signal })).rejects.toThrow('stopped');
  });

  test('an answer larger than the size limit is refused without a retry', async () => {
    const server = await scriptedServer({ api: () => ({ body: 'x'.repeat(5000) }) });
    const { client } = clientOf(server.url, { transport: { maxBodyBytes: 1000 } });
    expect((await failure(get(client))).message).toContain('answered with more than 1000 bytes');
    expect(server.calls).toHaveLength(1);
  });
});

describe('rate limit and concurrency of the client', () => {
  test('the client exceeds neither RATE_LIMIT_PER_SECOND nor MAX_CONCURRENT_REQUESTS', async () => {
    let open = 0;
    let most = 0;
    const server = await scriptedServer({
      api: () => (response) => {
        open += 1;
        most = Math.max(most, open);
        setTimeout(() => {
          open -= 1;
          response.end('{}');
        }, 30);
      },
    });
    const { client } = clientOf(server.url, { rate: 10, parallel: 3 });
    await Promise.all(Array.from({ length: 25 }, () => get(client)));
    const times = server.calls.map(({ at }) => at);
    // A busy machine delivers a request late, closer to the requests a second after it. Without strict pacing
    // twice as many requests would come within much less time.
    const mostInASecond = Math.max(
      ...times.map((from) => times.filter((at) => at >= from && at < from + 700).length),
    );
    expect(mostInASecond).toBeLessThanOrEqual(10);
    expect(most).toBe(3);
  });
});
