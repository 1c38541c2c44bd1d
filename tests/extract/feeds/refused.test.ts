import { describe, expect, test, vi } from 'vitest';
import type { Read } from '../../../extract/api/read.ts';
import { changedPages } from '../../../extract/feeds/changed.ts';
import { plainScan } from '../../../extract/pages/scan.ts';
import type { FaultRule } from '../../../sandbox/faults/faults.ts';
import { entity } from '../../../schemas/entities.ts';
import { job } from '../../sandbox/client.ts';
import { failureOf, receiptOf, startNight } from '../night.ts';

const day = (index: number) => new Date(Date.UTC(2025, 0, 1) + index * 86_400_000).toISOString();
const days = (count: number) => Array.from({ length: count }, (_, index) => job(index + 1, day(index)));
const always = (rule: Omit<FaultRule, 'times'>): FaultRule => ({ ...rule, times: null });

describe('continuation tokens', () => {
  test.each([
    400, 404, 410, 422, 500,
  ])('a stored token that is answered with %i is given up once, and told', async (status) => {
    const night = await startNight({ jobs: days(25) });
    await night.run();
    night.sandbox.faults.add(always({ path: 'export/jobs\\?from=(?!2)', fault: { kind: 'status', status } }));
    const [result] = await night.run();
    expect(result).toMatchObject({ status: 'success', receipt: { read: 8, new: 0 } });
    expect(night.events.filter(({ type }) => type === 'stale-token')).toEqual([
      { type: 'stale-token', entity: 'jobs', from: '2025-01-18T00:00:00.000Z' },
    ]);
  });

  test.each([401, 403, 409])('a stored token that is answered with %i fails its entity', async (status) => {
    const night = await startNight({ jobs: days(25) });
    await night.run();
    night.sandbox.faults.add(always({ path: 'export/jobs', fault: { kind: 'status', status } }));
    expect(failureOf(await night.run())).toContain(`answered ${status}`);
    expect(night.events.map(({ type }) => type)).not.toContain('stale-token');
  });

  test('a feed that is refused from its fallback too fails with that refusal', async () => {
    const night = await startNight({ jobs: days(25) });
    await night.run();
    night.sandbox.faults.add(always({ path: 'export/jobs', fault: { kind: 'status', status: 404 } }));
    const before = night.sandbox.requests.count('export/jobs');
    expect(failureOf(await night.run())).toContain('answered 404');
    expect(night.sandbox.requests.count('export/jobs') - before).toBe(2);
  });

  test('a token that grew old between two nights is given up, and the next night goes on from the new one', async () => {
    let ms = Date.now();
    const clock = () => new Date(ms);
    const faults = [
      always({ feed: 'export', fault: { kind: 'old continuation', seconds: 3600, status: 410 } }),
    ];
    const night = await startNight(
      { jobs: days(25) },
      { sandbox: { clock, faults, tokenLifetimeSeconds: 1e9 } },
    );
    await night.run();
    ms += 3_600_000;
    expect(receiptOf(await night.run())).toMatchObject({ read: 8, new: 0 });
    expect(receiptOf(await night.run())).toMatchObject({ read: 0 });
  });
});

describe('empty pages of a feed', () => {
  test('ten empty pages in a row with changing tokens are followed, and no record is lost', async () => {
    const fault = { kind: 'empty page' } as const;
    const faults = [{ feed: 'export', nth: 2, times: 10, fault } as const];
    const night = await startNight({ jobs: days(25) }, { sandbox: { rowsPerExportPage: 10, faults } });
    expect(receiptOf(await night.run())).toMatchObject({ read: 25, new: 25 });
    expect(night.sandbox.requests.count('export/jobs')).toBe(13);
  });

  test('a feed of empty pages that does not end fails its entity and loads nothing', async () => {
    const faults = [always({ feed: 'export', nth: 2, fault: { kind: 'empty page' } })];
    const night = await startNight({ jobs: days(25) }, { sandbox: { rowsPerExportPage: 10, faults } });
    expect(failureOf(await night.run())).toContain('data is empty, on 11 pages in a row');
    expect(night.sandbox.requests.count('export/jobs')).toBe(12);
    expect(await night.query('SELECT count(*)::INTEGER AS n FROM st_raw_v2.raw_jobs')).toEqual([{ n: 0 }]);
  });
});

describe('answers of a list that are too large', () => {
  const payroll = (id: number) =>
    `{"id":${id},"createdOn":"2025-01-01T00:00:00Z","modifiedOn":"${day(id % 200)}","active":true}`;
  const payrolls = Array.from({ length: 900 }, (_, index) => payroll(index + 1));
  const sizesOf = (requests: readonly { readonly query: string }[]) => [
    ...new Set(requests.map(({ query }) => new URLSearchParams(query).get('pageSize'))),
  ];

  test.each([
    ['cut off', { kind: 'truncate', bytes: 3000 } as const],
    ['cut off before its first record', { kind: 'truncate', bytes: 12 } as const],
    ['refused', { kind: 'status', status: 400 } as const],
    ['refused as too large', { kind: 'status', status: 413 } as const],
  ])('a page that is %s is asked for again with half as many rows until it comes', async (_, fault) => {
    const faults = [always({ entity: 'payrolls', path: 'pageSize=(5000|2500|1250)\\b', fault })];
    const night = await startNight({ payrolls }, { sandbox: { faults } });
    expect(receiptOf(await night.run())).toMatchObject({ source: 900, read: 900, new: 900 });
    expect(sizesOf(night.sandbox.requests.all().filter(({ path }) => path.includes('payrolls')))).toEqual([
      '5000',
      '2500',
      '1250',
      '625',
    ]);
    expect(night.events.filter(({ type }) => type === 'smaller-page')).toEqual(
      [2500, 1250, 625].map((rows) => ({ type: 'smaller-page', entity: 'payrolls', rows })),
    );
  });

  test('a page that never arrives whole is asked for again with half as many rows', async () => {
    const faults = [
      always({ entity: 'payrolls', path: 'pageSize=5000', fault: { kind: 'reset', afterBytes: 9 } }),
    ];
    const night = await startNight({ payrolls: payrolls.slice(0, 9) }, { sandbox: { faults } });
    expect(receiptOf(await night.run())).toMatchObject({ source: 9, read: 9 });
  });

  test('a cut page among the numbered pages of one millisecond begins the window again, and the counts agree', async () => {
    const same = payrolls
      .slice(0, 450)
      .map((text) => text.replace(/"modifiedOn":"[^"]*"/, `"modifiedOn":"${day(3)}"`));
    const faults = [
      always({
        entity: 'payrolls',
        path: 'pageSize=(5000|2500|1250|625|312)\\b',
        fault: { kind: 'status', status: 413 },
      }),
      { entity: 'payrolls', path: 'page=3$', fault: { kind: 'truncate', bytes: 500 } } as const,
    ];
    const night = await startNight({ payrolls: same }, { sandbox: { faults } });
    const receipt = receiptOf(await night.run());
    expect(receipt).toMatchObject({ new: 450, source: receipt.read });
    expect(receipt.read).toBeGreaterThan(450);
  });

  test('a list that cuts even its smallest page fails its entity', async () => {
    const faults = [always({ entity: 'payrolls', fault: { kind: 'truncate', bytes: 100 } })];
    const night = await startNight({ payrolls }, { sandbox: { faults } });
    expect(failureOf(await night.run())).toContain('ends inside data');
    expect(night.sandbox.requests.count('payrolls')).toBe(7);
  });
});

describe('filters that a list ignores', () => {
  const invoice = (id: number, balance: string) =>
    JSON.stringify({ id, createdOn: day(0), modifiedOn: day(0), active: true, balance });
  const ignored = always({
    ...{ entity: 'invoices', feed: 'list' },
    fault: { kind: 'ignore parameters', names: ['balanceFilter.Balance', 'balanceFilter.Comparer'] },
  });

  test('if balanceFilter is ignored, the known open invoices are read by id, and not all invoices', async () => {
    const open = [1, 2, 3].map((id) => invoice(id, '10.00'));
    const closed = Array.from({ length: 11_000 }, (_, index) => invoice(index + 100, '0.00'));
    const night = await startNight({ invoices: [...open, ...closed] }, { sandbox: { faults: [ignored] } });
    await night.run();
    night.sandbox.requests.clear();
    night.sandbox.change({ entity: 'invoices', id: '2', set: { balance: '4.00', modifiedOn: day(0) } });
    const [result] = await night.run();
    // The feed, one page of the list that shows that it is not filtered, and the open ones by id.
    expect(result).toMatchObject({ status: 'success', receipt: { read: 3, new: 1 }, metrics: { calls: 3 } });
    expect(night.events).toContainEqual({
      ...{ type: 'filter-ignored', entity: 'invoices' },
      parameters: 'balanceFilter.Balance, balanceFilter.Comparer',
    });
  });

  test('open invoices that are gone are still noticed if balanceFilter is ignored', async () => {
    const invoices = [1, 2, 3, 4, 5, 6].map((id) => invoice(id, '10.00'));
    const closed = Array.from({ length: 20 }, (_, index) => invoice(index + 100, '0.00'));
    const night = await startNight(
      { invoices: [...invoices, ...closed] },
      { sandbox: { faults: [ignored] } },
    );
    await night.run();
    night.sandbox.change(
      ...['1', '2', '3', '4'].map((id) => ({ entity: 'invoices', id, remove: true as const })),
    );
    expect(failureOf(await night.run())).toContain('4 known records are neither in the list nor found by id');
  });

  test('a short list that ignores its window is read whole, and told', async () => {
    const payroll = (id: number) =>
      `{"id":${id},"createdOn":"${day(0)}","modifiedOn":"${day(id)}","active":true}`;
    const payrolls = Array.from({ length: 60 }, (_, index) => payroll(index + 1));
    const fault = { kind: 'ignore parameters', names: ['modifiedOnOrAfter'] } as const;
    const night = await startNight({ payrolls }, { sandbox: { faults: [always({ feed: 'list', fault })] } });
    await night.run();
    night.sandbox.change({ entity: 'payrolls', json: payroll(61) });
    expect(receiptOf(await night.run())).toMatchObject({ source: 61, read: 61, new: 1 });
    expect(night.events).toContainEqual({
      ...{ type: 'filter-ignored', entity: 'payrolls', parameters: 'modifiedOnOrAfter' },
    });
  });

  test.each([
    ['counts its records', 250],
    ['does not count', undefined],
  ])('a long list that ignores its window and %s is not read whole', async (_, totalCount) => {
    const pagesRead: string[] = [];
    const read: Read = async (path, { page = '1' }) => {
      pagesRead.push(page);
      const first = 10 * (Number(page) - 1);
      const data = Array.from({ length: 10 }, (_, index) => ({ id: first + index, modifiedOn: day(0) }));
      const answer = { page: Number(page), pageSize: 10, hasMore: first < 240, totalCount, data };
      return {
        body: Buffer.from(JSON.stringify(answer)),
        request: { entity: 'payrolls', method: 'GET', path },
      };
    };
    const onFilterIgnored = vi.fn();
    const window = { from: new Date(day(1)) };
    const pages = changedPages({
      ...{ entity: entity('payrolls'), window, scanPage: plainScan, read, pageSize: 10 },
      ...{ now: new Date(day(9)), onFilterIgnored },
    });
    const readAll = async () => {
      for await (const _ of pages);
    };
    await expect(readAll()).rejects.toThrow(
      `the service ignored modifiedOnOrAfter, and the list has ${totalCount ?? 'more than 200'} records`,
    );
    expect(onFilterIgnored).toHaveBeenCalledWith('modifiedOnOrAfter');
    expect(pagesRead.length).toBeLessThan(25);
  });

  test('a backfill of a list that ignores its window fails and loads nothing', async () => {
    const payroll = (id: number) =>
      `{"id":${id},"createdOn":"${day(0)}","modifiedOn":"${day(id)}","active":true}`;
    const faults: FaultRule[] = [
      { feed: 'list', fault: { kind: 'record', index: 0, set: { modifiedOn: '2024-12-31T23:59:59Z' } } },
    ];
    const night = await startNight({ payrolls: [1, 2, 3].map(payroll) }, { sandbox: { faults } });
    const window = { from: day(0), before: day(9), since: day(0), until: day(9) };
    const result = await night.readWindow('payrolls', window);
    expect(failureOf([result])).toContain('the service ignored a parameter');
    expect(await night.query('SELECT count(*) AS n FROM st_raw_v2.raw_payrolls')).toEqual([{ n: '0' }]);
  });
});
