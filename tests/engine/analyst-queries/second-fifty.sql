-- Median and ninetieth percentile of sold estimates per unit
select business_unit, approx_quantiles(amount, 100)[offset(50)] as median, approx_quantiles(amount, 100)[offset(90)] as p90
from ${ref('int_booked')}
group by business_unit
-- evaluated as:
select distinct business_unit, percentile_disc(amount, 0.5) over (partition by business_unit) as median,
  percentile_disc(amount, 0.9) over (partition by business_unit) as p90
from ${ref('int_booked')};

-- Booked dollars of each month beside the month before and its growth
with monthly as (
  select date_trunc(event_date, month) as month, sum(total_booked) as booked
  from ${ref('daily_kpis')}
  group by month
)
select month, booked, lag(booked, 1, 0) over w as before, round(safe_divide(booked - lag(booked) over w, lag(booked) over w) * 100, 1) as growth
from monthly
window w as (order by month);

-- Units above the average of their kind
select business_unit, kind, booked
from (
  select business_unit, kind, sum(total_booked) as booked from ${ref('weekly_kpis')} group by business_unit, kind
)
where true
qualify booked >= avg(booked) over (partition by kind);

-- The week of each unit with the most leads
select business_unit, max_by(week_start, lead_count * 1000000 - unix_date(week_start)) as best_week, max(lead_count) as leads
from ${ref('weekly_kpis')}
group by business_unit
-- evaluated as:
select business_unit, any_value(week_start having max lead_count * 1000000 - unix_date(week_start)) as best_week, max(lead_count) as leads
from ${ref('weekly_kpis')}
group by business_unit;

-- Leads and bookings for everything in the table
select region, kind, sum(lead_count) as leads, sum(total_booked) as booked
from ${ref('weekly_kpis')}
group by 1, 2;

-- A label such as "W42 (13 Oct)"
select distinct week_start, format('W%02d (%s)', extract(isoweek from week_start), format_date('%e %b', week_start)) as label
from ${ref('weekly_kpis')};

-- Dollars as text for a slide
select business_unit, concat('$', format("%'.2f", sum(total_booked))) as booked
from ${ref('weekly_kpis')}
group by business_unit;

-- Booked dollars in thousands
select week_start, business_unit, cast(round(total_booked / 1000) as int64) as thousands
from ${ref('weekly_kpis')}
where total_booked is not null;

-- Cohorts: months from a customer's first job to each later one
with first_job as (
  select customer_id, min(created_date) as first_date from ${ref('int_job_facts')} where customer_id is not null group by customer_id
)
select date_trunc(first_date, month) as cohort, date_diff(j.created_date, f.first_date, month) as months_later, count(distinct j.customer_id) as customers
from ${ref('int_job_facts')} as j
join first_job as f using (customer_id)
group by cohort, months_later
order by cohort, months_later;

-- Customers who came back within 90 days
select count(*) as customers
from (
  select customer_id
  from ${ref('int_job_facts')}
  where customer_id is not null
  qualify date_diff(created_date, lag(created_date) over (partition by customer_id order by created_date, job_id), day) <= 90
);

-- Days between one job of a customer and the next
select customer_id, job_id, created_date,
  date_diff(lead(created_date) over (partition by customer_id order by created_date, job_id), created_date, day) as days_to_next
from ${ref('int_job_facts')}
where customer_id is not null and created_date is not null;

-- The last known value of receivables carried forward
select event_date, business_unit,
  last_value(outstanding_ar ignore nulls) over (partition by business_unit order by event_date rows between unbounded preceding and current row) as receivables
from ${ref('daily_kpis')};

-- Unpaid invoices as one list per unit
select business_unit_name, array_agg(struct(invoice_id, balance) order by balance desc, invoice_id limit 5) as largest
from ${ref('stg_invoices')}
where balance > 0
group by business_unit_name;

-- The number of invoices in each list
select business_unit_name, array_length(array_agg(distinct location_id ignore nulls)) as locations
from ${ref('stg_invoices')}
group by business_unit_name;

-- Payment splits of each invoice as text
select invoice_id, string_agg(format('%t: %t', payment_id, applied_amount), '; ' order by payment_id, applied_amount) as splits
from ${ref('stg_payment_splits')}
group by invoice_id;

-- The share of estimates by status
select estimate_status, count(*) as estimates, round(100 * count(*) / sum(count(*)) over (), 2) as percent
from ${ref('stg_estimates')}
group by estimate_status
order by estimates desc, estimate_status;

-- Estimates above the average of their job
select estimate_id, job_id, subtotal
from ${ref('stg_estimates')} as e
where subtotal > (select avg(subtotal) from ${ref('stg_estimates')} as o where o.job_id = e.job_id);

-- Jobs with both a sold and a dismissed estimate
select job_id
from ${ref('stg_estimates')}
group by job_id
having logical_or(estimate_status = 'Sold') and logical_or(estimate_status = 'Dismissed');

-- Jobs with an estimate in either list of ids
select job_id from ${ref('stg_jobs')}
where job_id in unnest([1, 2, 3, 5, 8, 13])
  and job_id in (select job_id from ${ref('stg_estimates')} where subtotal > 10);

-- Hours from the creation of a job to its completion
select job_id, timestamp_diff(completed_at, created_at, hour) as hours, timestamp_diff(completed_at, created_at, day) as days
from ${ref('stg_jobs')}
where completed_at is not null;

-- Jobs completed on the day they were created, Phoenix time
select count(*) as jobs
from ${ref('stg_jobs')}
where date(created_at, 'America/Phoenix') = date(completed_at, 'America/Phoenix');

-- Appointments per local weekday and part of day
select format_timestamp('%a', start_at, 'America/Phoenix') as weekday,
  case when extract(hour from start_at at time zone 'America/Phoenix') < 12 then 'morning' else 'afternoon' end as part_of_day,
  count(*) as appointments
from ${ref('stg_appointments')}
where start_at is not null
group by weekday, part_of_day;

-- The average length of an appointment in hours
select round(avg(timestamp_diff(end_at, start_at, minute)) / 60, 2) as hours
from ${ref('stg_appointments')};

-- Invoices per calendar quarter and year
select concat(cast(extract(year from invoice_date) as string), ' Q', cast(extract(quarter from invoice_date) as string)) as quarter, sum(total) as dollars
from ${ref('stg_invoices')}
where invoice_date is not null
group by quarter
order by quarter;

-- Invoices at the end of a month
select invoice_id, invoice_date, last_day(invoice_date) as month_end, date_diff(last_day(invoice_date), invoice_date, day) as days_left
from ${ref('stg_invoices')}
where invoice_date is not null;

-- The next Friday after each payment
select payment_id, paid_on_date, date_add(date_trunc(paid_on_date, week(friday)), interval 1 week) as next_friday
from ${ref('stg_payments')};

-- Costs of jobs as percentages of revenue
select business_unit,
  round(100 * safe_divide(sum(labor_cost), sum(revenue)), 1) as labor,
  round(100 * safe_divide(sum(material_cost), sum(revenue)), 1) as material,
  round(100 * safe_divide(sum(return_amount), nullif(sum(revenue), 0)), 1) as returns
from ${ref('int_job_facts')}
group by business_unit;

-- Kinds of costs in rows, with their share
select job_id, cost, dollars, safe_divide(dollars, sum(dollars) over (partition by job_id)) as share
from (select job_id, labor_cost, material_cost from ${ref('int_job_facts')})
unpivot (dollars for cost in (labor_cost as 'Labor', material_cost as 'Material'));

-- Booked dollars with one column per weekday
select *
from (select business_unit, format_date('%a', event_date) as weekday, total_booked from ${ref('daily_kpis')})
pivot (sum(total_booked) for weekday in ('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'));

-- Regions, units and both totals, with a name for the totals
select if(grouping(k.region) = 1, 'All regions', k.region) as region_name, if(grouping(k.kind) = 1, 'All kinds', k.kind) as kind_name, sum(dollars_produced) as produced
from ${ref('weekly_kpis')} as k
group by cube (k.region, k.kind)
-- evaluated as:
select region, kind, sum(dollars_produced) as produced from ${ref('weekly_kpis')} group by region, kind
union all select region, 'All kinds', sum(dollars_produced) from ${ref('weekly_kpis')} group by region
union all select 'All regions', kind, sum(dollars_produced) from ${ref('weekly_kpis')} group by kind
union all select 'All regions', 'All kinds', sum(dollars_produced) from ${ref('weekly_kpis')};

-- Pay by activity with a grand total
select activity, sum(amount) as paid, sum(amount_adjustment) as adjusted
from ${ref('stg_gross_pay_items')}
group by grouping sets ((activity), ())
-- evaluated as:
select activity, sum(amount) as paid, sum(amount_adjustment) as adjusted from ${ref('stg_gross_pay_items')} group by activity
union all select null, sum(amount), sum(amount_adjustment) from ${ref('stg_gross_pay_items')};

-- Employees who were paid in every week of the data
select employee_id
from ${ref('stg_gross_pay_items')}
group by employee_id
having count(distinct date_trunc(pay_date, isoweek)) = (
  select count(distinct date_trunc(pay_date, isoweek)) from ${ref('stg_gross_pay_items')}
)
or employee_id < 10;

-- The gap between screen and mart in classes
select case
    when difference is null then 'no value'
    when abs(difference) <= tolerance then 'within tolerance'
    when abs(difference) <= 10 * tolerance then 'near'
    else 'far' end as class,
  count(*) as cells, string_agg(distinct kpi, ', ' order by kpi) as kpis
from ${ref('kpi_reconciliation')}
group by class;

-- KPIs of a week as one JSON text per unit
select business_unit, to_json_string(struct(week_start, lead_count, total_booked, close_rate_percent)) as kpis
from ${ref('weekly_kpis')};

-- A stable key of each row
select to_hex(md5(concat(cast(week_start as string), '|', business_unit))) as row_key, week_start, business_unit
from ${ref('weekly_kpis')};

-- Deciles of jobs by revenue
select decile, count(*) as jobs, min(revenue) as smallest, max(revenue) as largest, sum(revenue) as revenue
from (
  select revenue, ntile(10) over (order by revenue, job_id) as decile from ${ref('int_job_facts')} where revenue > 0
)
group by decile
order by decile;

-- How many jobs make 80 per cent of the revenue
select countif(running <= 0.8 * total) + 1 as jobs
from (
  select sum(revenue) over (order by revenue desc, job_id) as running, sum(revenue) over () as total
  from ${ref('int_job_facts')}
  where revenue > 0
);

-- Streaks of days with bookings
with booked_days as (
  select distinct business_unit, event_date from ${ref('int_booked')} where business_unit is not null
), islands as (
  select business_unit, event_date,
    date_sub(event_date, interval row_number() over (partition by business_unit order by event_date) day) as island
  from booked_days
)
select business_unit, min(event_date) as first_day, max(event_date) as last_day, count(*) as days
from islands
group by business_unit, island;

-- A calendar of weeks made by recursion
with recursive weeks as (
  select date '2025-10-06' as week_start
  union all
  select date_add(week_start, interval 7 day) from weeks where week_start < date '2025-11-24'
)
select w.week_start, coalesce(sum(k.total_booked), 0) as booked
from weeks as w
left join ${ref('weekly_kpis')} as k using (week_start)
group by w.week_start;

-- A linear pace for the month against what is booked
select business_unit, event_date, sum(total_booked) over (partition by business_unit order by event_date) as booked,
  cast(extract(day from event_date) as numeric) / extract(day from last_day(event_date)) * 100000 as pace
from ${ref('daily_kpis')}
where business_unit = 'Nevada-Sales';

-- The weighted close rate of the last four weeks
select week_start, business_unit,
  round(100 * safe_divide(
    sum(closed_opportunities) over last_four,
    sum(sales_opportunities) over last_four), 1) as close_rate
from ${ref('weekly_kpis')}
window last_four as (partition by business_unit order by week_start rows between 3 preceding and current row);

-- Sums over the seven days up to each day by date, not by row
select event_date, business_unit,
  sum(lead_count) over (partition by business_unit order by unix_date(event_date) range between 6 preceding and current row) as leads
from ${ref('daily_kpis')};

-- Technicians with their number of assignments, also those with none
select t.technician_id, coalesce(t.team, 'no team') as team, count(a.job_id) as assignments
from ${ref('stg_technicians')} as t
left join ${ref('stg_appointment_assignments')} as a on a.technician_id = t.technician_id and a.is_active
group by t.technician_id, team;

-- Purchase orders not received within a week
select purchase_order_id, job_id, date_diff(date(received_at), purchase_order_date, day) as days
from ${ref('stg_purchase_orders')}
where received_at is null or date(received_at) > date_add(purchase_order_date, interval 1 week)
order by days desc nulls last, purchase_order_id
limit 10 offset 0;

-- Locations by the first three digits of the postal code
select left(zip, 3) as area, count(*) as locations, count(distinct customer_id) as customers
from ${ref('stg_locations')}
group by area;

-- Campaign names in one form
select campaign_id, initcap(trim(regexp_replace(lower(coalesce(campaign_name, '')), r'[_\-]+', ' '))) as name
from ${ref('stg_campaigns')};

-- Numbers in a job number
select job_id, safe_cast(regexp_extract(job_number, r'\d+') as int64) as number, regexp_contains(job_number, r'^\d+$') as is_number
from ${ref('stg_jobs')};

-- Units whose name contains "phoenix" in any case
select business_unit, region
from ${ref('int_kpi_units')}
where contains_substr(business_unit, 'phoenix')
-- evaluated as:
select business_unit, region from ${ref('int_kpi_units')} where strpos(lower(business_unit), 'phoenix') > 0;

-- The report's numbers in long form from several models
select 'leads' as measure, business_unit, cast(sum(lead_count) as numeric) as value from ${ref('weekly_kpis')} group by business_unit
union all
select 'collected', business_unit, sum(amount) from ${ref('int_collected')} group by business_unit
union all
select 'open', business_unit, sum(open_balance) from ${ref('int_invoiced')} group by business_unit
order by measure, business_unit;

-- Rows of the last seven days before today
select event_date, business_unit, total_booked
from ${ref('daily_kpis')}
where event_date >= date_sub(current_date('America/Phoenix'), interval 3650 day) and event_date < current_date()
order by event_date desc, business_unit
limit 20;
