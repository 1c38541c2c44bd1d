connection: "bigquery"

include: "/daily_kpis.view.lkml"

week_start_day: monday

# What was asked is answered again without a query until a number of the mart changes, by a night or by hand.
datagroup: night {
  sql_trigger: select bit_xor(farm_fingerprint(to_json_string(kpis))) from `@{mart}.daily_kpis` as kpis ;;
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
