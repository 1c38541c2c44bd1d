import { expect, test } from 'vitest';
import { connect, job, NOW, tenantOf, token, withSandbox } from './client.ts';

const tenant = () => tenantOf({ jobs: [job(1, '2025-10-01T00:00:00Z')] });

test('the sandbox token host takes a form and returns the scopes and a lifetime of 900 seconds', () =>
  withSandbox({ tenant: tenant() }, async (sandbox) => {
    const { status, json } = await token(sandbox);
    expect(status).toBe(200);
    expect(json).toMatchObject({ expires_in: 900, token_type: 'Bearer' });
    expect(json.scope.split(' ')).toContain('tn.jpm.jobs:r');
  }));

test('the sandbox token host refuses a JSON body, another grant type and a wrong secret', () =>
  withSandbox({ tenant: tenant() }, async (sandbox) => {
    const json = await fetch(`${sandbox.url}/connect/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: 'client_credentials' }),
    });
    expect(json.status).toBe(400);
    expect((await token(sandbox, { grant_type: 'password' })).status).toBe(400);
    const wrong = await token(sandbox, { client_secret: 'wrong' });
    expect([wrong.status, wrong.text]).toEqual([400, '{"error":"invalid_client"}']);
  }));

test('the sandbox API requires both headers and takes the access token with or without Bearer', () =>
  withSandbox({ tenant: tenant() }, async (sandbox) => {
    const url = `${sandbox.url}/jpm/v2/tenant/4711/jobs`;
    const access = (await token(sandbox)).json.access_token;
    const key = { 'st-app-key': sandbox.credentials.appKey };
    const status = async (headers: Record<string, string>) => (await fetch(url, { headers })).status;

    const withoutKey = await fetch(url, { headers: { authorization: `Bearer ${access}` } });
    expect(withoutKey.status).toBe(401);
    expect(await withoutKey.json()).toMatchObject({
      title: 'Application key not present, check ST-App-Key header value.',
    });
    expect(await status(key)).toBe(401);
    expect(await status({ ...key, authorization: 'Bearer nonsense' })).toBe(401);
    expect(await status({ 'st-app-key': 'wrong', authorization: `Bearer ${access}` })).toBe(401);
    expect(await status({ ...key, authorization: access })).toBe(200);
    expect(await status({ ...key, authorization: `Bearer ${access}` })).toBe(200);
  }));

test('a sandbox access token ends after 900 seconds of the injected clock', () => {
  let clock = new Date(NOW);
  return withSandbox({ tenant: tenant(), clock: () => clock }, async (sandbox) => {
    const get = await connect(sandbox);
    clock = new Date(clock.getTime() + 899_000);
    expect((await get('jpm/jobs')).status).toBe(200);
    clock = new Date(clock.getTime() + 1_000);
    expect((await get('jpm/jobs')).status).toBe(401);
    expect((await (await connect(sandbox))('jpm/jobs')).status).toBe(200);
  });
});

test('the sandbox answers 403 for a missing scope or another tenant and 404 for an unknown operation', () =>
  withSandbox({ tenant: tenant(), withoutScopes: ['tn.crm.customers:r'] }, async (sandbox) => {
    const get = await connect(sandbox);
    expect((await token(sandbox)).json.scope).not.toContain('tn.crm.customers:r');
    expect((await get('crm/export/customers')).status).toBe(403);
    expect((await get('crm/export/locations')).status).toBe(200);
    expect((await (await connect(sandbox, '4712'))('jpm/jobs')).status).toBe(403);
    const unknown = await get('jpm/jobz');
    expect(unknown.status).toBe(404);
    expect(unknown.json.message).toBe('Unable to match incoming request to an operation.');
    expect((await get('jpm/export/job-types')).status).toBe(404);
  }));
