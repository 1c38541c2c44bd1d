import { expect, test } from 'vitest';
import { connect, job, NOW, tenantOf, withSandbox } from './client.ts';

type Get = Awaited<ReturnType<typeof connect>>;

const minutesAgo = (n: number) => new Date(Date.parse(NOW) - n * 60_000).toISOString();
const jobs = (count: number) => Array.from({ length: count }, (_, n) => job(n + 1, minutesAgo(10_000 - n)));

/** Reads a feed to its end; returns the ids of each page and the last continuation token. */
async function follow(get: Get, path: string, query: Record<string, string> = {}) {
  const pages: number[][] = [];
  let from = query.from;
  for (let hasMore = true; hasMore; ) {
    const { json } = await get(path, { ...query, ...(from !== undefined && { from }) });
    pages.push(json.data.map((row: { id: number }) => row.id));
    ({ hasMore, continueFrom: from } = json);
  }
  return { pages, from: String(from) };
}

test('the sandbox export feed ends with hasMore false, and its last continuation token gives an empty page', () =>
  withSandbox({ tenant: tenantOf({ jobs: jobs(25) }), rowsPerExportPage: 10 }, async (sandbox) => {
    const get = await connect(sandbox);
    const { pages, from } = await follow(get, 'jpm/export/jobs');
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
    expect(pages.flat()).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
    const { text } = await get('jpm/export/jobs', { from });
    expect(text).toBe(`{"hasMore":false,"continueFrom":"${from}","data":[]}`);
  }));

test('the sandbox export feed splits records with equal timestamps between pages without loss', () => {
  const same = Array.from({ length: 9 }, (_, n) => job(n + 1, minutesAgo(60)));
  return withSandbox({ tenant: tenantOf({ jobs: same }), rowsPerExportPage: 2 }, async (sandbox) => {
    const { pages } = await follow(await connect(sandbox), 'jpm/export/jobs');
    expect(pages.flat()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

test('a date as from starts the sandbox export feed at that modifiedOn, inclusive to the seventh digit', () => {
  const texts = ['2025-10-01T00:00:00Z', '2025-10-01T00:00:00.0000001Z', '2025-10-02T00:00:00Z'];
  return withSandbox({ tenant: tenantOf({ jobs: texts.map((on, n) => job(n, on)) }) }, async (sandbox) => {
    const get = await connect(sandbox);
    expect((await follow(get, 'jpm/export/jobs', { from: '2025-10-01' })).pages).toEqual([[0, 1, 2]]);
    const from = '2025-10-01T00:00:00.0000001Z';
    expect((await follow(get, 'jpm/export/jobs', { from })).pages).toEqual([[1, 2]]);
  });
});

test('a sandbox continuation token is valid in another process and refused when altered or of another feed', async () => {
  const tenant = () => tenantOf({ jobs: jobs(5), customers: [] });
  let token = '';
  await withSandbox({ tenant: tenant(), rowsPerExportPage: 2 }, async (sandbox) => {
    token = (await (await connect(sandbox))('jpm/export/jobs')).json.continueFrom;
  });
  await withSandbox({ tenant: tenant() }, async (sandbox) => {
    const get = await connect(sandbox);
    expect((await follow(get, 'jpm/export/jobs', { from: token })).pages).toEqual([[3, 4, 5]]);
    for (const path of ['crm/export/customers', 'jpm/export/appointments']) {
      expect((await get(path, { from: token })).status).toBe(400);
    }
    const altered = token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    for (const from of [altered, 'nonsense', token.slice(0, 10)]) {
      const refused = await get('jpm/export/jobs', { from });
      expect([refused.status, Object.keys(refused.json.errors)]).toEqual([400, ['From']]);
    }
  });
});

test("the sandbox export feed shows a change after 15 minutes of the tenant's clock", () =>
  withSandbox(
    { tenant: tenantOf({ jobs: [job(1, minutesAgo(15)), job(2, minutesAgo(14))] }) },
    async (sandbox) => {
      const get = await connect(sandbox);
      const night = await follow(get, 'jpm/export/jobs');
      expect(night.pages).toEqual([[1]]);
      sandbox.setNow(new Date(Date.parse(NOW) + 60_000));
      expect((await follow(get, 'jpm/export/jobs', { from: night.from })).pages).toEqual([[2]]);
    },
  ));

test('includeRecentChanges shows a change at once and once more after 15 minutes', () =>
  withSandbox(
    { tenant: tenantOf({ jobs: [job(1, minutesAgo(60)), job(2, minutesAgo(5))] }) },
    async (sandbox) => {
      const get = await connect(sandbox);
      const first = await follow(get, 'jpm/export/jobs', { includeRecentChanges: 'true' });
      expect(first.pages).toEqual([[1, 2]]);
      const again = await follow(get, 'jpm/export/jobs', { includeRecentChanges: 'true', from: first.from });
      expect(again.pages).toEqual([[2]]);
    },
  ));

test('a changed record moves behind the continuation token and comes again with its new text', () =>
  withSandbox({ tenant: tenantOf({ jobs: jobs(4) }), rowsPerExportPage: 2 }, async (sandbox) => {
    const get = await connect(sandbox);
    const { json } = await get('jpm/export/jobs');
    sandbox.change({ entity: 'jobs', id: '1', set: { jobNumber: 'changed', modifiedOn: minutesAgo(20) } });
    const rest = await follow(get, 'jpm/export/jobs', { from: json.continueFrom });
    expect(rest.pages.flat()).toEqual([3, 4, 1]);
  }));

test('the sandbox exports only active appointment assignments by default and all appointments', () => {
  const rows = [job(1, minutesAgo(60)), job(2, minutesAgo(50), { active: false }), job(3, minutesAgo(40))];
  const tenant = tenantOf({ appointment_assignments: rows, appointments: rows });
  return withSandbox({ tenant, rowsPerExportPage: 1 }, async (sandbox) => {
    const get = await connect(sandbox);
    const ids = async (path: string, query = {}) => (await follow(get, path, query)).pages.flat();
    expect(await ids('dispatch/export/appointment-assignments')).toEqual([1, 3]);
    expect(await ids('dispatch/export/appointment-assignments', { active: 'Any' })).toEqual([1, 2, 3]);
    expect(await ids('jpm/export/appointments')).toEqual([1, 2, 3]);
    expect(await ids('jpm/export/appointments', { active: 'False' })).toEqual([2]);
  });
});

test('a long sandbox export page is not quite in order and complete', () =>
  withSandbox({ tenant: tenantOf({ jobs: jobs(250) }) }, async (sandbox) => {
    const { pages } = await follow(await connect(sandbox), 'jpm/export/jobs');
    const ids = pages.flat();
    expect(ids.slice(97, 101)).toEqual([98, 100, 99, 101]);
    expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 250 }, (_, n) => n + 1));
  }));

test('the sandbox sends a record byte for byte as it was put in', () => {
  const odd =
    '{"id":1, "modifiedOn":"2025-10-01T00:00:00.1234567Z","total":12345678901234567890.10,"memo":"\\u00e9\\"é"}';
  return withSandbox({ tenant: tenantOf({ jobs: [odd] }) }, async (sandbox) => {
    expect((await (await connect(sandbox))('jpm/export/jobs')).text).toContain(`"data":[${odd}]}`);
  });
});
