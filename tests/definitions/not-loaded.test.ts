import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { namesOf } from '../../app/report/kpis.ts';
import { type Inputs, openPlanted, rows } from './planted.ts';

const MEASURES = [...namesOf('distinct'), ...namesOf('sum')];
let planted: Awaited<ReturnType<typeof openPlanted>>;
beforeAll(async () => {
  planted = await openPlanted();
});
afterAll(() => planted.close());

const DAY = { event_date: 'date', business_unit: 'string' };
const AMOUNT = { ...DAY, amount: 'numeric' };
const INPUTS: Inputs = {
  int_leads: rows({ ...DAY, customer_id: 'int64' }, ["'2025-10-27'", "'Tucson-Sales'", '1']),
  int_job_facts: rows({
    ...{ job_id: 'int64', completed_date: 'date', job_start_date: 'date', business_unit: 'string' },
    ...{ kind: 'string', in_kpi_set: 'bool', is_estimate: 'bool', is_warranty: 'bool', job_status: 'string' },
    ...{
      is_excluded_from_production: 'bool',
      revenue: 'numeric',
      labor_cost: 'numeric',
      material_cost: 'numeric',
    },
    ...{ return_amount: 'numeric', job_cost: 'numeric' },
  }),
  int_opportunities: rows({ ...DAY, is_closed: 'bool', sold_amount: 'numeric' }),
  int_vendor_opportunities: rows({ ...DAY, is_closed: 'bool' }),
  int_booked: rows({ ...DAY, amount: 'numeric' }),
  int_invoiced: rows(AMOUNT),
  int_collected: rows(AMOUNT),
  int_calendar: "select date '2025-10-27' as calendar_date, date '2025-10-27' as week_start",
  kpi_snapshots: rows({ snapshot_date: 'date', business_unit: 'string', kpi: 'string', value: 'numeric' }),
  int_kpi_units:
    "select 'Tucson-Sales' as business_unit, 'sales' as kind, 'TUC' as region, true as is_mapped union all select 'Tucson-Production', 'production', 'TUC', true",
};
const BY_VENDOR = ['sales_opportunities_vendor', 'closed_opportunities_vendor'];
/** The measures that are unknown when an entity is not loaded. */
const UNKNOWN_WITHOUT: Readonly<Record<string, readonly string[]>> = {
  jobs: MEASURES.filter((name) => name !== 'dollars_collected'),
  job_types: ['lead_count', 'lead_job_count', 'num_estimates', 'warranty_cost', ...BY_VENDOR],
  customers: ['lead_count', 'lead_job_count'],
  estimates: [
    ...['sales_opportunities', 'closed_opportunities', 'closed_sales_amount', 'total_booked', ...BY_VENDOR],
  ],
  appointments: [
    ...['dollars_produced', 'labor_cost', 'material_cost', 'return_amount', 'warranty_cost', 'gross_profit'],
  ],
  invoices: [
    ...['sales_opportunities', 'dollars_produced', 'dollars_invoiced', 'material_cost', 'warranty_cost'],
    ...['dollars_collected', 'gross_profit'],
  ],
  gross_pay_items: ['labor_cost', 'gross_profit', 'warranty_cost'],
  purchase_orders: ['material_cost', 'gross_profit', 'warranty_cost'],
  inventory_bills: ['material_cost', 'gross_profit', 'warranty_cost'],
  returns: ['return_amount', 'gross_profit', 'warranty_cost'],
  payments: ['dollars_collected'],
};
const ENTITIES = Object.keys(UNKNOWN_WITHOUT);

/** Measures that are NULL for their kind of unit. */
async function unknown(
  loaded: readonly string[],
  variables?: Readonly<Record<string, string>>,
): Promise<string[]> {
  const int_loaded_entities = rows({ entity: 'string' }, ...loaded.map((name) => [`'${name}'`]));
  const found = await planted.rowsOf('int_unit_values', { ...INPUTS, int_loaded_entities }, variables);
  const values = new Map(found.map((row) => [row[5]?.replaceAll('"', ''), row[6]]));
  return MEASURES.filter((name) => values.get(name) === 'NULL');
}

describe('NULL and 0 in daily measures when entities are not loaded', () => {
  test('no measure is NULL when every entity is loaded', async () => {
    expect(await unknown(ENTITIES)).toEqual([]);
  });
  test.each(ENTITIES)('measures are NULL, not 0, when %s is not loaded', async (missing) => {
    const names = await unknown(ENTITIES.filter((name) => name !== missing));
    expect(names.sort()).toEqual([...(UNKNOWN_WITHOUT[missing] ?? [])].sort());
  });
  test.each([
    ['receipts', 'receipts', ['gross_profit', 'material_cost', 'warranty_cost']],
    ['receipts', 'purchase_orders', []],
    ['bills', 'purchase_orders', []],
    ['purchase_orders', 'receipts', []],
  ])('with costing_source %s, without %s, the measures that are NULL are %j', async (costing_source, missing, names) => {
    const loaded = [...ENTITIES, 'receipts'].filter((name) => name !== missing);
    expect((await unknown(loaded, { costing_source })).sort()).toEqual(names);
  });
});

test('int_loaded_entities dates an entity by its last successful incremental or full read', async () => {
  const log = rows(
    { entity: 'string', status: 'string', mode: 'string', run_date: 'date', end_time: 'timestamp' },
    ["'jobs'", "'success'", "'full'", "'2025-10-25'", "'2025-10-25 12:00:00+00'"],
    ["'jobs'", "'success'", "'incremental'", "'2025-10-26'", "'2025-10-26 12:00:00+00'"],
    ["'jobs'", "'failed'", "'incremental'", "'2025-10-27'", "'2025-10-27 12:00:00+00'"],
    ...['replay', 'backfill', 'sweep'].flatMap((mode) =>
      ['jobs', 'invoices'].map((name) => [
        ...[`'${name}'`, "'success'", `'${mode}'`, "'2025-10-27'", "'2025-10-27 13:00:00+00'"],
      ]),
    ),
  );
  const found = await planted.rowsOf('int_loaded_entities', { ingestion_logs: log });
  expect(found).toEqual([['"jobs"', '2025-10-26 12:00:00+00', '2025-10-26']]);
});
