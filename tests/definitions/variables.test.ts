import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileProject } from '../../engine/compile.ts';
import { type GoogleSql, startGoogleSql } from '../../engine/googlesql/server.ts';
import { prepareGraph } from '../../engine/prepare-graph.ts';

const projectDir = process.cwd();
let engine: GoogleSql;
beforeAll(async () => {
  engine = await startGoogleSql();
});
afterAll(() => engine.close());

describe('queries under other settings of the KPI rules', () => {
  test.each([
    [{ test_customer_rule: 'word' }, 'int_leads', 'is_test_customer_word'],
    [{ sold_threshold_on: 'job' }, 'int_vendor_opportunities', 'job_amount >= sold_threshold'],
    [{ excluded_production_types: "PM Inspection|O'Neil" }, 'int_job_types', "'O\\'Neil'"],
    [{ collections_source: 'report', ar_source: 'report' }, 'int_collected', 'stg_collections_report'],
    [{ collections_source: 'report', ar_source: 'report' }, 'kpi_snapshots', 'stg_ar_report'],
    [{ costing_source: 'receipts', costing_tax: 'off' }, 'int_job_material', '- coalesce(costs.tax, 0)'],
    [{ costing_source: 'bills' }, 'int_kpis', 'gross_pay_items inventory_bills invoices returns'],
    [{ as_of: '2025-10-27T16:00:00Z' }, 'stg_jobs', "timestamp '2025-10-27T16:00:00Z'"],
    [{ time_zone: 'America/Denver' }, 'int_booked', 'America/Denver'],
  ] as const)('GoogleSQL accepts every query with the variables %j', async (variables, model, text) => {
    const graph = await compileProject(projectDir, variables);
    expect(graph.tables.find(({ target }) => target.name === model)?.query).toContain(text);
    const prepared = await prepareGraph(engine, { projectDir, graph });
    expect(prepared.flatMap(({ error }) => error ?? [])).toEqual([]);
  });
});
