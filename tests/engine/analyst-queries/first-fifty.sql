-- Booked and produced per week for each sales unit
select date_trunc(event_date, week(monday)) as week_start, business_unit, sum(total_booked) as booked, sum(dollars_produced) as produced
from ${ref('daily_kpis')}
where kind = 'sales'
group by week_start, business_unit
order by week_start, business_unit;

-- Close rate per month
select date_trunc(event_date, month) as month, safe_divide(sum(closed_opportunities), sum(sales_opportunities)) as close_rate
from ${ref('daily_kpis')}
group by month
order by month;

-- Running total of booked in the month for each unit
select event_date, business_unit, total_booked,
  sum(total_booked) over (partition by business_unit, date_trunc(event_date, month) order by event_date) as booked_to_date
from ${ref('daily_kpis')}
where business_unit is not null;

-- Seven-day moving average of leads
select event_date, business_unit,
  avg(lead_count) over (partition by business_unit order by event_date rows between 6 preceding and current row) as leads_7d
from ${ref('daily_kpis')};

-- Change against the week before
select week_start, business_unit, total_booked,
  total_booked - lag(total_booked) over (partition by business_unit order by week_start) as change,
  round(100 * safe_divide(total_booked - lag(total_booked) over (partition by business_unit order by week_start),
    lag(total_booked) over (partition by business_unit order by week_start)), 1) as change_percent
from ${ref('weekly_kpis')};

-- The five best units by booked dollars
select business_unit, sum(total_booked) as booked
from ${ref('daily_kpis')}
group by business_unit
order by booked desc, business_unit
limit 5;

-- Rank of the units in each week
select week_start, business_unit, total_booked, rank() over (partition by week_start order by total_booked desc) as place
from ${ref('weekly_kpis')}
where kind = 'sales';

-- The share of each unit in a week's booked dollars
select week_start, business_unit, safe_divide(total_booked, sum(total_booked) over (partition by week_start)) as share
from ${ref('weekly_kpis')};

-- Leads and estimates between two dates
select business_unit, sum(lead_count) as leads, sum(num_estimates) as estimates
from ${ref('daily_kpis')}
where event_date between '2025-10-06' and '2025-10-19'
group by business_unit
having leads > 0;

-- The average of a sold estimate
select business_unit, count(*) as sold, avg(amount) as average_ticket, min(amount) as smallest, max(amount) as largest
from ${ref('int_booked')}
group by business_unit;

-- Booked per weekday
select format_date('%A', event_date) as weekday, extract(dayofweek from event_date) as weekday_number, sum(total_booked) as booked
from ${ref('daily_kpis')}
group by weekday, weekday_number
order by weekday_number;

-- Months as text
select format_date('%Y-%m', event_date) as month, region, sum(dollars_collected) as collected
from ${ref('daily_kpis')}
group by 1, 2;

-- Size classes of jobs
select case when revenue >= 1000 then 'large' when revenue >= 100 then 'medium' when revenue > 0 then 'small' else 'none' end as size,
  count(*) as jobs, sum(revenue) as revenue
from ${ref('int_job_facts')}
group by size;

-- Words for a status
select case job_status when 'Completed' then 'done' when 'Canceled' then 'lost' else 'open' end as state, count(*) as jobs
from ${ref('stg_jobs')}
group by state;

-- Gross margin per job, worst first
select job_id, revenue, job_cost, revenue - job_cost as profit, round(safe_divide(revenue - job_cost, revenue) * 100, 2) as margin
from ${ref('int_job_facts')}
where revenue <> 0
order by margin, job_id
limit 20;

-- Days from lead to start
select business_unit, avg(date_diff(job_start_date, created_date, day)) as days_to_start
from ${ref('int_job_facts')}
where job_start_date is not null
group by business_unit;

-- Customers with more than one job
select customer_id, count(distinct job_id) as jobs, string_agg(job_number, ', ' order by job_id) as numbers
from ${ref('stg_jobs')}
group by customer_id
having count(distinct job_id) > 1;

-- The newest estimate of each job
select job_id, estimate_id, subtotal
from ${ref('stg_estimates')}
qualify row_number() over (partition by job_id order by modified_at desc, estimate_id desc) = 1;

-- Jobs with no invoice
select j.job_id, j.job_status
from ${ref('stg_jobs')} j
left join ${ref('stg_invoices')} i using (job_id)
where i.invoice_id is null;

-- Collected against invoiced
with invoiced as (
  select business_unit, sum(amount) as invoiced from ${ref('int_invoiced')} group by business_unit
), collected as (
  select business_unit, sum(amount) as collected from ${ref('int_collected')} group by business_unit
)
select coalesce(i.business_unit, c.business_unit) as business_unit, ifnull(invoiced, 0) as invoiced, ifnull(collected, 0) as collected,
  ifnull(invoiced, 0) - ifnull(collected, 0) as gap
from invoiced i full outer join collected c on i.business_unit = c.business_unit;

-- Booked with totals per region and over all
select region, business_unit, sum(total_booked) as booked
from ${ref('daily_kpis')}
group by rollup (region, business_unit)
-- evaluated as:
select region, business_unit, sum(total_booked) as booked from ${ref('daily_kpis')} group by region, business_unit
union all select region, null, sum(total_booked) from ${ref('daily_kpis')} group by region
union all select null, null, sum(total_booked) from ${ref('daily_kpis')};

-- Leads as one column per region
select * from (select week_start, region, lead_count from ${ref('weekly_kpis')})
pivot (sum(lead_count) as leads for region in ('Arizona' as arizona, 'Nevada' as nevada));

-- Costs in long form
select event_date, business_unit, cost, dollars
from ${ref('daily_kpis')}
unpivot (dollars for cost in (labor_cost, material_cost, warranty_cost));

-- Upper-case names of units without their suffix
select business_unit, upper(regexp_replace(business_unit, r'-(Sales|Production)$', '')) as market, ends_with(business_unit, 'Sales') as is_sales
from ${ref('int_kpi_units')};

-- The part of the name before the hyphen
select split(business_unit, '-')[safe_offset(0)] as market, split(business_unit, '-')[safe_offset(1)] as type, region
from ${ref('int_kpi_units')};

-- Invoices of the last 30 days before a day
select count(*) as invoices, sum(total) as dollars
from ${ref('stg_invoices')}
where invoice_date >= date_sub(date '2025-10-20', interval 30 day) and is_active;

-- Open balance by age
select case when date_diff(date '2025-10-20', invoice_date, day) <= 30 then '0-30' when date_diff(date '2025-10-20', invoice_date, day) <= 60 then '31-60' else '61+' end as age,
  sum(balance) as open_balance
from ${ref('stg_invoices')}
where balance != 0
group by age
order by age;

-- Local hour at which appointments start
select extract(hour from start_at at time zone 'America/Phoenix') as hour, count(*) as appointments
from ${ref('stg_appointments')}
group by hour
order by hour;

-- Minutes of an appointment
select appointment_id, timestamp_diff(end_at, start_at, minute) as minutes
from ${ref('stg_appointments')}
where end_at > start_at;

-- Local time as text
select appointment_id, format_timestamp('%Y-%m-%d %H:%M', start_at, 'America/Phoenix') as starts
from ${ref('stg_appointments')};

-- First and last booked day of each unit
select business_unit,
  min(event_date) as first_day, max(event_date) as last_day,
  array_agg(amount order by amount desc, estimate_id limit 3) as largest
from ${ref('int_booked')}
group by business_unit;

-- The median of booked amounts
select distinct business_unit, percentile_cont(amount, 0.5) over (partition by business_unit) as median
from ${ref('int_booked')};

-- Quartile of each customer by revenue
select customer_id, revenue, ntile(4) over (order by revenue desc, customer_id) as quartile
from (select customer_id, sum(revenue) as revenue from ${ref('int_job_facts')} where customer_id is not null group by customer_id);

-- The day with the most leads in each unit
select business_unit, any_value(event_date having max ranking) as best_day, max(lead_count) as leads
from (
  select event_date, business_unit, sum(lead_count) as lead_count,
    1000 * sum(lead_count) - unix_date(event_date) / 1000 as ranking
  from ${ref('daily_kpis')} group by 1, 2
)
where lead_count > 0
group by business_unit;

-- Units that booked nothing in a week
select u.business_unit, w.week_start
from ${ref('int_kpi_units')} u
cross join (select distinct week_start from ${ref('int_calendar')}) w
where not exists (
  select 1 from ${ref('weekly_kpis')} k
  where k.business_unit = u.business_unit and k.week_start = w.week_start and k.total_booked > 0
);

-- Units whose screen and mart differ by more than one per cent
select period_start, business_unit, kpi, ui_value, our_value, abs(safe_divide(our_value - ui_value, ui_value)) as off_by
from ${ref('kpi_reconciliation')}
where abs(our_value - ui_value) > 0.01 * abs(ui_value);

-- Verdicts counted
select kpi, countif(verdict = 'match') as matches, countif(verdict != 'match') as others, count(*) as cells
from ${ref('kpi_reconciliation')}
group by kpi
order by kpi;

-- Payments per type and month
select payment_type_id, extract(year from paid_on_date) as year, extract(month from paid_on_date) as month, sum(total) as dollars
from ${ref('stg_payments')}
group by payment_type_id, year, month;

-- Cancelled jobs as a percentage
select business_unit, round(countif(job_status = 'Canceled') / count(*) * 100, 1) as cancelled_percent
from ${ref('int_job_facts')}
group by business_unit;

-- Job types with "estimate" in their name
select job_type_id, trim(job_type_name) as name, length(job_type_name) as letters
from ${ref('stg_job_types')}
where lower(job_type_name) like '%estimate%';

-- Employees without one of the first five units
select role, count(*) as people
from ${ref('stg_employees')}
where business_unit_id is null or business_unit_id > 5
group by role;

-- All ids that occur in jobs but not in estimates
select job_id from ${ref('stg_jobs')}
except distinct
select job_id from ${ref('stg_estimates')};

-- Units in either table
select business_unit from ${ref('int_booked')}
union distinct
select business_unit from ${ref('int_leads')};

-- The weeks of 2025 with ISO numbers
select distinct iso_year, iso_week, concat(cast(iso_year as string), '-W', lpad(cast(iso_week as string), 2, '0')) as label
from ${ref('int_calendar')}
where calendar_date between date '2025-10-01' and date '2025-10-31';

-- A day series with zeros
select day, ifnull(sum(k.total_booked), 0) as booked
from unnest(generate_date_array(date '2025-10-06', date '2025-10-20', interval 1 day)) as day
left join ${ref('daily_kpis')} k on k.event_date = day
group by day
order by day;

-- The first booking of each job and what came after
select job_id, event_date, amount,
  first_value(amount) over (partition by job_id order by event_date, estimate_id) as first_amount,
  lead(event_date) over (partition by job_id order by event_date, estimate_id) as next_date
from ${ref('int_booked')};

-- Correlation of leads and bookings
select business_unit, corr(lead_count, closed_opportunities) as correlation, stddev(total_booked) as spread
from ${ref('weekly_kpis')}
group by business_unit;

-- A jobs-per-customer histogram
select jobs, count(*) as customers
from (select customer_id, count(*) as jobs from ${ref('stg_jobs')} where customer_id is not null group by customer_id)
group by jobs
order by jobs;

-- Goal attainment with literal goals
select k.business_unit, sum(k.total_booked) as booked, any_value(g.goal) as goal, sum(k.total_booked) / any_value(g.goal) as attained
from ${ref('weekly_kpis')} k
join unnest([struct('Nevada-Sales' as business_unit, 30000 as goal), struct('Phoenix-Sales', 45000.5)]) g
  on g.business_unit = k.business_unit
group by k.business_unit;

-- Cumulative collections by quarter
select quarter, sum(total) as dollars, sum(sum(total)) over (order by quarter) as so_far
from (select date_trunc(paid_on_date, quarter) as quarter, total from ${ref('stg_payments')} where is_active)
group by quarter;
