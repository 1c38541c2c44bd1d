import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { createTenant } from '../../sandbox/tenant.ts';
import { entities } from '../../schemas/entities.ts';
import { compileValidator } from '../../schemas/validator.ts';
import { connect } from './client.ts';

// biome-ignore lint/suspicious/noExplicitAny: records of any entity.
type Row = any;
const OPTIONS = { runDate: '2025-10-27', seed: 1, scale: 0, live: true };

describe('a sandbox with the forms of live answers (--live)', () => {
  const tenant = createTenant(OPTIONS);
  const texts = (name: string) => (tenant.entity(name)?.all() ?? []).map(({ json }) => json);
  const rows = (name: string): Row[] => texts(name).map((json) => JSON.parse(json));
  const invoices = () => rows('invoices').filter(({ referenceNumber }) => /^L/.test(referenceNumber));
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ tenant });
  });
  afterAll(() => sandbox.close());

  test('instants have two to seven digits of a second, without zeros at their end, and days have none', () => {
    const all = entities.flatMap(({ name }) => texts(name)).join('\n');
    const digits = [...all.matchAll(/On":"[^"]*T(?!00:00:00)\d\d:\d\d:\d\d(?:\.(\d+))?Z"/g)].map(
      ([, each = '']) => each,
    );
    expect([...new Set(digits.map((each) => each.length))].sort()).toEqual([2, 3, 4, 5, 6, 7]);
    expect(digits.filter((each) => each.endsWith('0'))).toEqual([]);
    expect(rows('invoices').every(({ invoiceDate }) => /T00:00:00Z$/.test(invoiceDate ?? 'T00:00:00Z'))).toBe(
      true,
    );
  });

  test('numbers have all decimals of their columns: 2 of amounts, 10 of costs, 19 of quantities', () => {
    expect(texts('purchase_orders').join('')).toMatch(/"total":\d+\.\d\d,/);
    const items = texts('invoices').join('');
    expect(items).toMatch(/"quantity":"\d+\.\d{19}"/);
    expect(items).toMatch(/"cost":"\d+\.\d{10}"/);
    // The value is the same: a plain tenant has it with fewer zeros.
    const plain =
      createTenant({ ...OPTIONS, live: false })
        .entity('invoices')
        ?.all() ?? [];
    const quantity = (json = '') => JSON.parse(json).items?.[0]?.quantity;
    const [first] = plain.filter(({ json }) => quantity(json) !== undefined);
    const same = texts('invoices').find((json) => String(JSON.parse(json).id) === first?.id);
    expect(Number(quantity(same))).toBe(Number(quantity(first?.json)));
    expect(quantity(same)).not.toBe(quantity(first?.json));
  });

  test('empty lists are null in some records, and a field that the documents promise is missing', () => {
    const lists = rows('jobs').map(({ customFields }) => JSON.stringify(customFields));
    expect([...new Set(lists)].sort()).toEqual(['[]', 'null']);
    const returns = texts('returns');
    expect(returns.some((json) => json.includes('"returnTypeId"'))).toBe(true);
    expect(returns.some((json) => !json.includes('"returnTypeId"'))).toBe(true);
  });

  test('an invoice of an open job has no date, and one of a project alone has an amount', () => {
    const [undated] = invoices().filter(({ invoiceDate }) => invoiceDate === null);
    const job = rows('jobs').find(({ id }) => id === undated.job.id);
    expect([job.jobStatus, job.completedOn]).toEqual(['Scheduled', null]);
    const [ofProject] = invoices().filter(({ job: of }) => of === null);
    expect(ofProject).toMatchObject({ total: '9771.00', job: null, projectId: expect.any(Number) });
  });

  test('a void is an active zero, an adjusted invoice has the balance 0, and a credit memo lowers one', () => {
    const [voided] = invoices().filter(({ summary }) => summary === 'Void');
    expect(voided).toMatchObject({ active: true, total: '0.00', balance: '0.00' });
    const [adjustment] = invoices().filter(({ adjustmentToId }) => adjustmentToId !== null);
    const original = invoices().find(({ id }) => id === adjustment.adjustmentToId);
    expect([original.total, original.balance]).toEqual(['500.00', '0.00']);
    expect([adjustment.total, adjustment.balance]).toEqual(['-500.00', '-500.00']);
    const [credited] = invoices().filter(({ balance }) => balance === '120.00');
    const paid = rows('payments').flatMap(({ appliedTo }) =>
      (appliedTo ?? []).map((part: Row) => part.appliedTo),
    );
    expect(credited.total).toBe('300.00');
    expect(paid).not.toContain(credited.id);
  });

  test('every record still fits its schema, except those of the plain tenant that do not', () => {
    const broken = (of: typeof tenant) =>
      entities.map(({ name }) => {
        const validate = compileValidator(name);
        const records = (of.entity(name)?.all() ?? []).map(({ json }) => validate(JSON.parse(json)));
        return [name, records.filter(({ errors }) => errors.length > 0).length];
      });
    expect(broken(tenant)).toEqual(broken(createTenant({ ...OPTIONS, live: false })));
  });

  test('records go over the wire as they are', async () => {
    const get = await connect(sandbox);
    const { text } = await get('inventory/returns', { active: 'Any', pageSize: '5000' });
    expect(text).toMatch(/"returnAmount":\d+\.\d\d,/);
    expect(text).toMatch(/"modifiedOn":"[^"]*\.\d{2,7}Z"/);
  });
});

test('a bulk change moves modifiedOn of every record within seconds and nothing else', async () => {
  const tenant = createTenant({ ...OPTIONS, live: false });
  const sandbox = await startSandbox({ tenant });
  try {
    const contents = () =>
      (tenant.entity('jobs')?.all() ?? []).map(({ json }) => ({ ...JSON.parse(json), modifiedOn: null }));
    const byId = (a: Row, b: Row) => a.id - b.id;
    const before = contents().sort(byId);
    sandbox.change({ entity: 'jobs', touch: true });
    const changes = (tenant.entity('jobs')?.all() ?? []).map(({ modifiedOn }) => Date.parse(modifiedOn));
    expect(changes.length).toBeGreaterThan(500);
    expect(sandbox.now().getTime() - Math.min(...changes)).toBeLessThan(10_000);
    expect(Math.max(...changes)).toBeLessThanOrEqual(sandbox.now().getTime());
    expect(contents().sort(byId)).toEqual(before);
  } finally {
    await sandbox.close();
  }
});
