import { beforeEach, expect, test } from 'vitest';
import { countsAs, failsOnly, settles, startCase } from './case.ts';

let cases = 0;
beforeEach(() => {
  cases += 1;
});
countsAs('auth', () => cases);

test('an access token that expires in the middle of a feed is renewed once and no row is lost', async () => {
  const night = await startCase({ faults: [{ entity: 'jobs', nth: 2, fault: { kind: 'expire tokens' } }] });
  const run = await night.extract();
  expect(run).toMatchObject({ code: 0, done: { jobs: { new: 54 } } });
  expect(night.sandbox.requests.count('/connect/token')).toBe(2);
  await settles(night);
});

test('access tokens that live for seconds are renewed as often as needed', async () => {
  const night = await startCase({ sandbox: { tokenLifetimeSeconds: 61 } });
  expect(await night.extract()).toMatchObject({ code: 0, done: { jobs: { new: 54 } } });
  await settles(night);
});

test('credentials that are revoked in the middle of a run fail the remaining entities with what to do', async () => {
  const night = await startCase({
    faults: [{ entity: 'jobs', nth: 2, fault: { kind: 'revoke credentials' } }],
  });
  const run = await night.extract();
  expect(run.code).toBe(1);
  expect(run.failed.jobs).toContain('the client id or secret is wrong');
  expect(run.stdout).toContain('→ Check ST_CLIENT_ID, ST_CLIENT_SECRET');
  expect((await night.state()).jobs?.versions).toEqual([]);
  expect(await night.untruths()).toEqual([]);
  // The tenant's admin gives the app a new secret: a new token host serves the same records.
  const renewed = await startCase({ env: { DUCKDB_PATH: night.warehouse, LANDING_URI: night.landing } });
  expect(await renewed.extract()).toMatchObject({ code: 0, failed: {} });
  expect(await night.state()).toEqual(await renewed.undisturbed());
});

test('a 403 for one entity fails only that entity', async () => {
  const night = await startCase({
    faults: [{ entity: 'invoices', times: null, fault: { kind: 'status', status: 403 } }],
  });
  failsOnly(await night.extract(), 'invoices', 'answered 403');
  await settles(night);
});

test('a scope that the app lacks is named', async () => {
  const night = await startCase({ sandbox: { withoutScopes: ['tn.jpm.jobs:r'] } });
  failsOnly(await night.extract(), 'jobs', 'the app lacks the scope tn.jpm.jobs:r');
  expect(await night.untruths()).toEqual([]);
});

test('a token host that answers garbage fails the run without showing its body', async () => {
  const text = '{"access_token":12,"secret":"canary-value"}';
  const night = await startCase({ faults: [{ feed: 'token', times: null, fault: { kind: 'body', text } }] });
  const run = await night.extract();
  expect(run.code).toBe(1);
  expect(run.stdout).toContain('answered 200 without a token');
  expect(run.stdout + run.stderr).not.toContain('canary-value');
  await settles(night);
});
