connection: "bigquery"

include: "/daily_kpis.view.lkml"

week_start_day: monday

# The mart is built once a night; what was asked since then is answered again without a query.
datagroup: night {
  sql_trigger: select max(checked_at) from `@{logs}.assertion_results` ;;
  max_cache_age: "24 hours"
}

persist_with: night

explore: daily_kpis {
  label: "Daily KPIs"
  description: "Ten KPIs per day and business unit, proved against the ServiceTitan screens."

  # The mart is partitioned by day: without a filter every question reads all of it.
  always_filter: {
    filters: [daily_kpis.event_date: "12 weeks"]
  }
}
