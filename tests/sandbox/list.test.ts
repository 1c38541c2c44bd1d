import { expect, test } from 'vitest';
import { connect, job, tenantOf, withSandbox } from './client.ts';

const hour = (n: number) => `2025-10-01T${String(n).padStart(2, '0')}:00:00Z`;
const ids = (json: { data: { id: number }[] }) => json.data.map(({ id }) => id);

function record(id: number, fields: Record<string, unknown>): string {
  return JSON.stringify({ id, createdOn: hour(1), modifiedOn: hour(id), ...fields });
}

test('a sandbox list page holds 50 rows by default and 5,000 at most and sets hasMore', () =>
  withSandbox(
    { tenant: tenantOf({ jobs: Array.from({ length: 60 }, (_, n) => job(n + 1, hour(1))) }) },
    async (sandbox) => {
      const get = await connect(sandbox);
      const first = await get('jpm/jobs');
      expect(first.text.startsWith('{"page":1,"pageSize":50,"hasMore":true,"totalCount":null,"data":[')).toBe(
        true,
      );
      expect(first.json.data).toHaveLength(50);
      const second = await get('jpm/jobs', { page: '2', includeTotal: 'true' });
      expect(second.json).toMatchObject({ page: 2, hasMore: false, totalCount: 60 });
      expect(ids(second.json)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
      expect((await get('jpm/jobs', { page: '3' })).json).toMatchObject({ hasMore: false, data: [] });
      expect((await get('jpm/jobs', { pageSize: '5000' })).json.data).toHaveLength(60);
      for (const pageSize of ['0', '5001', 'many']) {
        const refused = await get('jpm/jobs', { pageSize });
        expect([refused.status, Object.keys(refused.json.errors)]).toEqual([400, ['PageSize']]);
      }
    },
  ));

test('modified windows of a sandbox list are half-open and combine with created ones by AND', () =>
  withSandbox({ tenant: tenantOf({ jobs: [1, 2, 3, 4].map((n) => job(n, hour(n))) }) }, async (sandbox) => {
    const get = await connect(sandbox);
    const window = { modifiedOnOrAfter: '2025-10-01T02:00:00.000Z', modifiedBefore: '2025-10-01T04:00:00Z' };
    expect(ids((await get('jpm/jobs', window)).json)).toEqual([3, 2]);
    // All records were created earlier, so with both filters a record that changed later is lost.
    const both = { modifiedOnOrAfter: hour(2), createdOnOrAfter: hour(2) };
    expect(ids((await get('jpm/jobs', both)).json)).toEqual([]);
    expect((await get('jpm/jobs', { modifiedBefore: 'yesterday' })).status).toBe(400);
  }));

test("the sandbox hides records after the tenant's present and sends that time in the Date header", () =>
  withSandbox({ tenant: tenantOf({ jobs: [job(1, '2025-10-27T12:00:01Z')] }) }, async (sandbox) => {
    const get = await connect(sandbox);
    const before = await get('jpm/jobs');
    expect(ids(before.json)).toEqual([]);
    expect(before.headers.get('date')).toBe('Mon, 27 Oct 2025 12:00:00 GMT');
    sandbox.setNow(new Date('2025-10-27T12:00:01Z'));
    expect(ids((await get('jpm/jobs')).json)).toEqual([1]);
  }));

test('the sandbox ignores an unknown query parameter and answers 200 with every row', () =>
  withSandbox({ tenant: tenantOf({ jobs: [job(1, hour(1)), job(2, hour(2))] }) }, async (sandbox) => {
    const get = await connect(sandbox);
    expect(ids((await get('jpm/jobs', { modifiedAfter: hour(2), jobNumber: 'J-2' })).json)).toEqual([2, 1]);
    expect(ids((await get('jpm/jobs', { number: 'J-2' })).json)).toEqual([2]);
  }));

test('the sandbox refuses a documented filter that it lacks with 501', () =>
  withSandbox({ tenant: tenantOf({ jobs: [] }) }, async (sandbox) => {
    const get = await connect(sandbox);
    expect((await get('jpm/jobs', { hasUnusedAppointments: 'true' })).status).toBe(501);
  }));

test('the sandbox looks up at most 50 ids and refuses more with 400 like the API', () =>
  withSandbox(
    { tenant: tenantOf({ jobs: [job('9007199254740993123', hour(1)), job(2, hour(2))] }) },
    async (sandbox) => {
      const get = await connect(sandbox);
      const found = await get('jpm/jobs', { ids: '9007199254740993123,77' });
      expect(found.text).toContain('"data":[{"id":9007199254740993123,');
      expect(found.json.data).toHaveLength(1);
      const many = Array.from({ length: 51 }, (_, n) => n).join(',');
      const refused = await get('jpm/jobs', { ids: many });
      expect([refused.status, Object.keys(refused.json.errors)]).toEqual([400, ['Ids']]);
    },
  ));

test('the sandbox lists deactivated records only when asked, with the values of each module', () =>
  withSandbox(
    {
      tenant: tenantOf({
        customers: [record(1, { active: true }), record(2, { active: false })],
        payments: [record(1, { active: true }), record(2, { active: false })],
      }),
    },
    async (sandbox) => {
      const get = await connect(sandbox);
      expect(ids((await get('crm/customers')).json)).toEqual([1]);
      expect(ids((await get('crm/customers', { active: 'any' })).json)).toEqual([2, 1]);
      expect(ids((await get('crm/customers', { active: 'False' })).json)).toEqual([2]);
      expect((await get('crm/customers', { active: 'Maybe' })).status).toBe(400);
      expect(ids((await get('accounting/payments')).json)).toEqual([1]);
      expect(ids((await get('accounting/payments', { activeState: 'All' })).json)).toEqual([2, 1]);
      expect(ids((await get('accounting/payments', { active: 'Any' })).json)).toEqual([1]);
    },
  ));

test('only the sandbox export adds active to jobs and shows deleted jobs', () =>
  withSandbox(
    { tenant: tenantOf({ jobs: [job(1, hour(1)), job(2, hour(2), { active: false })] }) },
    async (sandbox) => {
      const get = await connect(sandbox);
      const list = await get('jpm/jobs');
      expect(ids(list.json)).toEqual([1]);
      expect(list.text).not.toContain('active');
      expect((await get('jpm/export/jobs')).json.data.map((row: { active: boolean }) => row.active)).toEqual([
        true,
        false,
      ]);
    },
  ));

test('the sandbox answers the plain list of inventory bills as a bare array', () =>
  withSandbox(
    { tenant: tenantOf({ inventory_bills: [1, 2, 3].map((n) => record(n, {})) }) },
    async (sandbox) => {
      const get = await connect(sandbox);
      expect((await get('accounting/inventory-bills', { pageSize: '2' })).json).toHaveLength(2);
      expect((await get('accounting/inventory-bills/paginated', { pageSize: '2' })).json).toMatchObject({
        hasMore: true,
      });
    },
  ));

test('the sandbox sorts a list by a field with a sign', () =>
  withSandbox(
    {
      tenant: tenantOf({
        jobs: [job(2, hour(1)), job(1, hour(2))],
        invoices: [1, 2].map((n) => record(n, {})),
      }),
    },
    async (sandbox) => {
      const get = await connect(sandbox);
      expect(ids((await get('jpm/jobs', { sort: '+Id' })).json)).toEqual([1, 2]);
      expect(ids((await get('jpm/jobs', { sort: '-Id' })).json)).toEqual([2, 1]);
      expect(ids((await get('jpm/jobs', { sort: '-ModifiedOn' })).json)).toEqual([1, 2]);
      expect(ids((await get('jpm/jobs', { orderBy: 'Id' })).json)).toEqual([2, 1]);
      const older = { orderBy: 'Id', orderByDirection: 'desc' };
      expect(ids((await get('accounting/invoices', older)).json)).toEqual([2, 1]);
    },
  ));

test.each([
  ['sales/estimates', { soldAfter: hour(5), soldBefore: hour(7) }, [2]],
  ['sales/estimates', { status: 'Sold' }, [2, 1]],
  ['accounting/invoices', { 'balanceFilter.Balance': '0', 'balanceFilter.Comparer': 'Equals' }, [1]],
  ['accounting/invoices', { 'balanceFilter.Balance': '0', 'balanceFilter.Comparer': 'Greater' }, [2]],
  ['accounting/invoices', { jobId: '31' }, [1]],
  ['accounting/invoices', { invoicedOnOrAfter: '2025-10-02' }, [2]],
  ['accounting/payments', { appliedToInvoiceIds: '8,9' }, [1]],
  ['payroll/gross-pay-items', { payrollIds: '70,71', dateOnOrAfter: '2025-10-02' }, [2]],
  ['payroll/gross-pay-items', { dateOnOrBefore: '2025-10-01' }, [1]],
  ['payroll/gross-pay-items', { modifiedOnOrBefore: hour(1) }, [1]],
  ['jpm/appointments', { startsOnOrAfter: hour(6) }, [2]],
  ['jpm/jobs', { jobStatus: 'InProgress' }, [2]],
  ['settings/technicians', { name: 'ann' }, [2]],
])('the sandbox list %s filtered by %j gives %j', (path, query, expected) => {
  const day = (n: number) => `2025-10-0${n}T00:00:00Z`;
  const entities = {
    estimates: [1, 2].map((n) =>
      record(n, { active: true, status: { value: 1, name: 'Sold' }, soldOn: hour(4 + n) }),
    ),
    invoices: [
      record(1, { job: { id: 31 }, balance: '0.00', invoiceDate: day(1) }),
      record(2, { job: null, balance: '10.50', invoiceDate: day(2) }),
    ],
    payments: [
      record(1, { appliedTo: [{ appliedTo: 7 }, { appliedTo: 8 }] }),
      record(2, { appliedTo: null }),
    ],
    gross_pay_items: [record(1, { payrollId: 70, date: day(1) }), record(2, { payrollId: 71, date: day(2) })],
    appointments: [record(1, { start: hour(5) }), record(2, { start: hour(6) })],
    jobs: [record(1, { jobStatus: 'Completed' }), record(2, { jobStatus: 'In Progress' })],
    technicians: [record(1, { name: 'Bob Sample' }), record(2, { name: 'Joanne Sample' })],
  };
  return withSandbox({ tenant: tenantOf(entities) }, async (sandbox) => {
    const get = await connect(sandbox);
    expect(ids((await get(path, query)).json)).toEqual(expected);
  });
});
