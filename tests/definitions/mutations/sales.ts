import type { Mutation } from './mutation.ts';

const soldAt = "date(estimates.sold_at, 'America/Phoenix')";
const leadTest = 'and not coalesce(customers.is_test_customer, false)';
const hasChance = 'and (coalesce(job_estimates.estimate_count, 0) > 0 or jobs.revenue <> 0)';

/** Wrong definitions of leads, booked, completed estimates and close rate. */
export const SALES: readonly Mutation[] = [
  {
    name: 'leads: creation in UTC',
    model: 'int_job_facts',
    from: "date(jobs.created_at, 'America/Phoenix')",
    to: 'date(jobs.created_at)',
  },
  {
    name: 'leads: jobs instead of customers, per day',
    model: 'int_daily_measures',
    from: 'count(distinct customer_id) as lead_count',
    to: 'count(*) as lead_count',
  },
  {
    name: 'leads: jobs instead of customers, per week',
    model: 'weekly_kpis',
    from: 'count(distinct leads.customer_id) as lead_count',
    to: 'count(*) as lead_count',
  },
  {
    name: 'leads: the week as the sum of its days',
    model: 'weekly_kpis',
    from: 'coalesce(leads.lead_count, 0)',
    to: '(select sum(daily.lead_count) from {daily_kpis} as daily join {int_calendar} as calendar on calendar.calendar_date = daily.event_date where calendar.week_start = measures.week_start and daily.business_unit = measures.business_unit)',
  },
  { name: 'leads: test customers counted', model: 'int_leads', from: leadTest, to: '' },
  {
    name: 'leads: the test rule by whole words',
    model: 'int_leads',
    from: leadTest,
    to: 'and not coalesce(customers.is_test_customer_word, false)',
  },
  {
    name: 'leads: merged customers counted twice',
    model: 'int_leads',
    from: 'coalesce(customers.surviving_customer_id, jobs.customer_id)',
    to: 'jobs.customer_id',
  },
  {
    name: 'leads: only one merge followed',
    model: 'int_customers',
    from: 'fourth.merged_to_customer_id,\n      third.merged_to_customer_id,\n      second.merged_to_customer_id,\n      first.merged_to_customer_id,',
    to: '',
  },
  {
    name: 'leads: sold jobs only',
    model: 'int_leads',
    from: 'and jobs.is_estimate',
    to: 'and jobs.is_estimate and jobs.job_id in (select booked.job_id from {int_booked} as booked)',
  },
  {
    name: 'leads: without commercial types',
    model: 'int_leads',
    from: 'and jobs.is_estimate',
    to: "and jobs.is_estimate and not jobs.job_type_name like '%COMM%'",
  },
  {
    name: 'leads: estimate types in capitals as in the list only',
    model: 'int_job_types',
    from: "lower(job_types.job_type_name) like '%estimate%'",
    to: "job_types.job_type_name like '%Estimate%'",
  },
  {
    name: 'leads: the WBR list instead of the name',
    model: 'int_job_types',
    from: "coalesce(lower(job_types.job_type_name) like '%estimate%', false) as is_estimate",
    to: 'coalesce(by_name.in_wbr_list, by_id.in_wbr_list, false) as is_estimate',
  },
  { name: 'leads: no filter on Sales units', model: 'int_leads', from: "and jobs.kind = 'sales'", to: '' },
  {
    name: 'leads: by completion',
    model: 'int_leads',
    from: 'jobs.created_date as event_date',
    to: 'jobs.completed_date as event_date',
  },

  { name: 'booked: sale in UTC', model: 'int_booked', from: soldAt, to: 'date(estimates.sold_at)' },
  {
    name: 'booked: by creation of the estimate',
    model: 'int_booked',
    from: soldAt,
    to: "date(estimates.created_at, 'America/Phoenix')",
  },
  { name: 'booked: by creation of the job', model: 'int_booked', from: soldAt, to: 'jobs.created_date' },
  {
    name: 'booked: by completion of the job',
    model: 'int_booked',
    from: soldAt,
    to: 'coalesce(jobs.completed_date, jobs.created_date)',
  },
  {
    name: 'booked: invoiced amounts',
    model: 'int_booked',
    from: 'coalesce(estimates.subtotal, 0) as amount',
    to: 'jobs.revenue as amount',
  },
  {
    name: 'booked: estimate types only',
    model: 'int_booked',
    from: 'where estimates.is_active',
    to: 'where estimates.is_active and jobs.is_estimate',
  },
  {
    name: 'booked: deleted estimates counted',
    model: 'int_booked',
    from: 'where estimates.is_active\n  and',
    to: 'where',
  },
  {
    name: "booked: the estimate's own unit",
    model: 'int_booked',
    from: 'join {int_job_facts} as jobs on jobs.job_id = estimates.job_id',
    to: 'join {int_business_units} as jobs on jobs.business_unit_id = estimates.estimate_business_unit_id',
  },
  {
    name: 'booked: estimates of Production jobs counted',
    model: 'int_booked',
    from: "and jobs.kind = 'sales'",
    to: '',
  },
  {
    name: 'booked: change orders left out',
    model: 'int_booked',
    from: 'where estimates.is_active',
    to: 'where estimates.is_active and estimates.subtotal >= 0',
  },
  {
    name: 'booked: one estimate per job',
    model: 'int_booked',
    from: "and jobs.kind = 'sales'",
    to: "and jobs.kind = 'sales' qualify row_number() over (partition by estimates.job_id order by estimates.sold_at, estimates.estimate_id) = 1",
  },

  {
    name: 'estimates: completion in UTC',
    model: 'int_job_facts',
    from: "date(jobs.completed_at, 'America/Phoenix')",
    to: 'date(jobs.completed_at)',
  },
  {
    name: 'estimates: canceled jobs with a completion',
    model: 'int_daily_measures',
    from: "and is_estimate and job_status = 'Completed'",
    to: 'and is_estimate',
  },
  {
    name: 'estimates: all job types',
    model: 'int_daily_measures',
    from: "and is_estimate and job_status = 'Completed'",
    to: "and job_status = 'Completed'",
  },
  {
    name: 'estimates: only jobs with an estimate record',
    model: 'int_daily_measures',
    from: "and is_estimate and job_status = 'Completed'",
    to: "and is_estimate and job_status = 'Completed' and job_id in (select e.job_id from {stg_estimates} as e where e.is_active)",
  },
  {
    name: 'estimates: sold jobs only',
    model: 'int_daily_measures',
    from: "and is_estimate and job_status = 'Completed'",
    to: "and is_estimate and job_status = 'Completed' and job_id in (select b.job_id from {int_booked} as b)",
  },
  {
    name: 'estimates: number of estimate records',
    model: 'int_daily_measures',
    from: 'count(*) as num_estimates\n  from {int_job_facts}\n',
    to: 'sum((select count(*) from {stg_estimates} as e where e.job_id = jobs.job_id)) as num_estimates\n  from {int_job_facts} as jobs\n',
  },
  {
    name: 'estimates: by the sale',
    model: 'int_daily_measures',
    from: 'select completed_date as event_date, business_unit, count(*) as num_estimates',
    to: 'select created_date as event_date, business_unit, count(*) as num_estimates',
  },

  {
    name: 'close rate: sold jobs as denominator',
    model: 'int_opportunities',
    from: 'where (candidates.is_closed or',
    to: 'where candidates.is_closed and (candidates.is_closed or',
  },
  {
    name: 'close rate: customers as denominator',
    model: 'weekly_kpis',
    from: 'greatest(cast(measures.sales_opportunities as numeric), 0)',
    to: 'greatest(cast(leads.lead_count as numeric), 0)',
  },
  {
    name: 'close rate: estimates over leads',
    model: 'weekly_kpis',
    from: 'round(100 * cast(measures.closed_opportunities as numeric)\n    / nullif(greatest(cast(measures.sales_opportunities as numeric), 0), 0), 2)',
    to: 'round(100 * cast(measures.num_estimates as numeric)\n    / nullif(cast(leads.lead_count as numeric), 0), 2)',
  },
  {
    name: 'close rate: closed over completed',
    model: 'weekly_kpis',
    from: 'greatest(cast(measures.sales_opportunities as numeric), 0)',
    to: 'greatest(cast(measures.num_estimates as numeric), 0)',
  },
  {
    name: 'close rate: without commercial types',
    model: 'int_opportunities',
    from: hasChance,
    to: `${hasChance} and not coalesce(jobs.job_type_name like '%COMM%', false)`,
  },
  { name: 'close rate: visits without charge counted', model: 'int_opportunities', from: hasChance, to: '' },
  {
    name: 'close rate: the no-charge flag instead of the rule',
    model: 'int_opportunities',
    from: hasChance,
    to: 'and not jobs.is_no_charge_flag',
  },
  {
    name: 'close rate: estimate types only (WBR)',
    model: 'int_opportunities',
    from: hasChance,
    to: `${hasChance} and jobs.is_estimate`,
  },
  {
    name: 'close rate: by completion only',
    model: 'int_opportunities',
    from: 'when candidates.is_closed then coalesce(candidates.first_sold_date, candidates.completed_date)',
    to: 'when candidates.is_closed then coalesce(candidates.completed_date, candidates.first_sold_date)',
  },
  {
    name: 'close rate: by the last sale',
    model: 'int_opportunities',
    from: "min(if(estimates.estimate_status = 'Sold', estimates.sold_at, null))",
    to: "max(if(estimates.estimate_status = 'Sold', estimates.sold_at, null))",
  },
  {
    name: 'close rate: by creation of the estimate',
    model: 'int_opportunities',
    from: "min(if(estimates.estimate_status = 'Sold', estimates.sold_at, null))",
    to: 'min(estimates.created_at)',
  },
  {
    name: 'close rate: sale in UTC',
    model: 'int_opportunities',
    from: "date(job_estimates.first_sold_at, 'America/Phoenix')",
    to: 'date(job_estimates.first_sold_at)',
  },
  {
    name: 'close rate: canceled jobs without a sale counted',
    model: 'int_opportunities',
    from: "(candidates.is_closed or coalesce(candidates.job_status, '') <> 'Canceled')",
    to: 'true',
  },
  {
    name: 'close rate: deleted estimates make a chance',
    model: 'int_opportunities',
    from: 'where estimates.is_active and estimates.job_id is not null',
    to: 'where estimates.job_id is not null',
  },
  {
    name: 'close rate: mean of the daily rates',
    model: 'weekly_kpis',
    from: 'round(100 * cast(measures.closed_opportunities as numeric)\n    / nullif(greatest(cast(measures.sales_opportunities as numeric), 0), 0), 2)',
    to: 'round((select sum(daily.close_rate_percent) / nullif(cast(count(daily.close_rate_percent) as numeric), 0) from {daily_kpis} as daily join {int_calendar} as calendar on calendar.calendar_date = daily.event_date where calendar.week_start = measures.week_start and daily.business_unit = measures.business_unit), 2)',
  },
  {
    name: 'close rate: a rate over itself',
    model: 'weekly_kpis',
    from: 'greatest(cast(measures.sales_opportunities as numeric), 0)',
    to: 'greatest(cast(measures.closed_opportunities as numeric), 0)',
  },
];
