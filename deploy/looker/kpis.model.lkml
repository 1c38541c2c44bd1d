connection: "bigquery"

include: "/daily_kpis.view.lkml"

week_start_day: monday

# Looker answers from its cache until a number in the mart changes, by a nightly run or by hand.
datagroup: night {
  sql_trigger: select bit_xor(farm_fingerprint(to_json_string(kpis))) from `@{mart}.daily_kpis` as kpis ;;
  max_cache_age: "24 hours"
}

persist_with: night

explore: daily_kpis {
  label: "Daily KPIs"
  description: "Ten KPIs per day and business unit, compared with the ServiceTitan screens."

  # The mart is partitioned by month. Without this filter every query would read all of it.
  always_filter: {
    filters: [daily_kpis.event_date: "12 weeks"]
  }
}
