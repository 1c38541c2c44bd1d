import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ReportData } from '../../app/report/data.ts';
import { dateIn } from '../../base/calendar.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { start } from './command.ts';
import { copyOfPipeline } from './pipeline-copy.ts';
import { settings } from './settings.ts';

const [FIRST, LAST] = ['2025-10-19', '2025-10-25'];

test('a plumbing company in New York goes from init to a number that is off, and edits one line by hand', async () => {
  const sandbox = await startSandbox({ company: 'plumbing' });
  onTestFinished(() => sandbox.close());
  const sources = copyOfPipeline();
  onTestFinished(() => rmSync(sources, { recursive: true, force: true }));
  let env: Record<string, string> = { ...settings(sandbox), REFERENCE_DIR: 'reference' };
  const run = (...args: readonly string[]) => start(args, env, { sources }).ended;

  const init = await run('init');
  expect(init.code).toBe(0);
  // No field of the API says it, so init says what holds until somebody edits it.
  expect(init.stdout).toContain('Weeks begin on Monday, as week_start in dataform.json says.');
  const units = readFileSync(join(sources, 'reference/business_units.csv'), 'utf8');
  for (const guess of ['Plumbing,both', 'HVAC Sales,sales', 'HVAC Install,production', 'HVAC Service,both'])
    expect(units).toContain(`,${guess},`);
  const [, zone = ''] =
    /^KPI_TIME_ZONE=(.+)$/m.exec(readFileSync(join(sources, '.env.example'), 'utf8')) ?? [];
  env = { ...env, KPI_TIME_ZONE: zone };

  // The one edit: the weeks of this company begin on Sunday.
  const rules = join(sources, 'dataform.json');
  writeFileSync(
    rules,
    readFileSync(rules, 'utf8').replace('"week_start": "monday"', '"week_start": "sunday"'),
  );
  const night = await run('nightly');
  expect(night.code).toBe(0);
  expect(night.stdout).toMatch(/^GREEN {3}No number is proved: no screen value/);
  expect(night.stdout).toContain('19 – 25 Oct 2025');
  const reportOf = () =>
    JSON.parse(readFileSync(join(sources, '.local/report/report.json'), 'utf8')) as ReportData;
  const first = reportOf();
  // Nothing is found on the records of a company that has nothing unusual, so nothing comes from the sample.
  expect(first.assertions.filter(({ verdict }) => verdict !== 'GREEN')).toEqual([]);
  expect(first.week?.start).toBe(FIRST);

  // What the screen shows of a day that begins with a sale at half past midnight, added up without the models.
  const sold = (sandbox.tenant.entity('estimates')?.all() ?? []).flatMap(({ json }) => {
    const { soldOn, subtotal } = JSON.parse(json);
    return soldOn ? [{ soldOn: new Date(soldOn), cents: Math.round(subtotal * 100) }] : [];
  });
  const [here, sample] = ['America/New_York', 'America/Phoenix'];
  const early = sold.findLast(({ soldOn }) => dateIn(here, soldOn) !== dateIn(sample, soldOn));
  const day = dateIn(here, early?.soldOn ?? new Date(0));
  const bookedIn = (days: string) =>
    sold.reduce((sum, { soldOn, cents }) => sum + (dateIn(days, soldOn) === day ? cents : 0), 0) / 100;
  expect(bookedIn(here)).not.toBe(bookedIn(sample));
  const produced = first.week?.rows.find(({ business_unit }) => business_unit === 'HVAC Install');
  const tooMuch = (Number(produced?.dollars_produced) + 1000).toFixed(2);
  const values = [
    `${day},${day},ALL,total_booked,${bookedIn(here).toFixed(2)}`,
    `${FIRST},${LAST},HVAC Install,dollars_produced,${tooMuch}`,
  ];
  for (const value of values) expect(await run('report', '--add-ui-value', value)).toMatchObject({ code: 0 });

  const compared = await run('transform');
  expect(compared.code).toBe(2);
  const verdicts = reportOf().reconciliation.map(({ kpi, verdict }) => `${kpi} ${verdict}`);
  expect(verdicts.toSorted()).toEqual(['dollars_produced RED', 'total_booked GREEN']);
  expect(await run('report')).toMatchObject({ code: 2 });
  expect(readFileSync(join(sources, '.local/report/report.md'), 'utf8')).toContain(
    '1 of 2 screen values is off: Produced of HVAC Install, week of 19 Oct 2025.',
  );
  const explained = await run('explain', 'dollars_produced', 'HVAC Install', '2025-10-22', '--week');
  expect(explained.stdout).toContain('difference −$1,000.00');
  expect(explained.stdout).not.toMatch(/paint|phoenix|window/i);
});
