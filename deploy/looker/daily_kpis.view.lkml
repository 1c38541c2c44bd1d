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

  # The mart's days are already days of America/Phoenix. Weeks begin on Monday (kpis.model.lkml).
  dimension_group: event {
    type: time
    timeframes: [date, day_of_week, week, month, quarter, year]
    datatype: date
    convert_tz: no
    sql: ${TABLE}.event_date ;;
  }

  dimension: business_unit {
    type: string
    description: "One of the twelve units of the six pairs."
    sql: ${TABLE}.business_unit ;;
  }

  dimension: region {
    type: string
    description: "Region code shared by both units of a pair. It puts sales and production on one row."
    sql: ${TABLE}.region ;;
  }

  dimension: kind {
    type: string
    description: "sales or production; the other kind's columns are empty."
    sql: ${TABLE}.kind ;;
  }

  measure: lead_job_count {
    type: sum
    label: "Leads, by job"
    group_label: "Sales"
    description: "Estimate jobs created, test customers left out."
    value_format_name: decimal_0
    sql: ${TABLE}.lead_job_count ;;
  }

  measure: num_estimates {
    type: sum
    label: "Estimates"
    group_label: "Sales"
    description: "Estimate jobs completed; no estimate record is required."
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
    label: "Closed opportunities"
    group_label: "Sales"
    description: "Sales opportunities with a sold estimate."
    value_format_name: decimal_0
    sql: ${TABLE}.closed_opportunities ;;
  }

  measure: total_booked {
    type: sum
    label: "Total booked"
    group_label: "Sales"
    description: "Subtotals of sold estimates by the day they were sold."
    value_format_name: usd
    sql: ${TABLE}.total_booked ;;
  }

  measure: close_rate_percent {
    type: number
    label: "Close rate"
    group_label: "Sales"
    description: "100 x closed opportunities / opportunities; empty without a positive denominator."
    value_format_name: decimal_2
    sql: round(100 * cast(${closed_opportunities} as numeric)
      / nullif(greatest(cast(${sales_opportunities} as numeric), 0), 0), 2) ;;
  }

  measure: daily_lead_count {
    type: sum
    label: "Leads, by customer and day"
    group_label: "Sales"
    description: "Distinct customers per day, summed over days: a customer on two days counts twice. For a week with each customer once, use weekly_kpis.lead_count."
    value_format_name: decimal_0
    sql: ${TABLE}.lead_count ;;
  }

  measure: dollars_produced {
    type: sum
    label: "Dollars produced"
    group_label: "Production"
    description: "Subtotals of the active invoices of jobs that started, all job statuses."
    value_format_name: usd
    sql: ${TABLE}.dollars_produced ;;
  }

  measure: dollars_invoiced {
    type: sum
    label: "Dollars invoiced"
    group_label: "Production"
    description: "Totals with tax of active invoices by invoice date. Continues an older series and is not a KPI."
    value_format_name: usd
    sql: ${TABLE}.dollars_invoiced ;;
  }

  measure: labor_cost {
    type: sum
    label: "Labor cost"
    group_label: "Production"
    description: "All gross pay of the jobs in dollars produced."
    value_format_name: usd
    sql: ${TABLE}.labor_cost ;;
  }

  measure: material_cost {
    type: sum
    label: "Material cost"
    group_label: "Production"
    description: "Purchase orders not canceled, material and equipment lines, bills without an order, of the jobs in dollars produced."
    value_format_name: usd
    sql: ${TABLE}.material_cost ;;
  }

  measure: return_amount {
    type: sum
    label: "Returns"
    group_label: "Production"
    description: "Returned material of the jobs in dollars produced, as a positive amount."
    value_format_name: usd
    sql: ${TABLE}.return_amount ;;
  }

  measure: gross_profit {
    type: sum
    label: "Gross profit"
    group_label: "Production"
    description: "Dollars produced - labor cost - material cost + returns."
    value_format_name: usd
    sql: ${TABLE}.gross_profit ;;
  }

  measure: warranty_cost {
    type: sum
    label: "Warranty cost"
    group_label: "Production"
    description: "Cost of warranty and touch-up jobs that started."
    value_format_name: usd
    sql: ${TABLE}.warranty_cost ;;
  }

  measure: dollars_collected {
    type: sum
    label: "Dollars collected"
    group_label: "Production"
    description: "Payments applied to invoices of the unit, by Paid On, refunds negative."
    value_format_name: usd
    sql: ${TABLE}.dollars_collected ;;
  }

  measure: gpm_percent {
    type: number
    label: "Gross profit margin"
    group_label: "Production"
    description: "100 x gross profit / dollars produced; empty without a positive denominator."
    value_format_name: decimal_2
    sql: round(100 * cast(${gross_profit} as numeric)
      / nullif(greatest(cast(${dollars_produced} as numeric), 0), 0), 2) ;;
  }

  measure: warranty_percent {
    type: number
    label: "Warranty"
    group_label: "Production"
    description: "100 x warranty cost / dollars produced; empty without a positive denominator."
    value_format_name: decimal_2
    sql: round(100 * cast(${warranty_cost} as numeric)
      / nullif(greatest(cast(${dollars_produced} as numeric), 0), 0), 2) ;;
  }

  measure: future_bookings {
    type: number
    label: "Future bookings"
    group_label: "Snapshots"
    description: "Invoiced subtotals of jobs, not canceled, that start from the Monday of the week to one year after the snapshot. Summed over units, mean over days; select one day to see its value."
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
    description: "Future bookings from the day after the snapshot on. Summed over units, mean over days; select one day to see its value."
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
    label: "Outstanding receivables"
    group_label: "Snapshots"
    description: "Net open balances per location, locations with a net below 10 left out. Summed over units, mean over days; select one day to see its value."
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
