import type { ReconciliationRow, ReportData } from '../../../app/report/data.ts';

/** A report with one of everything: a cell per verdict, a chart, a movement, a finding and a failed entity. */
export function reportData(): ReportData {
  const cell: ReconciliationRow = {
    ...{
      period_start: '2025-10-20',
      period_end: '2025-10-26',
      business_unit: 'Nevada-Sales',
      kpi: 'lead_count',
    },
    ...{
      ui_value: '12',
      our_value: '12',
      difference: '0',
      tolerance: '0',
      reason: 'equal',
    },
    verdict: 'GREEN',
  };
  const counts = { records_read: '7', records_landed: '7', records_loaded: '7', records_visible: '7' };
  const receipt = {
    ...counts,
    records_source: null,
    records_new: '7',
    records_rejected: '0',
    api_calls: '2',
  };
  return {
    ...{
      generatedAt: '2025-10-27T12:00:00Z',
      runDate: '2025-10-27',
      source: 'the sandbox tenant',
      verdict: 'RED',
    },
    unread: ['payments'],
    reconciliation: [
      {
        ...cell,
        ...{ period_start: '2025-08-18', period_end: '2025-08-18', kpi: 'total_booked' },
        verdict: 'RED',
        ...{ ui_value: '27150.00', our_value: '17230.00', difference: '-9920.00' },
        reason: 'off by -9920.00 <script>alert(1)</script>',
      },
      {
        ...cell,
        kpi: 'num_estimates',
        our_value: '13',
        difference: '1',
        verdict: 'YELLOW',
        reason: 'known gap: x',
      },
      cell,
    ],
    week: {
      ...{ start: '2025-10-20', end: '2025-10-26' },
      rows: [{ business_unit: 'Nevada-Sales', kind: 'sales', total_booked: '24015', dollars_produced: null }],
    },
    series: [
      {
        ...{ kpi: 'lead_count', business_unit: 'Nevada-Sales' },
        weeks: [
          { start: '2025-10-06', value: '4', screen: null },
          { start: '2025-10-13', value: '7', screen: null },
          { start: '2025-10-20', value: '12', screen: { value: '12', verdict: 'GREEN' } },
        ],
      },
    ],
    nightBefore: '2025-10-26',
    movements: [
      {
        ...{
          week_start: '2025-10-13',
          business_unit: 'Nevada-Sales',
          kpi: 'total_booked',
          night_before: '2025-10-26',
        },
        ...{ value_before: '100.00', value: '150.00' },
        records: [
          {
            ...{ entity: 'estimates', id: '42', status: 'Sold', local_date: '2025-10-14', amount: '50' },
            counts: true,
          },
        ],
      },
    ],
    assertions: [
      {
        ...{
          name: 'assert_units_mapped',
          file: 'definitions/assertions/assert_units_mapped.sqlx',
          verdict: 'YELLOW',
        },
        ...{ failing_rows: '1', sample: '[{"business_unit_id":"123456","jobs":"2"}]' },
      },
      {
        ...{ name: 'assert_x', file: 'definitions/assertions/assert_x.sqlx', verdict: 'YELLOW' },
        ...{ failing_rows: '2', sample: '[]' },
      },
    ],
    entities: [
      {
        ...{ entity: 'jobs', status: 'success', end_time: '2025-10-27 12:00:00.123+00', watermark: null },
        ...{ ...receipt, error: null },
      },
      {
        ...{ entity: 'payments', status: 'failed', end_time: '2025-10-27 12:00:00.123+00', watermark: null },
        ...{ ...receipt, error: 'GET /accounting/v2/tenant/1/export/payments answered 500' },
      },
    ],
  };
}
