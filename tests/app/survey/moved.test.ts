import { expect, onTestFinished, test } from 'vitest';
import { namedRecord, noteBefore, watchChanges } from '../../../app/survey/moved.ts';
import { openSurveyTenant } from '../../../app/survey/open-tenant.ts';
import { changeSentence } from '../../../app/survey/page.tsx';
import { readConfig } from '../../../extract/config.ts';
import { startSandbox } from '../../../sandbox/server.ts';
import { settings } from '../../e2e/settings.ts';
import { tenantOf } from '../../sandbox/client.ts';

const OLD = '2025-10-01T00:00:00Z';
const record = (id: number, fields: object) =>
  JSON.stringify({ id, createdOn: OLD, modifiedOn: OLD, active: true, ...fields });

/** A tenant of two invoices and a payment, and a clock that `sleep` moves. */
async function start() {
  const sandbox = await startSandbox({
    tenant: tenantOf({
      invoices: [record(1, { balance: '10.00' }), record(2, { balance: '20.00' })],
      payments: [record(5, { total: '1.00' })],
    }),
  });
  onTestFinished(() => sandbox.close());
  const env = { ...settings(sandbox), RATE_LIMIT_PER_SECOND: '60' };
  const tenant = openSurveyTenant({
    config: readConfig(env, { cwd: '.', now: sandbox.now() }),
    ...{ credentials: sandbox.credentials, isSandbox: false, kept: { tokens: {} } },
    // The clock of this machine is an hour off.
    now: () => new Date(sandbox.now().getTime() + 3_600_000),
    ...{ signal: new AbortController().signal },
  });
  onTestFinished(() => tenant.close());
  const told: string[] = [];
  const watch = {
    ...{ waitMs: 20 * 60_000, everyMs: 60_000, tell: (sentence: string) => void told.push(sentence) },
    sleep: async (ms: number) => sandbox.setNow(new Date(sandbox.now().getTime() + ms)),
  };
  return { sandbox, tenant, watch, told };
}

test('after a change by hand the survey says what moved, where it shows and after how long', async () => {
  const { sandbox, tenant, watch, told } = await start();
  const before = await noteBefore(['invoices/1', 'invoices/2'].map(namedRecord), tenant);
  // What is kept tells neither a value nor a name.
  expect(Object.keys(before.records['invoices/1'] ?? {})).toContain('balance');
  expect(JSON.stringify(before.records)).not.toContain('10.00');
  // A payment of one dollar is applied: the balance moves, modifiedOn of the invoice does not.
  sandbox.setNow(new Date(sandbox.now().getTime() + 30_000));
  sandbox.change(
    { entity: 'invoices', id: '1', set: { balance: '9.00', modifiedOn: OLD } },
    { entity: 'payments', id: '5', set: { total: '2.00' } },
  );
  const changes = await watchChanges(before, tenant, watch);
  expect(changes).toEqual([
    {
      ...{ entity: 'invoices', isNamed: true, records: 1, fields: ['balance'], changedOnMoved: false },
      ...{ byIdSeconds: 30, listSeconds: null, feedSeconds: null },
    },
    {
      ...{ entity: 'payments', isNamed: false, records: 1, fields: [], changedOnMoved: true },
      ...{ byIdSeconds: null, listSeconds: 0, feedSeconds: 900 },
    },
  ]);
  expect(told[0]).toMatch(/^2 records changed; 2 of them do not show everywhere yet/);
  expect(changes.map(changeSentence)).toEqual([
    'invoices, the named record: balance changed; modifiedOn did not move; by id after 30 s, not in the list, not in the feed',
    'payments, 1 record changed; modifiedOn moved; in the list after 0 s, in the feed after 900 s',
  ]);
});

test('the watch ends as soon as every door shows the change, and says if nothing changed', async () => {
  const { sandbox, tenant, watch } = await start();
  const before = await noteBefore([namedRecord('invoices/2')], tenant);
  sandbox.change({ entity: 'invoices', id: '2', set: { balance: '0.00' } });
  const startedAt = sandbox.now().getTime();
  const [change, ...others] = await watchChanges(before, tenant, watch);
  expect(change).toMatchObject({ isNamed: true, fields: ['balance', 'modifiedOn'], changedOnMoved: true });
  expect(change).toMatchObject({ byIdSeconds: 0, listSeconds: 0, feedSeconds: 900 });
  expect(others).toEqual([]);
  expect(sandbox.now().getTime() - startedAt).toBe(15 * 60_000);

  sandbox.setNow(new Date(sandbox.now().getTime() + 3_600_000));
  const later = await noteBefore([], tenant);
  expect(await watchChanges(later, tenant, { ...watch, waitMs: 0 })).toEqual([]);
});

test('a named record that the tenant lacks is refused', async () => {
  const { tenant } = await start();
  await expect(noteBefore([namedRecord('payments/77')], tenant)).rejects.toThrow(
    'There is no record payments/77 in the list of the tenant',
  );
});
