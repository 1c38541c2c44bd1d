import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import lookml from 'lookml-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KPIS, namesOf } from '../../app/report/kpis.ts';
import { derivedFiles } from '../../deploy/write-kpis.ts';
import { compileProject } from '../../engine/compile.ts';
import { type GoogleSql, startGoogleSql } from '../../engine/googlesql/server.ts';
import { prepareGraph } from '../../engine/prepare-graph.ts';
import { catalogTable, googleSqlRows } from '../engine/engines.ts';
import { PROJECT } from './context.ts';
import { readLookml, readView, sqlOf } from './looker.ts';

const ADDITIVE = namesOf('sum');
const RATIOS = KPIS.filter(({ type }) => type === 'ratio');
const view = readView();
const QUERY = readLookml('sample-query.sql');

let engine: GoogleSql;
let columns: readonly string[] = [];
beforeAll(async () => {
  engine = await startGoogleSql();
  const prepared = await prepareGraph(engine, {
    projectDir: PROJECT,
    graph: await compileProject(PROJECT, {}),
  });
  columns = prepared.find(({ action }) => action.target.name === 'daily_kpis')?.columns ?? [];
});
afterAll(() => engine.close());

it('the LookML view and the columns of docs/kpis.md are those of the table of KPIs', () => {
  const files = derivedFiles();
  expect(files).toHaveLength(4);
  for (const { file, text } of files) {
    const weekday = file.includes('model') ? 'week_start_day: monday' : 'week(monday)';
    expect(text).toContain(/model|query/.test(file) ? weekday : KPIS[0]?.description);
    expect(readFileSync(join(PROJECT, file), 'utf8')).toBe(text);
  }
});

describe('the LookML view', () => {
  const fields = [
    ...Object.values(view.dimension),
    ...Object.values(view.dimension_group),
    ...Object.values(view.measure),
  ];

  it('the LookML view reads only columns of daily_kpis', () => {
    const read = fields.flatMap(({ sql }) =>
      [...sql.matchAll(/\$\{TABLE\}\.(\w+)/g)].map(([, name = '']) => name),
    );
    expect(columns).toContain('gpm_percent');
    expect(read.filter((name) => !columns.includes(name))).toEqual([]);
  });

  it('the LookML view offers every KPI of the mart', () => {
    const shared = ['event_date', 'business_unit', 'region', 'kind'];
    const offered = columns.filter((name) => !shared.includes(name)).filter((name) => !view.measure[name]);
    expect(offered).toEqual(['lead_count']);
    expect(view.measure.daily_lead_count?.sql.trim()).toBe('${TABLE}.lead_count');
  });

  it('the LookML view sums additive KPIs and averages nothing', () => {
    const sums = Object.values(view.measure).filter(({ type, hidden }) => type === 'sum' && !hidden);
    expect(sums.map(({ $name }) => $name).sort()).toEqual([...ADDITIVE, 'daily_lead_count'].sort());
    expect(fields.map(({ type }) => type)).not.toContain('average');
    expect(JSON.stringify(view)).not.toMatch(/\bavg\(|\$\{TABLE\}\.\w+_percent/);
  });

  it('the LookML view divides the summed numerator by the summed denominator for each ratio', () => {
    expect(RATIOS.length).toBeGreaterThan(2);
    for (const { name, numerator, denominator } of RATIOS) {
      expect(view.measure[name]?.type).toBe('number');
      const [above = '', below = ''] = view.measure[name]?.sql.split('/') ?? [];
      expect(above).toContain(`\${${numerator}}`);
      expect(below).toContain(`\${${denominator}}`);
      for (const part of [numerator, denominator]) expect(view.measure[part ?? '']?.type).toBe('sum');
    }
  });

  it('a LookML measure that is a number contains only other measures, which Looker counts once in joins', () => {
    const numbers = Object.values(view.measure).filter(({ type }) => type === 'number');
    const computed = KPIS.filter(({ type }) => type === 'ratio' || type === 'snapshot');
    expect(numbers.map(({ $name }) => $name).sort()).toEqual(computed.map(({ name }) => name).sort());
    expect(numbers.filter(({ sql }) => /\$\{TABLE\}|\b(sum|count|avg|min|max)\(/i.test(sql))).toEqual([]);
  });

  it('the LookML view has a primary key so that joins do not multiply sums', () => {
    expect(view.dimension.key?.primary_key).toBe(true);
  });

  it('the LookML explore requires days, and its model starts weeks on Monday', () => {
    const model = lookml.parse(readLookml('kpis.model.lkml')) as {
      explore: Record<string, object>;
      week_start_day: string;
    };
    expect(Object.keys(model.explore)).toContain('daily_kpis');
    expect(model.week_start_day).toBe('monday');
    expect(JSON.stringify(model.explore.daily_kpis)).toContain('daily_kpis.event_date');
  });

  it('the LookML project reads only the mart dataset', () => {
    const manifest = lookml.parse(readLookml('manifest.lkml')) as { constant: Record<string, object> };
    expect(Object.keys(manifest.constant)).toEqual(['mart']);
    const read = `${readLookml('kpis.model.lkml')}${view.sql_table_name}`.matchAll(/`@\{(\w+)\}\.(\w+)`/g);
    expect([...read].map(([, dataset, table]) => `${dataset}.${table}`)).toEqual([
      'mart.daily_kpis',
      'mart.daily_kpis',
    ]);
  });
});

/*
 * One week of one region, as GoogleSQL's reference engine computes it. Close rate: 1 of 2 on Monday, 9 of 10 on Tuesday:
 * 10 / 12 = 83.33, where the mean of the days would be 70. Average sale: 3000 and 9000 for 1 and 9 closed: 12000 / 10 = 1200,
 * where the mean would be 2000.
 * Close rate by the vendor's rule: 10 of 20. Margin: 10 of 100 and 90 of 300: 100 / 400 = 25, where the mean
 * would be 20. Receivables: 5 + 7 on Monday, 6 + 8 on Tuesday, none on Wednesday: 26 / 2 = 13.
 */
const INTEGER = { typeKind: 'TYPE_INT64' };
const NUMERIC = { typeKind: 'TYPE_NUMERIC' };
const TEXT = { typeKind: 'TYPE_STRING' };
const typeOf = (name: string) =>
  name === 'event_date'
    ? { typeKind: 'TYPE_DATE' }
    : /_count$|opportunities(_vendor)?$|^num_/.test(name)
      ? INTEGER
      : NUMERIC;

const sales = (event_date: string, closed: string, all: string, percent: string, sold: string) => ({
  ...{ event_date, business_unit: 'Phoenix-Sales', region: 'PHX', kind: 'sales' },
  ...{ closed_opportunities: closed, sales_opportunities: all, close_rate_percent: percent },
  closed_sales_amount: sold,
  ...{ closed_opportunities_vendor: closed, sales_opportunities_vendor: '10' },
});
const production = (
  event_date: string,
  unit: string,
  profit: string,
  produced: string,
  ar: string | null,
) => ({
  ...{ event_date, business_unit: unit, region: 'PHX', kind: 'production' },
  ...{ gross_profit: profit, dollars_produced: produced, warranty_cost: '0', outstanding_ar: ar },
});
const ROWS = [
  sales('2025-10-20', '1', '2', '50', '3000'),
  sales('2025-10-21', '9', '10', '90', '9000'),
  production('2025-10-20', 'Phoenix-Production', '10', '100', '5'),
  production('2025-10-20', 'Tucson-Production', '0', '0', '7'),
  production('2025-10-21', 'Phoenix-Production', '90', '300', '6'),
  production('2025-10-21', 'Tucson-Production', '0', '0', '8'),
  production('2025-10-22', 'Phoenix-Production', '0', '0', null),
];
const EXPECTED = {
  close_rate_percent: '83.33',
  closed_average_sale: '1200',
  close_rate_vendor_percent: '50',
  gpm_percent: '25',
  warranty_percent: '0',
  outstanding_ar: '13',
};

describe('LookML measures over several days and units', () => {
  const named = ['business_unit', 'region', 'kind'];
  const table = (rows = ROWS) =>
    catalogTable({
      name: 'daily_kpis',
      columns: columns.map((name) => ({ name, type: named.includes(name) ? TEXT : typeOf(name) })),
      rows,
    });

  it('LookML measures divide sums and average snapshots over days and units', async () => {
    const measures = Object.keys(EXPECTED).map((name) => `${sqlOf(view, name)} as ${name}`);
    const rows = await googleSqlRows(engine, `select ${measures.join(', ')} from daily_kpis`, [table()]);
    expect(rows).toEqual([Object.values(EXPECTED)]);
  });

  it('LookML measures stay the same when a joined table repeats each row', async () => {
    const measures = Object.keys(EXPECTED).map((name) => `${sqlOf(view, name, true)} as ${name}`);
    const sql = `select ${measures.join(', ')} from daily_kpis cross join unnest([1, 2, 3]) as joined`;
    expect(await googleSqlRows(engine, sql, [table()])).toEqual([Object.values(EXPECTED)]);
  });

  it('the Looker cache is renewed when a number of the mart changed and only then', async () => {
    const { datagroup } = lookml.parse(readLookml('kpis.model.lkml')) as {
      datagroup: Record<string, { sql_trigger: string }>;
    };
    const sql = datagroup.night?.sql_trigger.replace('`@{mart}.daily_kpis`', 'daily_kpis') ?? '';
    const ask = (rows: typeof ROWS) => googleSqlRows(engine, sql, [table(rows)]);
    const others = ROWS.slice(1);
    const before = await ask(ROWS);
    expect(before).toEqual([[expect.stringMatching(/^-?\d+$/)]]);
    expect(await ask(ROWS.toReversed())).toEqual(before);
    expect(await ask([sales('2025-10-20', '2', '2', '50', '3000'), ...others])).not.toEqual(before);
    expect(await ask(others)).not.toEqual(before);
  });

  it('the sample query for Looker gives the same numbers as the measures', async () => {
    const sql = QUERY.replace('st_mart_v2.daily_kpis', 'daily_kpis');
    const names = Object.keys(EXPECTED).join(', ');
    const rows = await googleSqlRows(engine, `select ${names} from (${sql})`, [table()]);
    expect(rows).toEqual([Object.values(EXPECTED)]);
  });
});
