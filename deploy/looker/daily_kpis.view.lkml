# One row per day and business unit. A ratio divides the sums of the selected rows. A snapshot is summed over units and
# averaged over days. No measure reads the mart's percentages, because each is valid only for one day and one unit. Measures
# of type number contain only other measures: Looker counts a row once, whatever is joined to it, only in its own aggregates.
view: daily_kpis {
  sql_table_name: `@{mart}.daily_kpis` ;;

  dimension: key {
    primary_key: yes
    hidden: yes
    type: string
    sql: concat(cast(${TABLE}.event_date as string), ' ', ${TABLE}.business_unit) ;;
  }

  # The mart's days are already days of the tenant's zone. The model says on which weekday weeks begin.
  dimension_group: event {
    type: time
    timeframes: [date, day_of_week, week, month, quarter, year]
    datatype: date
    convert_tz: no
    sql: ${TABLE}.event_date ;;
  }

  dimension: business_unit {
    type: string
    description: "A unit of business_units.csv that has KPIs."
    sql: ${TABLE}.business_unit ;;
  }

  dimension: region {
    type: string
    description: "Region code shared by the units of a region. It puts sales and production on one row."
    sql: ${TABLE}.region ;;
  }

  dimension: kind {
    type: string
    description: "sales, production or both; the other kind's columns are empty."
    sql: ${TABLE}.kind ;;
  }

  measure: daily_lead_count {
    type: sum
    label: "Leads, by day"
    group_label: "Sales"
    description: "Distinct customers with an estimate job created in the period, test customers left out. Days do not add up. Summed over days here: what comes on two days counts twice. For a week with each once, use weekly_kpis.lead_count."
    value_format_name: decimal_0
    sql: ${TABLE}.lead_count ;;
  }

  measure: lead_job_count {
    type: sum
    label: "Lead jobs"
    group_label: "Sales"
    description: "Estimate jobs created in the period, test customers left out."
    value_format_name: decimal_0
    sql: ${TABLE}.lead_job_count ;;
  }

  measure: num_estimates {
    type: sum
    label: "Estimates"
    group_label: "Sales"
    description: "Estimate jobs completed in the period; no estimate record is required."
    value_format_name: decimal_0
    sql: ${TABLE}.num_estimates ;;
  }

  measure: sales_opportunities {
    type: sum
    label: "Opportunities"
    group_label: "Sales"
    description: "Jobs with an estimate or revenue, by first sale if closed, by completion if open."
    value_format_name: decimal_0
    sql: ${TABLE}.sales_opportunities ;;
  }

  measure: closed_opportunities {
    type: sum
    label: "Closed sales"
    group_label: "Sales"
    description: "Sales opportunities with a sold estimate."
    value_format_name: decimal_0
    sql: ${TABLE}.closed_opportunities ;;
  }

  measure: close_rate_percent {
    type: number
    label: "Close rate"
    group_label: "Sales"
    description: "100 x closed_opportunities / sales_opportunities; NULL without an opportunity."
    value_format_name: decimal_2
    sql: round(100 * cast(${closed_opportunities} as numeric)
      / nullif(greatest(cast(${sales_opportunities} as numeric), 0), 0), 2) ;;
  }

  measure: closed_sales_amount {
    type: sum
    label: "Sales of closed jobs"
    group_label: "Sales"
    description: "Subtotals of all sold estimates of the closed opportunities, whatever their day, USD."
    value_format_name: usd
    sql: ${TABLE}.closed_sales_amount ;;
  }

  measure: closed_average_sale {
    type: number
    label: "Average sale"
    group_label: "Sales"
    description: "closed_sales_amount / closed_opportunities, USD; NULL without a closed opportunity."
    value_format_name: usd
    sql: round(cast(${closed_sales_amount} as numeric)
      / nullif(greatest(cast(${closed_opportunities} as numeric), 0), 0), 2) ;;
  }

  measure: total_booked {
    type: sum
    label: "Booked"
    group_label: "Sales"
    description: "Subtotals of sold estimates by the day they were sold, USD."
    value_format_name: usd
    sql: ${TABLE}.total_booked ;;
  }

  measure: sales_opportunities_vendor {
    type: sum
    label: "Opportunities (vendor)"
    group_label: "Sales"
    description: "Completed jobs that are not no-charge, and no-charge jobs with a sale of at least the sold threshold."
    value_format_name: decimal_0
    sql: ${TABLE}.sales_opportunities_vendor ;;
  }

  measure: closed_opportunities_vendor {
    type: sum
    label: "Closed sales (vendor)"
    group_label: "Sales"
    description: "Those of sales_opportunities_vendor with a sale of at least the sold threshold."
    value_format_name: decimal_0
    sql: ${TABLE}.closed_opportunities_vendor ;;
  }

  measure: close_rate_vendor_percent {
    type: number
    label: "Close rate (vendor)"
    group_label: "Sales"
    description: "100 x closed_opportunities_vendor / sales_opportunities_vendor; NULL without an opportunity."
    value_format_name: decimal_2
    sql: round(100 * cast(${closed_opportunities_vendor} as numeric)
      / nullif(greatest(cast(${sales_opportunities_vendor} as numeric), 0), 0), 2) ;;
  }

  measure: dollars_produced {
    type: sum
    label: "Produced"
    group_label: "Production"
    description: "Subtotals of the active invoices of jobs that started in the period, all job statuses, USD."
    value_format_name: usd
    sql: ${TABLE}.dollars_produced ;;
  }

  measure: dollars_invoiced {
    type: sum
    label: "Invoiced"
    group_label: "Production"
    description: "Totals with tax of active invoices by invoice date, USD. Continues an older series and is not a KPI."
    value_format_name: usd
    sql: ${TABLE}.dollars_invoiced ;;
  }

  measure: labor_cost {
    type: sum
    label: "Labor"
    group_label: "Production"
    description: "All gross pay of the jobs in dollars_produced, USD."
    value_format_name: usd
    sql: ${TABLE}.labor_cost ;;
  }

  measure: material_cost {
    type: sum
    label: "Material"
    group_label: "Production"
    description: "Purchase orders not canceled (or what the variable costing_source names), material and equipment lines, bills without an order, of the jobs in dollars_produced, USD."
    value_format_name: usd
    sql: ${TABLE}.material_cost ;;
  }

  measure: return_amount {
    type: sum
    label: "Returns"
    group_label: "Production"
    description: "Returned material of the jobs in dollars_produced, as a positive amount, USD."
    value_format_name: usd
    sql: ${TABLE}.return_amount ;;
  }

  measure: gross_profit {
    type: sum
    label: "Gross profit"
    group_label: "Production"
    description: "dollars_produced - labor_cost - material_cost + return_amount, USD."
    value_format_name: usd
    sql: ${TABLE}.gross_profit ;;
  }

  measure: gpm_percent {
    type: number
    label: "Gross margin"
    group_label: "Production"
    description: "100 x gross_profit / dollars_produced; NULL where nothing was produced."
    value_format_name: decimal_2
    sql: round(100 * cast(${gross_profit} as numeric)
      / nullif(greatest(cast(${dollars_produced} as numeric), 0), 0), 2) ;;
  }

  measure: warranty_cost {
    type: sum
    label: "Warranty cost"
    group_label: "Production"
    description: "Cost of warranty and touch-up jobs that started in the period, USD."
    value_format_name: usd
    sql: ${TABLE}.warranty_cost ;;
  }

  measure: warranty_percent {
    type: number
    label: "Warranty"
    group_label: "Production"
    description: "100 x warranty_cost / dollars_produced; NULL where nothing was produced."
    value_format_name: decimal_2
    sql: round(100 * cast(${warranty_cost} as numeric)
      / nullif(greatest(cast(${dollars_produced} as numeric), 0), 0), 2) ;;
  }

  measure: dollars_collected {
    type: sum
    label: "Collected"
    group_label: "Production"
    description: "Payments applied to invoices of the unit, by Paid On, refunds negative, USD."
    value_format_name: usd
    sql: ${TABLE}.dollars_collected ;;
  }

  measure: future_bookings {
    type: number
    label: "Future bookings"
    group_label: "Snapshots"
    description: "Snapshot: invoiced subtotals of jobs, not canceled, that start from the first day of the week to one year after the snapshot, USD. Summed over units, mean over days; select one day to see its value."
    value_format_name: usd
    sql: round(cast(${future_bookings_sum} as numeric) / nullif(${future_bookings_days}, 0), 2) ;;
  }

  measure: future_bookings_sum {
    type: sum
    hidden: yes
    sql: ${TABLE}.future_bookings ;;
  }

  measure: future_bookings_days {
    type: count_distinct
    hidden: yes
    sql: if(${TABLE}.future_bookings is null, null, ${TABLE}.event_date) ;;
  }

  measure: future_bookings_after_today {
    type: number
    label: "Future bookings after today"
    group_label: "Snapshots"
    description: "Snapshot: future_bookings from the day after the snapshot on, USD. Summed over units, mean over days; select one day to see its value."
    value_format_name: usd
    sql: round(cast(${future_bookings_after_today_sum} as numeric) / nullif(${future_bookings_after_today_days}, 0), 2) ;;
  }

  measure: future_bookings_after_today_sum {
    type: sum
    hidden: yes
    sql: ${TABLE}.future_bookings_after_today ;;
  }

  measure: future_bookings_after_today_days {
    type: count_distinct
    hidden: yes
    sql: if(${TABLE}.future_bookings_after_today is null, null, ${TABLE}.event_date) ;;
  }

  measure: outstanding_ar {
    type: number
    label: "Receivables"
    group_label: "Snapshots"
    description: "Snapshot: net open balances per location, locations with a net below the variable receivables_minimum left out, USD. Summed over units, mean over days; select one day to see its value."
    value_format_name: usd
    sql: round(cast(${outstanding_ar_sum} as numeric) / nullif(${outstanding_ar_days}, 0), 2) ;;
  }

  measure: outstanding_ar_sum {
    type: sum
    hidden: yes
    sql: ${TABLE}.outstanding_ar ;;
  }

  measure: outstanding_ar_days {
    type: count_distinct
    hidden: yes
    sql: if(${TABLE}.outstanding_ar is null, null, ${TABLE}.event_date) ;;
  }
}
