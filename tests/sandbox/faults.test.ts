import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Fault, FaultRule } from '../../sandbox/faults/faults.ts';
import { FAULT_FIELDS, parseFaultRules } from '../../sandbox/faults/parse-rules.ts';
import { connect, job, tenantOf, token, withSandbox } from './client.ts';

type Get = Awaited<ReturnType<typeof connect>>;

const jobs = Array.from({ length: 6 }, (_, n) => job(n + 1, `2025-10-0${n + 1}T00:00:00Z`));
const FEED = 'jpm/export/jobs';

/** Runs against a tenant of six jobs, two per page, with the given fault on the first page of jobs. */
function withFault(fault: Fault, check: (get: Get) => Promise<void>): Promise<void> {
  return withSandbox(
    { tenant: tenantOf({ jobs }), rowsPerExportPage: 2, faults: [{ entity: 'jobs', fault }] },
    async (sandbox) => check(await connect(sandbox)),
  );
}
const ids = (json: { data: { id: unknown }[] }) => json.data.map(({ id }) => id);

test('the sandbox fault status answers with title and Retry-After, and the next call succeeds', () =>
  withFault({ kind: 'status', status: 429, retryAfter: '3' }, async (get) => {
    const { status, headers, json } = await get(FEED);
    expect([status, headers.get('retry-after'), json.title]).toEqual([
      429,
      '3',
      'Rate limit is exceeded. Try again in 1 seconds.',
    ]);
    expect((await get(FEED)).status).toBe(200);
  }));

test("the sandbox fault status can answer with a proxy's HTML", () =>
  withFault({ kind: 'status', status: 503, html: true }, async (get) => {
    const { status, headers, text } = await get(FEED);
    expect([status, headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
    expect(text).toMatch(/^<!DOCTYPE html>/);
  }));

test.each([
  ['HTML with 200', { kind: 'body', text: '<html>', contentType: 'text/html' }, '<html>'],
  ['an empty body', { kind: 'body', text: '' }, ''],
  ['a body cut off', { kind: 'truncate', bytes: 20 }, '{"hasMore":true,"con'],
] satisfies [
  string,
  Fault,
  string,
][])('the sandbox fault can replace or cut the body: %s', (_, fault, expected) =>
  withFault(fault, async (get) => {
    const { status, text } = await get(FEED);
    expect([status, text]).toEqual([200, expected]);
  }));

test('the sandbox fault headers can set another content type and another clock', () =>
  withFault(
    { kind: 'headers', set: { 'Content-Type': 'text/plain', Date: 'Thu, 01 Jan 1970 00:00:00 GMT' } },
    async (get) => {
      const { headers } = await get(FEED);
      expect([headers.get('content-type'), headers.get('date')]).toEqual([
        'text/plain',
        'Thu, 01 Jan 1970 00:00:00 GMT',
      ]);
    },
  ));

test.each([
  ['missing', { drop: ['hasMore'] }, undefined],
  ['null', { set: { hasMore: null } }, null],
  ['a string', { set: { hasMore: 'true' } }, 'true'],
])('the sandbox fault envelope can make hasMore %s', (_, change, expected) =>
  withFault({ kind: 'envelope', ...change }, async (get) => {
    const { json } = await get(FEED);
    expect(json.hasMore).toBe(expected);
    expect(ids(json)).toEqual([1, 2]);
  }));

test('the sandbox fault repeat token sends the same continuation token again', () =>
  withSandbox(
    {
      tenant: tenantOf({ jobs }),
      rowsPerExportPage: 2,
      faults: [{ path: 'from=', fault: { kind: 'repeat token' } }],
    },
    async (sandbox) => {
      const get = await connect(sandbox);
      const { continueFrom } = (await get(FEED)).json;
      expect((await get(FEED, { from: continueFrom })).json).toMatchObject({ hasMore: true, continueFrom });
    },
  ));

test('the sandbox fault empty page has hasMore true and a continuation token and loses no record', () =>
  withSandbox({ tenant: tenantOf({ jobs }), rowsPerExportPage: 2 }, async (sandbox) => {
    sandbox.faults.add({ path: 'from=', fault: { kind: 'empty page' } });
    const get = await connect(sandbox);
    const { continueFrom: from } = (await get(FEED)).json;
    const empty = (await get(FEED, { from })).json;
    expect(empty).toMatchObject({ hasMore: true, data: [] });
    expect(empty.continueFrom).not.toBe(from);
    expect(ids((await get(FEED, { from: empty.continueFrom })).json)).toEqual([3, 4]);
  }));

test.each([
  [-1, [2, 3, 4]],
  [1, [4, 5]],
])('the sandbox fault shift page starts a page %i rows off', (rows, expected) =>
  withSandbox({ tenant: tenantOf({ jobs }), rowsPerExportPage: 2 }, async (sandbox) => {
    sandbox.faults.add({ path: 'from=', fault: { kind: 'shift page', rows } });
    const get = await connect(sandbox);
    const { continueFrom: from } = (await get(FEED)).json;
    expect(ids((await get(FEED, { from })).json)).toEqual(expected);
    expect(ids((await get(FEED, { from })).json)).toEqual([3, 4]);
  }));

test('the sandbox fault record can change a type, null a key, add an unknown field and drop a field', () =>
  withFault(
    { kind: 'record', id: '2', set: { id: null, jobNumber: 7, mystery: { deep: [1] } }, drop: ['createdOn'] },
    async (get) => {
      const { json } = await get(FEED);
      expect(json.data[1]).toEqual({
        id: null,
        jobNumber: 7,
        modifiedOn: '2025-10-02T00:00:00Z',
        active: true,
        mystery: { deep: [1] },
      });
      expect(json.data[0].id).toBe(1);
    },
  ));

test('the sandbox fault bytes can send invalid UTF-8 and NUL', () =>
  withSandbox(
    {
      tenant: tenantOf({ jobs }),
      faults: [{ entity: 'jobs', fault: { kind: 'bytes', find: 'J-1', hex: 'ff00fe' } }],
    },
    async (sandbox) => {
      const access = (await token(sandbox)).json.access_token;
      const headers = { authorization: access, 'st-app-key': sandbox.credentials.appKey };
      const response = await fetch(`${sandbox.url}/jpm/v2/tenant/4711/jobs`, { headers });
      expect(
        Buffer.from(await response.arrayBuffer()).indexOf(Buffer.from('22ff00fe22', 'hex')),
      ).toBeGreaterThan(0);
    },
  ));

test.each([
  ['before the body', 0],
  ['in the body', 30],
])('the sandbox fault reset breaks the connection %s', (_, afterBytes) =>
  withFault({ kind: 'reset', afterBytes }, async (get) => {
    await expect(get(FEED)).rejects.toThrow();
    expect((await get(FEED)).status).toBe(200);
  }));

test('the sandbox fault stall holds the answer until the client gives up', () =>
  withFault({ kind: 'stall', afterBytes: 10 }, async (get) => {
    await expect(get(FEED, {}, AbortSignal.timeout(150))).rejects.toThrow(/timeout/i);
    expect((await get(FEED)).status).toBe(200);
  }));

test('the sandbox faults delay and trickle slow the answer down', async () => {
  const took = async (fault: Fault) => {
    const start = performance.now();
    await withFault(fault, async (get) => expect(ids((await get(FEED)).json)).toEqual([1, 2]));
    return performance.now() - start;
  };
  expect(await took({ kind: 'delay', ms: 200 })).toBeGreaterThan(190);
  // About 330 bytes at 1000 a second.
  expect(await took({ kind: 'trickle', bytesPerSecond: 1000 })).toBeGreaterThan(250);
});

test('the sandbox faults expire tokens and revoke credentials work in the middle of a run', () =>
  withSandbox({ tenant: tenantOf({ jobs }) }, async (sandbox) => {
    const get = await connect(sandbox);
    sandbox.faults.add({ entity: 'jobs', nth: 2, fault: { kind: 'expire tokens' } });
    expect((await get(FEED)).status).toBe(200);
    expect((await get(FEED)).status).toBe(401);
    expect((await (await connect(sandbox))(FEED)).status).toBe(200);
    sandbox.faults.add({ feed: 'export', fault: { kind: 'revoke credentials' } });
    expect((await get(FEED)).status).toBe(401);
    expect((await token(sandbox)).text).toBe('{"error":"invalid_client"}');
  }));

test('a row that changes between two pages of a sandbox list makes an unchanged row slip through', () =>
  withFault(
    {
      kind: 'changes',
      changes: [{ entity: 'jobs', id: '6', set: { modifiedOn: '2025-10-20T00:00:00Z' } }],
    },
    async (get) => {
      const window = { modifiedOnOrAfter: '2025-10-01', modifiedBefore: '2025-10-07', pageSize: '2' };
      expect(ids((await get('jpm/jobs', { ...window, page: '1' })).json)).toEqual([6, 5]);
      // Job 4 has moved up to the first page.
      expect(ids((await get('jpm/jobs', { ...window, page: '2' })).json)).toEqual([3, 2]);
    },
  ));

test('the sandbox fault ignore parameters answers 200 with the rows that the parameter would leave out', () =>
  withFault({ kind: 'ignore parameters', names: ['modifiedOnOrAfter'] }, async (get) => {
    const query = { modifiedOnOrAfter: '2025-10-05', modifiedBefore: '2025-10-06' };
    expect(ids((await get('jpm/jobs', query)).json)).toEqual([5, 4, 3, 2, 1]);
    expect(ids((await get('jpm/jobs', query)).json)).toEqual([5]);
  }));

test.each([
  ['jpm/jobs', { modifiedOnOrAfter: '2025-10-05T00:00:00Z' }, [6], [6, 5]],
  [FEED, { from: '2025-10-05T00:00:00Z' }, [6], [5, 6]],
])('the sandbox fault exclusive start leaves out the records of the instant: %s', (path, query, without, all) =>
  withFault({ kind: 'exclusive start' }, async (get) => {
    expect(ids((await get(path, query)).json)).toEqual(without);
    expect(ids((await get(path, query)).json)).toEqual(all);
  }));

test('the sandbox fault old continuation refuses tokens by their age and leaves instants alone', () => {
  let ms = 0;
  const fault: Fault = { kind: 'old continuation', seconds: 60, status: 410 };
  const faults: FaultRule[] = [{ entity: 'jobs', times: null, fault }];
  const options = { tenant: tenantOf({ jobs }), rowsPerExportPage: 2, clock: () => new Date(ms), faults };
  return withSandbox({ ...options, tokenLifetimeSeconds: 1e9 }, async (sandbox) => {
    const get = await connect(sandbox);
    const from = (await get(FEED)).json.continueFrom;
    ms = 59_000;
    expect((await get(FEED, { from })).status).toBe(200);
    ms = 60_000;
    expect((await get(FEED, { from })).status).toBe(410);
    expect((await get(FEED, { from: '2025-10-05' })).status).toBe(200);
  });
});

test('a sandbox fault rule matches entity, feed, path, nth and times', () =>
  withSandbox({ tenant: tenantOf({ jobs, customers: [] }) }, async (sandbox) => {
    const get = await connect(sandbox);
    const fault: Fault = { kind: 'status', status: 500 };
    sandbox.faults.add({ entity: 'jobs', feed: 'export', nth: 2, times: 2, fault });
    const statuses: number[] = [];
    for (let call = 0; call < 5; call += 1) statuses.push((await get(FEED)).status);
    expect(statuses).toEqual([200, 500, 500, 200, 200]);
    expect((await get('jpm/jobs')).status).toBe(200);
    expect(sandbox.faults.rules()[0]?.matched).toBe(5);
    sandbox.faults.clear();
    sandbox.faults.add({ path: '^/crm/.*pageSize=7', times: null, fault });
    expect((await get('crm/customers', { pageSize: '7' })).status).toBe(500);
    expect((await get('crm/customers', { pageSize: '7' })).status).toBe(500);
    expect((await get('crm/customers')).status).toBe(200);
    expect(sandbox.requests.count('/crm/')).toBe(3);
  }));

test('a file of sandbox fault rules is validated as a whole and all problems are listed', () => {
  const rule: FaultRule = { entity: 'jobs', times: null, fault: { kind: 'reset', afterBytes: 1 } };
  expect(parseFaultRules(JSON.stringify([rule]), 'faults.json')).toEqual([rule]);
  const wrong = [{ fault: { kind: 'rest' } }, { nth: 0, path: '(', fault: { kind: 'stall' } }];
  const problems = [
    'faults.json/0/fault has an unknown kind; use one of status, body, headers',
    'faults.json/1/path must match format "regex"',
    'faults.json/1/nth must be >= 1',
    "faults.json/1/fault must have required property 'afterBytes'",
  ];
  for (const problem of problems) {
    expect(() => parseFaultRules(JSON.stringify(wrong), 'faults.json')).toThrow(problem);
  }
  expect(() => parseFaultRules('[', 'faults.json')).toThrow(/faults.json is not valid JSON/);
});

test('docs/sandbox.md names every sandbox fault with its fields', () => {
  const manual = readFileSync(new URL('../../docs/sandbox.md', import.meta.url), 'utf8').split('\n');
  for (const [kind, fields] of Object.entries(FAULT_FIELDS)) {
    const line = manual.find((text) => text.startsWith(`| \`${kind}\` |`)) ?? '';
    expect(line, kind).not.toBe('');
    for (const field of Object.keys(fields)) expect(line, kind).toContain(`\`${field.replace('?', '')}\``);
  }
});
