import { expect, test } from 'vitest';
import { sandboxListing } from '../../sandbox/listing.ts';
import { connect, job, tenantOf, withSandbox } from './client.ts';

const tenant = () => tenantOf({ jobs: [job(1, '2025-10-01T00:00:00Z')] });

test('the sandbox control API sets faults, changes records, moves the clock and lists requests', () =>
  withSandbox({ tenant: tenant() }, async (sandbox) => {
    const get = await connect(sandbox);
    const control = async (method: string, path: string, body?: unknown) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const response = await fetch(`${sandbox.url}/_sandbox${path}`, {
        method,
        ...(body !== undefined && { body: text }),
      });
      return { status: response.status, json: (await response.json()) as unknown };
    };
    const lastRequest = async () => ((await control('GET', '/requests')).json as unknown[]).at(-1);
    expect((await control('GET', '')).json).toMatchObject({ tenantId: '4711', records: { jobs: 1 } });

    await control('POST', '/faults', [
      { entity: 'jobs', times: null, fault: { kind: 'status', status: 500 } },
    ]);
    expect((await get('jpm/jobs')).status).toBe(500);
    expect((await control('GET', '/faults')).json).toMatchObject([{ matched: 1 }]);
    await control('DELETE', '/faults');
    expect((await get('jpm/jobs')).status).toBe(200);
    expect((await control('POST', '/faults', [{ fault: { kind: 'none' } }])).status).toBe(400);

    await control('POST', '/changes', [
      { entity: 'jobs', json: job('9007199254740993', '2025-10-27T12:30:00Z') },
      { entity: 'jobs', id: '1', set: { summary: 'changed' } },
    ]);
    expect((await get('jpm/jobs', { ids: '1' })).json.data[0]).toMatchObject({
      summary: 'changed',
      modifiedOn: '2025-10-27T12:00:00.000Z',
    });
    expect((await get('jpm/export/jobs')).json.data).toEqual([]);
    expect((await control('POST', '/clock', '2025-10-27T12:45:00Z')).status).toBe(200);
    expect((await get('jpm/export/jobs')).text).toContain('{"id":9007199254740993,');

    await control('POST', '/changes', [{ entity: 'jobs', id: '1', remove: true }]);
    expect((await get('jpm/export/jobs')).json.data).toHaveLength(1);
    expect((await control('POST', '/changes', [{ entity: 'jobs', id: '1', set: {} }])).status).toBe(400);
    expect((await control('POST', '/clock', 'noon')).status).toBe(400);
    expect(await lastRequest()).toMatchObject({
      path: expect.stringContaining('export'),
    });
    expect((await control('GET', '/nothing')).status).toBe(404);
  }));

test('a sandbox entity without data of its own has 36 records made from its schema', () =>
  withSandbox({ tenant: tenant() }, async (sandbox) => {
    const get = await connect(sandbox);
    const { data } = (await get('settings/export/tag-types')).json;
    expect(data).toHaveLength(36);
    expect(data[0]).toMatchObject({ id: expect.any(Number), modifiedOn: expect.any(String), active: true });
    // Every ninth is inactive, which the list hides by default.
    expect((await get('settings/tag-types')).json.data).toHaveLength(32);
  }));

test('the sandbox listing prints every variable that another process needs', () =>
  withSandbox({ tenant: tenant() }, async (sandbox) => {
    expect(sandboxListing(sandbox).split('\n')).toEqual([
      `ST_AUTH_URL=${sandbox.url}`,
      `ST_API_URL=${sandbox.url}`,
      'ST_CLIENT_ID=sandbox-client',
      'ST_CLIENT_SECRET=sandbox-secret',
      'ST_TENANT_ID=4711',
      'ST_APP_KEY=sandbox-app-key',
    ]);
  }));
