import { beforeEach, describe, expect, test } from 'vitest';
import { startSandbox } from '../../sandbox/server.ts';
import { tenantOf } from '../sandbox/client.ts';
import { countsAs, failsOnly, settles, startCase } from './case.ts';
import { NAMES } from './entity-names.ts';
import { smallTenant } from './tenant.ts';

let cases = 0;
beforeEach(() => {
  cases += 1;
});
countsAs('wait', () => cases);

/** These tests wait for the client's own limits of 100 and 150 seconds and use almost no processor time. */
describe('time-outs and refused connections of the API', () => {
  test('a body that stalls and a slow trickle are given up after 100 s and retried', async () => {
    const night = await startCase({
      faults: [
        { entity: 'jobs', nth: 2, fault: { kind: 'stall', afterBytes: 300 } },
        { entity: 'invoices', nth: 1, fault: { kind: 'trickle', bytesPerSecond: 10 } },
      ],
    });
    const run = await night.extract();
    expect(run).toMatchObject({ code: 0, done: { jobs: { new: 54 }, invoices: { new: 26 } } });
    const retries = run.events.flatMap((event) => (event.type === 'retry' ? [event.reason] : []));
    expect(retries).toEqual(Array(2).fill('gave no complete answer within 100 s'));
    await settles(night);
  });

  test('a service that refuses connections is retried until it is back', async () => {
    const night = await startCase();
    const port = Number(new URL(night.sandbox.url).port);
    await night.sandbox.close();
    const back = new Promise<Awaited<ReturnType<typeof startSandbox>>>((resolve) => {
      setTimeout(() => {
        resolve(startSandbox({ port, tenant: tenantOf(smallTenant()), rowsPerExportPage: 20 }));
      }, 4000);
    });
    const run = await night.extract();
    expect(run).toMatchObject({ code: 0, done: { jobs: { new: 54 } } });
    await settles(night);
    await (await back).close();
  });

  test('a service that refuses connections for good fails all entities after two and a half minutes with one sentence, and the next run completes', async () => {
    const night = await startCase({ env: { ST_API_URL: 'http://127.0.0.1:9' } });
    const run = await night.extract();
    expect(run.code).toBe(1);
    const sentence =
      /127\.0\.0\.1:9 has given no usable answer for 15\d s: the last request could not be reached: connection refused/;
    expect(Object.keys(run.failed).sort()).toEqual([...NAMES].sort());
    for (const error of Object.values(run.failed)) expect(error).toMatch(sentence);
    expect(run.stdout.match(/^failed /gm)).toHaveLength(1);
    expect(run.stdout).toMatch(
      /→ Nothing was lost\. Run again later; if the error repeats, check ST_API_URL/,
    );
    const again = await startCase({ env: { DUCKDB_PATH: night.warehouse, LANDING_URI: night.landing } });
    expect(await again.extract()).toMatchObject({ code: 0, done: { jobs: { new: 54 } } });
  });
});

test.each([
  ['429 for an hour', 429, '3600'],
  ['503 for an hour', 503, '3600'],
])('retry-after longer than the retry budget fails at once: %s', async (_, status, retryAfter) => {
  const fault = { kind: 'status', status, retryAfter } as const;
  const night = await startCase({ faults: [{ entity: 'jobs', nth: 2, times: null, fault }] });
  failsOnly(await night.extract(), 'jobs', `answered ${status}`);
  await settles(night);
});

test.each([
  ['409 that is not maintenance', 409, 'Another title'],
  ['404', 404, undefined],
])('an answer that is not transient is not retried: %s', async (_, status, title) => {
  const fault = { kind: 'status', status, ...(title && { title }) } as const;
  const night = await startCase({ faults: [{ entity: 'jobs', nth: 2, fault }] });
  const run = await night.extract();
  failsOnly(run, 'jobs', `answered ${status}`);
  expect(run.events.filter(({ type }) => type === 'retry')).toEqual([]);
  await settles(night);
});
