-- Booked dollars per region and month, with the months as columns
select *
from (
  select region, format_date('%b_%Y', event_date) as month, total_booked
  from ${ref('daily_kpis')}
  where extract(year from event_date) = 2025
)
pivot (sum(total_booked) as booked, count(*) as days for month in ('Sep_2025', 'Oct_2025'))
order by region;

-- Booked dollars over the last 28 days, by day, for each sales unit
select
  event_date,
  business_unit,
  sum(total_booked) over last_28_days as booked_28_days,
  avg(total_booked) over last_28_days as average_28_days
from ${ref('daily_kpis')}
where kind in ('sales', 'both')
window last_28_days as (
  partition by business_unit
  order by unix_date(event_date)
  range between 27 preceding and current row
);

-- Revenue quartiles of produced jobs per unit
select distinct
  business_unit,
  percentile_cont(revenue, 0.25) over (partition by business_unit) as lower_quartile,
  percentile_cont(revenue, 0.5) over (partition by business_unit) as median,
  percentile_cont(revenue, 0.75) over (partition by business_unit) as upper_quartile
from ${ref('int_produced')}
where revenue > 0;

-- Jobs of the top decile of revenue and their share of all revenue
with ranked as (
  select job_id, revenue, ntile(10) over (order by revenue desc, job_id) as decile
  from ${ref('int_produced')}
)
select
  decile,
  count(*) as jobs,
  sum(revenue) as revenue,
  round(100 * safe_divide(sum(revenue), sum(sum(revenue)) over ()), 1) as percent_of_all,
  round(100 * safe_divide(sum(sum(revenue)) over (order by decile), sum(sum(revenue)) over ()), 1) as cumulative
from ranked
group by decile
order by decile;

-- Chains of recalls: the first job, the last job, how many times we went back
with recursive chains as (
  select job_id as first_job_id, job_id, 0 as depth
  from ${ref('stg_jobs')}
  where recall_for_job_id is null
  union all
  select chains.first_job_id, jobs.job_id, chains.depth + 1
  from chains
  join ${ref('stg_jobs')} as jobs on jobs.recall_for_job_id = chains.job_id
  where chains.depth < 5
)
select first_job_id, max(depth) as visits_back, array_agg(job_id order by depth desc, job_id limit 1)[safe_offset(0)] as last_job_id
from chains
group by first_job_id
having max(depth) > 0
order by visits_back desc, first_job_id;

-- Tags of jobs: how many jobs have each, and how often it is the first tag
select tag_id, count(distinct jobs.id) as jobs, countif(position = 0) as times_first
from ${ref('raw_jobs')} as jobs, unnest(jobs.tagTypeIds) as tag_id with offset as position
group by tag_id
order by jobs desc, tag_id;

-- Three largest sold estimates of each unit as one JSON text
select
  business_unit,
  to_json_string(array_agg(struct(estimate_id, event_date, amount) order by amount desc, estimate_id limit 3)) as largest
from ${ref('int_booked')}
group by business_unit;

-- Weeks in which close rate fell by more than ten points from the week before
select
  business_unit,
  week_start,
  close_rate_percent,
  lag(close_rate_percent) over unit_weeks as week_before,
  close_rate_percent - lag(close_rate_percent) over unit_weeks as change
from ${ref('weekly_kpis')}
where kind <> 'production'
qualify close_rate_percent - lag(close_rate_percent) over unit_weeks < -10
window unit_weeks as (partition by business_unit order by week_start)
order by change, business_unit;

-- Totals by region and unit with subtotals
select
  if(grouping(region) = 1, 'Company', region) as region_name,
  if(grouping(business_unit) = 1, 'All units', business_unit) as unit_name,
  sum(dollars_produced) as produced,
  sum(dollars_collected) as collected
from ${ref('daily_kpis')}
group by rollup (region, business_unit)
order by grouping(region), region, grouping(business_unit), business_unit
-- evaluated as:
select region as region_name, business_unit as unit_name, sum(dollars_produced) as produced, sum(dollars_collected) as collected
from ${ref('daily_kpis')}
group by region, business_unit
union all
select region, 'All units', sum(dollars_produced), sum(dollars_collected) from ${ref('daily_kpis')} group by region
union all
select 'Company', 'All units', sum(dollars_produced), sum(dollars_collected) from ${ref('daily_kpis')};

-- Days from creation of a lead's job to its completion, as a histogram of buckets
select
  case
    when days < 0 then 'before'
    when days between 0 and 1 then '0-1'
    when days between 2 and 7 then '2-7'
    when days > 7 then '8+'
    else 'open'
  end as bucket,
  count(*) as jobs,
  repeat('#', cast(least(count(*), 40) as int64)) as bar
from (
  select date_diff(completed_date, created_date, day) as days
  from ${ref('int_job_facts')}
  where is_estimate
)
group by bucket
order by bucket;

-- Heat map of appointments: weekday by hour, local time
select
  format_timestamp('%A', start_at, 'America/Phoenix') as weekday,
  extract(dayofweek from start_at at time zone 'America/Phoenix') as weekday_number,
  extract(hour from start_at at time zone 'America/Phoenix') as hour,
  count(*) as appointments,
  sum(timestamp_diff(end_at, start_at, minute)) / 60 as hours
from ${ref('stg_appointments')}
where is_active and start_at is not null
group by weekday, weekday_number, hour
order by weekday_number, hour;

-- Days without any booked dollars in October, from a generated calendar
select day, extract(dayofweek from day) in (1, 7) as is_weekend
from unnest(generate_date_array(date '2025-10-01', date '2025-10-26')) as day
left join ${ref('int_booked')} as booked on booked.event_date = day
where booked.estimate_id is null
order by day;

-- Longest run of days with produced dollars, per production unit
with days as (
  select
    business_unit,
    event_date,
    date_sub(event_date, interval row_number() over (partition by business_unit order by event_date) day) as island
  from ${ref('daily_kpis')}
  where dollars_produced > 0
)
select business_unit, min(event_date) as first_day, max(event_date) as last_day, count(*) as length
from days
group by business_unit, island
qualify row_number() over (partition by business_unit order by length desc, first_day) = 1;

-- Collected against produced, each month, running through the year
with months as (
  select date_trunc(event_date, month) as month, sum(dollars_collected) as collected, sum(dollars_produced) as produced
  from ${ref('daily_kpis')}
  group by month
)
select
  month,
  format('%.2f', collected) as collected,
  format("%'.0f", produced) as produced,
  sum(collected) over (partition by date_trunc(month, year) order by month rows unbounded preceding) as collected_this_year
from months
order by month;

-- Long form of three KPIs of a week
select week_start, business_unit, measure, dollars
from ${ref('weekly_kpis')}
unpivot include nulls (dollars for measure in (total_booked as 'Booked', dollars_produced as 'Produced', dollars_collected as 'Collected'))
where week_start >= '2025-10-06'
order by week_start, business_unit, measure;

-- Invoices by age of their balance on the 26th
select
  range_bucket(date_diff(date '2025-10-26', event_date, day), [0, 31, 61, 91]) as age_bucket,
  count(*) as invoices,
  sum(open_balance) as balance,
  max(open_balance) as largest
from ${ref('int_invoiced')}
where open_balance != 0
group by 1
order by 1;

-- Sampled jobs for an audit: a stable tenth of them
select job_id, job_status, revenue
from ${ref('int_job_facts')}
where mod(cast(concat('0x', substr(to_hex(sha256(cast(job_id as string))), 1, 12)) as int64), 10) = 0
order by job_id;

-- Units whose sales are most unequal: standard deviation over mean of estimates
select
  business_unit,
  count(*) as estimates,
  round(avg(amount), 2) as mean,
  round(stddev_samp(amount), 2) as deviation,
  round(safe_divide(stddev_samp(amount), avg(amount)), 4) as coefficient
from ${ref('int_booked')}
group by business_unit
having count(*) > 1
order by coefficient desc, business_unit;

-- Correlation of leads and booked dollars per unit over the weeks
select business_unit, round(corr(lead_count, total_booked), 6) as correlation, round(covar_pop(lead_count, total_booked), 3) as covariance
from ${ref('weekly_kpis')}
where lead_count is not null and total_booked is not null
group by business_unit;

-- Most frequent job types of produced jobs
select approx_top_count(job_type_name, 3) as most_frequent
from ${ref('int_job_facts')}
where job_status = 'Completed'
-- evaluated as:
select array(
  select as struct job_type_name as value, count(*) as count
  from ${ref('int_job_facts')}
  where job_status = 'Completed'
  group by job_type_name
  order by count desc, value nulls last
  limit 3
) as most_frequent;

-- Status of jobs, as columns, by job type
select
  coalesce(job_type_name, '(none)') as job_type,
  countif(job_status = 'Completed') as completed,
  countif(job_status in ('Scheduled', 'Hold', 'InProgress')) as open,
  countif(job_status = 'Canceled') as canceled,
  format('%5.1f%%', 100 * ieee_divide(countif(job_status = 'Canceled'), count(*))) as canceled_percent
from ${ref('int_job_facts')}
group by job_type
order by canceled desc, job_type;

-- First and last sale of each unit in a month, and which estimate was the largest
select
  business_unit,
  date_trunc(event_date, month) as month,
  min(event_date) as first_sale,
  last_day(max(event_date), week(monday)) as week_of_last_sale_ends,
  max_by(estimate_id, amount) as largest_estimate,
  any_value(job_id having max amount) as its_job
from ${ref('int_booked')}
where amount > 0
group by business_unit, month
having count(*) = count(distinct amount)
order by business_unit, month
-- evaluated as:
select
  business_unit,
  date_trunc(event_date, month) as month,
  min(event_date) as first_sale,
  last_day(max(event_date), week(monday)) as week_of_last_sale_ends,
  any_value(estimate_id having max amount) as largest_estimate,
  any_value(job_id having max amount) as its_job
from ${ref('int_booked')}
where amount > 0
group by business_unit, month
having count(*) = count(distinct amount)
order by business_unit, month;

-- Payments that came more than three days after the invoice
select
  payment_id,
  invoice_id,
  collections.event_date as paid_on,
  invoices.invoice_date,
  date_diff(collections.event_date, invoices.invoice_date, week(monday)) as weeks_late
from ${ref('int_collections')} as collections
join ${ref('stg_invoices')} as invoices using (invoice_id)
where collections.event_date > date_add(invoices.invoice_date, interval 3 day)
order by weeks_late desc, payment_id, invoice_id;

-- Customers with leads in more than one week
select
  customer_id,
  count(distinct date_trunc(event_date, isoweek)) as weeks,
  string_agg(distinct format_date('%G-W%V', event_date), ', ' order by format_date('%G-W%V', event_date)) as which,
  array_length(array_agg(distinct business_unit)) as units
from ${ref('int_leads')}
group by customer_id
having weeks > 1
order by weeks desc, customer_id;

-- Estimate lines: the part of each line in its estimate
select
  estimates.id as estimate_id,
  offset + 1 as line,
  upper(trim(item.sku.name)) as sku,
  item.qty,
  item.total,
  round(safe_divide(item.total, sum(item.total) over (partition by estimates.id, estimates._extracted_at)), 3) as part
from ${ref('raw_estimates')} as estimates
cross join unnest(estimates.items) as item with offset
where item.total is not null
order by estimate_id, line;

-- Custom fields of jobs, one row per field name with its values
select
  regexp_replace(lower(field.name), r'[^a-z0-9]+', '_') as field_name,
  count(*) as jobs,
  count(distinct field.value) as different_values,
  array_to_string(array_agg(distinct field.value ignore nulls order by field.value limit 3), ' | ') as examples
from ${ref('raw_jobs')} as jobs
left join unnest(jobs.customFields) as field
where field.name is not null
group by field_name;

-- Gross margin per unit and ISO week, with its rank in the week
with weeks as (
  select
    extract(isoyear from event_date) as year,
    extract(isoweek from event_date) as week,
    business_unit,
    safe_divide(sum(revenue - job_cost), sum(revenue)) as margin
  from ${ref('int_produced')}
  where event_date is not null
  group by year, week, business_unit
)
select year, week, business_unit, round(100 * margin, 2) as margin_percent,
  rank() over (partition by year, week order by margin desc nulls last) as place
from weeks
order by year, week, place, business_unit;

-- Labor cost per technician team, from pay items
select
  ifnull(nullif(trim(technicians.team), ''), 'no team') as team,
  sum(items.amount + items.amount_adjustment) as pay,
  count(distinct items.job_id) as jobs,
  safe_divide(sum(items.amount + items.amount_adjustment), count(distinct items.job_id)) as pay_per_job
from ${ref('stg_gross_pay_items')} as items
left join ${ref('stg_technicians')} as technicians
  on technicians.technician_id = items.employee_id and technicians.is_active and items.is_active
group by team
order by pay desc nulls last;

-- Sold estimates with their job, if the job was completed
select
  booked.estimate_id,
  booked.amount,
  jobs.completed_date
from ${ref('int_booked')} as booked
left join ${ref('int_job_facts')} as jobs
  on jobs.job_id = booked.job_id and booked.amount > 100 and jobs.job_status = 'Completed'
order by booked.estimate_id;

-- Booked this month so far beside the same days of the month before
with per_day as (
  select event_date, sum(total_booked) as booked
  from ${ref('daily_kpis')}
  group by event_date
)
select
  this_month.event_date,
  sum(this_month.booked) over (order by this_month.event_date) as so_far,
  (
    select sum(before.booked)
    from per_day as before
    where before.event_date between date_trunc(date_sub(this_month.event_date, interval 1 month), month)
      and date_sub(this_month.event_date, interval 1 month)
  ) as month_before
from per_day as this_month
where date_trunc(this_month.event_date, month) = '2025-10-01'
order by this_month.event_date;

-- Customers' addresses: zip codes cleaned to five digits
select
  regexp_extract(zip, r'^\s*(\d{5})') as zip5,
  length(zip) as characters,
  starts_with(zip, '85') as is_phoenix,
  count(*) as locations
from ${ref('stg_locations')}
group by zip5, characters, is_phoenix
order by locations desc, zip5, characters;

-- What the schema does not know, by name of the field
select key, count(*) as records
from ${ref('raw_jobs')} as jobs
left join unnest(regexp_extract_all(to_json_string(jobs._extra), r'"([A-Za-z]+)":')) as key
group by key
order by records desc, key;

-- Which screen values are off, worst first in relation to the screen
select
  kpi,
  business_unit,
  format('%t - %t', period_start, period_end) as period,
  ui_value,
  our_value,
  concat(if(difference > 0, '+', ''), cast(difference as string)) as difference,
  safe_divide(abs(difference), nullif(abs(ui_value), 0)) as relative
from ${ref('kpi_reconciliation')}
where verdict != 'GREEN'
order by relative desc nulls last, kpi, business_unit, period;

-- Runs of the log per day: the share that succeeded, and the longest
select
  run_date,
  entity,
  logical_and(status = 'success') as all_good,
  max(timestamp_diff(end_time, start_time, millisecond)) as longest_ms,
  bit_or(if(status = 'failed', 1, 0)) as any_failed,
  sum(ifnull(records_new, 0)) as new_records
from ${ref('ingestion_logs')}
group by run_date, entity
order by run_date, entity;

-- A week's scorecard as a struct per unit
select
  business_unit,
  struct(sum(lead_count) as leads, sum(total_booked) as booked, sum(dollars_produced) as produced).booked as booked,
  [min(week_start), max(week_start)] as weeks
from ${ref('weekly_kpis')}
where week_start between date_sub(date '2025-10-20', interval 3 week) and '2025-10-20'
group by business_unit
order by business_unit;

-- Exponentially weighted booked dollars: newer weeks count more
select
  business_unit,
  round(sum(total_booked * cast(pow(0.8, date_diff(date '2025-10-20', week_start, week)) as numeric)), 2) as weighted
from ${ref('weekly_kpis')}
where total_booked is not null and week_start <= '2025-10-20'
group by business_unit
order by weighted desc, business_unit;

-- Every combination of kind and region, with grand totals
select kind, region, count(distinct business_unit) as units, sum(total_booked) as booked
from ${ref('daily_kpis')}
group by grouping sets ((kind, region), (kind), ())
order by kind nulls last, region nulls last
-- evaluated as:
select kind, region, count(distinct business_unit) as units, sum(total_booked) as booked from ${ref('daily_kpis')} group by kind, region
union all
select kind, null, count(distinct business_unit), sum(total_booked) from ${ref('daily_kpis')} group by kind
union all
select null, null, count(distinct business_unit), sum(total_booked) from ${ref('daily_kpis')};

-- Jobs whose completion is in another week than their start, with the fiscal quarters (the year begins in July)
select
  job_id,
  format('FY%d-Q%d', extract(year from date_add(job_start_date, interval 6 month)), extract(quarter from date_add(job_start_date, interval 6 month))) as started,
  format('FY%d-Q%d', extract(year from date_add(completed_date, interval 6 month)), extract(quarter from date_add(completed_date, interval 6 month))) as completed
from ${ref('int_job_facts')}
where date_trunc(job_start_date, week) <> date_trunc(completed_date, week)
order by job_id;

-- Opportunities per weekday: close rate with a smoothed estimate
select
  format_date('%a', event_date) as weekday,
  count(*) as opportunities,
  countif(is_closed) as closed,
  round((countif(is_closed) + 1) / (count(*) + 2), 4) as smoothed,
  round(sqrt(safe_divide(countif(is_closed) * countif(not is_closed), pow(count(*), 3))), 6) as standard_error
from ${ref('int_opportunities')}
group by weekday
order by min(extract(dayofweek from event_date));

-- Units that are in the reference and never had a fact, and the other way round
(
  select 'no facts' as what, business_unit from ${ref('int_kpi_units')}
  except distinct
  select 'no facts', business_unit from ${ref('int_facts')}
)
union all
(
  select 'unknown unit', business_unit from ${ref('int_facts')}
  except distinct
  select 'unknown unit', business_unit from ${ref('int_kpi_units')}
)
order by what, business_unit;

-- Gaps between sales of a unit: days since the sale before, and until the next
select
  business_unit,
  event_date,
  date_diff(event_date, lag(event_date) over by_unit, day) as since_last,
  date_diff(lead(event_date) over by_unit, event_date, day) as until_next,
  first_value(amount) over (by_unit rows between unbounded preceding and unbounded following) as first_amount,
  nth_value(amount, 2) over (by_unit rows between unbounded preceding and unbounded following) as second_amount
from ${ref('int_booked')}
window by_unit as (partition by business_unit order by event_date, estimate_id);

-- Balance per customer, only those above the average customer
with balances as (
  select customer_id, sum(balance) as balance
  from ${ref('stg_invoices')}
  where is_active
  group by customer_id
)
select customer_id, balance, balance - (select avg(balance) from balances) as above_average
from balances
where balance > (select avg(balance) from balances)
order by balance desc, customer_id;

-- Jobs with any material line but no purchase order
select job_id
from ${ref('stg_invoices')} as invoices
where exists (
    select 1
    from ${ref('stg_invoice_items')} as items
    where items.invoice_id = invoices.invoice_id and items.item_type like 'Mat%'
  )
  and not exists (
    select 1 from ${ref('stg_purchase_orders')} as orders where orders.job_id = invoices.job_id
  )
  and job_id is not null
group by job_id
order by job_id;

-- Text of a message: this week's booked dollars per region, in one line
select string_agg(line, '; ' order by booked desc, line) as message
from (
  select
    initcap(region) || ' ' || format("$%'d", cast(round(sum(total_booked)) as int64)) as line,
    sum(total_booked) as booked
  from ${ref('weekly_kpis')}
  where week_start = date_trunc(date '2025-10-22', week(monday)) and total_booked is not null
  group by region
);

-- Technicians per appointment: who works alone, and which pairs work together most
with crews as (
  select appointment_id, array_agg(distinct technician_id ignore nulls order by technician_id) as crew
  from ${ref('stg_appointment_assignments')}
  where is_active
  group by appointment_id
)
select first, second, count(*) as appointments
from crews, unnest(crew) as first with offset as i, unnest(crew) as second with offset as j
where i <= j
group by first, second
order by appointments desc, first, second
limit 10;

-- Parsed dates of a typed list, wrong ones as NULL, joined to the calendar
select typed, safe.parse_date('%m/%d/%Y', typed) as day, calendar.iso_week
from unnest(['10/06/2025', '2025-10-07', '13/45/2025', ' 10/20/2025', null]) as typed with offset as position
left join ${ref('int_calendar')} as calendar on calendar.calendar_date = safe.parse_date('%m/%d/%Y', typed)
order by position;

-- Value of a KPI a year ago beside it, growth in words
select
  business_unit,
  week_start,
  value,
  value_year_before,
  case sign(value - value_year_before) when 1 then 'up' when -1 then 'down' when 0 then 'same' else 'unknown' end as direction,
  concat(cast(round(100 * safe_divide(value - value_year_before, value_year_before)) as string), ' %') as growth
from ${ref('weekly_kpis_yoy')}
where kpi = 'total_booked' and week_start >= '2025-09-01'
order by business_unit, week_start;

-- Margin of error of the median job: bootstrap-free order statistics
with sorted as (
  select business_unit, array_agg(revenue order by revenue) as revenues
  from ${ref('int_produced')}
  group by business_unit
)
select
  business_unit,
  revenues[safe_ordinal(cast(ceil(array_length(revenues) / 2) as int64))] as median_low,
  (select avg(value) from unnest(revenues) as value with offset as i where i between 1 and array_length(revenues) - 2) as trimmed_mean
from sorted;

-- Time from a job's creation to the first appointment, formatted as hours and minutes
select
  jobs.job_id,
  timestamp_diff(min(appointments.start_at), jobs.created_at, minute) as minutes,
  format('%d:%02d', div(timestamp_diff(min(appointments.start_at), jobs.created_at, minute), 60), mod(timestamp_diff(min(appointments.start_at), jobs.created_at, minute), 60)) as hours_minutes,
  datetime(min(appointments.start_at), 'America/Phoenix') as local_start,
  time_trunc(time(min(appointments.start_at), 'America/Phoenix'), hour) as slot
from ${ref('stg_jobs')} as jobs
join ${ref('stg_appointments')} as appointments on appointments.job_id = jobs.job_id and not appointments.is_unused
where appointments.start_at >= jobs.created_at
group by jobs.job_id, jobs.created_at
order by minutes desc, jobs.job_id;

-- The last seven days that are over, by unit
select business_unit, sum(total_booked) as booked
from ${ref('daily_kpis')}
where event_date between date_sub(current_date('America/Phoenix'), interval 3650 day) and date_sub(current_date('America/Phoenix'), interval 1 day)
group by business_unit
order by booked desc nulls last, business_unit;
