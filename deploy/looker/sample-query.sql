-- Each KPI per region and week, with the same numbers as in the explore. A ratio divides two sums. A snapshot is summed over
-- units, and its value is the mean over the days that have one. lead_count is missing, because a customer counts once per
-- week: read it from weekly_kpis.
select
  date_trunc(event_date, week(monday)) as week_start,
  region,
  sum(lead_job_count) as lead_job_count,
  sum(num_estimates) as num_estimates,
  sum(sales_opportunities) as sales_opportunities,
  sum(closed_opportunities) as closed_opportunities,
  sum(closed_sales_amount) as closed_sales_amount,
  sum(total_booked) as total_booked,
  sum(sales_opportunities_vendor) as sales_opportunities_vendor,
  sum(closed_opportunities_vendor) as closed_opportunities_vendor,
  round(
    100 * cast(sum(closed_opportunities) as numeric)
    / nullif(greatest(cast(sum(sales_opportunities) as numeric), 0), 0),
    2
  ) as close_rate_percent,
  round(
    cast(sum(closed_sales_amount) as numeric)
    / nullif(greatest(cast(sum(closed_opportunities) as numeric), 0), 0),
    2
  ) as closed_average_sale,
  round(
    100 * cast(sum(closed_opportunities_vendor) as numeric)
    / nullif(greatest(cast(sum(sales_opportunities_vendor) as numeric), 0), 0),
    2
  ) as close_rate_vendor_percent,
  sum(dollars_produced) as dollars_produced,
  sum(dollars_invoiced) as dollars_invoiced,
  sum(labor_cost) as labor_cost,
  sum(material_cost) as material_cost,
  sum(return_amount) as return_amount,
  sum(gross_profit) as gross_profit,
  sum(warranty_cost) as warranty_cost,
  sum(dollars_collected) as dollars_collected,
  round(
    100 * cast(sum(gross_profit) as numeric)
    / nullif(greatest(cast(sum(dollars_produced) as numeric), 0), 0),
    2
  ) as gpm_percent,
  round(
    100 * cast(sum(warranty_cost) as numeric)
    / nullif(greatest(cast(sum(dollars_produced) as numeric), 0), 0),
    2
  ) as warranty_percent,
  round(
    sum(future_bookings) / nullif(count(distinct if(future_bookings is null, null, event_date)), 0),
    2
  ) as future_bookings,
  round(
    sum(future_bookings_after_today) / nullif(count(distinct if(future_bookings_after_today is null, null, event_date)), 0),
    2
  ) as future_bookings_after_today,
  round(
    sum(outstanding_ar) / nullif(count(distinct if(outstanding_ar is null, null, event_date)), 0),
    2
  ) as outstanding_ar
from st_mart_v2.daily_kpis
where event_date between '2025-08-18' and '2025-10-26'
group by week_start, region
order by week_start, region
