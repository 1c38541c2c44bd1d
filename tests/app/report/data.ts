import {
  REPORT_FORMAT,
  type ReconciliationRow,
  type Region,
  type ReportData,
} from '../../../app/report/data.ts';

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
    format: REPORT_FORMAT,
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
        ...{ uncounted_amount: '5000.000000000', job_count: '12' },
        description: [
          'Business units that have no KPIs.',
          'Finding: business units are not among the units that count. (One: business unit is not among the units that count.)',
          'Effect: The jobs of such a unit count in no number.',
          'Counts in no number: invoices of units that do not count.',
          'The analyst: Decide whether each counts, and add it to business_units.csv.',
        ].join('\n'),
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
    timeZone: 'America/Phoenix',
    company: {
      week: { start: '2025-10-20', end: '2025-10-26' },
      month: { start: '2025-10-01', end: '2025-10-26' },
      kpis: [
        {
          ...{
            kpi: 'total_booked',
            value: '428300.35',
            weekBefore: '400000',
            yearBefore: '500000',
            takenOn: null,
          },
          ...{ month: '1034086.85', monthYearBefore: null },
          weeks: [
            { start: '2025-10-13', value: '400000' },
            { start: '2025-10-20', value: '428300.35' },
          ],
        },
        {
          ...{
            kpi: 'outstanding_ar',
            value: '10254',
            weekBefore: null,
            yearBefore: null,
            takenOn: '2025-10-27',
          },
          ...{ month: null, monthYearBefore: null, weeks: [{ start: '2025-10-27', value: '10254' }] },
        },
      ],
    },
    regions: [
      region('Nevada', { total_booked: ['24015', '30000'], num_estimates: ['13', '26'] }),
      region('Phoenix', { total_booked: ['20000', '10000'], num_estimates: ['5', null] }),
    ],
    explanations: [
      {
        ...{ period_start: '2025-08-18', period_end: '2025-08-18' },
        ...{ business_unit: 'Nevada-Sales', kpi: 'total_booked', entity: 'estimates', records: 7 },
        candidates: [
          'the alternative definition "sale dated in world time (UTC)" gives 27150',
          'with estimates 77 (9920, Sold, no date) they are equal',
        ],
        alternatives: [
          {
            ...{
              name: 'sale dated in world time (UTC)',
              value: '27150',
              equalsScreen: true,
              addCount: 1,
              dropCount: 0,
            },
            ...{ adds: [{ id: '77', amount: '9920', local_date: '2025-08-19' }], drops: [] },
          },
          {
            ...{ name: 'by creation of the job', value: '0', equalsScreen: false, addCount: 0, dropCount: 7 },
            ...{ adds: [], drops: [{ id: '78', amount: '1', local_date: '2025-08-18' }] },
          },
        ],
      },
    ],
  };
}

/** A region whose numbers have a value and the one of the week before. */
export function region(
  name: string,
  values: Readonly<Record<string, readonly [value: string, weekBefore: string | null]>>,
  records: Region['records'] = {},
): Region {
  const kpis = Object.entries(values).map(([kpi, [value, weekBefore]]) => [
    kpi,
    { value, weekBefore, yearBefore: null },
  ]);
  return {
    ...{ name, salesUnit: `${name}-Sales`, productionUnit: `${name}-Production` },
    kpis: Object.fromEntries(kpis),
    records,
  };
}
