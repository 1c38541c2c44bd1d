import { type Mutation, meanOfDays, RATIO } from './mutation.ts';

const completed = "\n  and is_estimate\n  and job_status = 'Completed'";
const parts = "'closed_opportunities' as numerator, 'sales_opportunities' as denominator";
const leadTest = 'and not coalesce(customers.is_test_customer, false)';
const soldAmount = "sum(if(estimates.estimate_status = 'Sold', estimates.subtotal, null))";
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
    model: 'int_measures',
    from: 'cast(count(distinct facts.counted_id) as numeric)',
    to: 'cast(if(periods.period_start = periods.period_end, sum(facts.amount), count(distinct facts.counted_id)) as numeric)',
  },
  {
    name: 'leads: jobs instead of customers, per week',
    model: 'int_measures',
    from: 'cast(count(distinct facts.counted_id) as numeric)',
    to: 'cast(if(periods.period_start < periods.period_end, sum(facts.amount), count(distinct facts.counted_id)) as numeric)',
  },
  {
    name: 'leads: the week as the sum of its days',
    model: 'int_measures',
    from: 'count(distinct facts.counted_id)',
    to: "count(distinct concat(cast(facts.event_date as string), ' ', cast(facts.counted_id as string)))",
  },
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
    name: 'leads: estimate types in capitals as in the list only',
    model: 'int_job_types',
    from: "lower(job_types.job_type_name) like '%estimate%'",
    to: "job_types.job_type_name like '%Estimate%'",
  },
  {
    name: 'leads: the WBR list instead of the name',
    model: 'int_job_types',
    from: "coalesce(by_id.is_estimate, lower(job_types.job_type_name) like '%estimate%', false) as is_estimate",
    to: 'coalesce(by_name.in_wbr_list, by_id.in_wbr_list, false) as is_estimate',
  },
  {
    name: 'leads: no filter on Sales units',
    model: 'int_leads',
    from: "and jobs.kind in ('sales', 'both')",
    to: '',
  },

  {
    name: 'booked: invoiced amounts',
    model: 'int_booked',
    from: 'coalesce(estimates.subtotal, 0) as amount',
    to: 'jobs.revenue as amount',
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
    from: "and jobs.kind in ('sales', 'both')",
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
    from: "and jobs.kind in ('sales', 'both')",
    to: "and jobs.kind in ('sales', 'both') qualify row_number() over (partition by estimates.job_id order by estimates.sold_at, estimates.estimate_id) = 1",
  },

  {
    name: 'estimates: completion in UTC',
    model: 'int_job_facts',
    from: "date(jobs.completed_at, 'America/Phoenix')",
    to: 'date(jobs.completed_at)',
  },
  {
    name: 'estimates: sold jobs only',
    model: 'int_completed_estimates',
    from: completed,
    to: "and is_estimate and job_status = 'Completed' and job_id in (select b.job_id from {int_booked} as b)",
  },
  {
    name: 'estimates: number of estimate records',
    model: 'int_facts',
    from: 'cast(1 as numeric) as amount, cast(null as int64) as counted_id\nfrom {int_completed_estimates}',
    to: 'cast((select count(*) from {stg_estimates} as e where e.job_id = jobs.job_id) as numeric), cast(null as int64)\nfrom {int_completed_estimates} as jobs',
  },
  {
    name: 'estimates: by the sale',
    model: 'int_completed_estimates',
    from: 'completed_date as event_date',
    to: 'created_date as event_date',
  },

  {
    name: 'close rate: sold jobs as denominator',
    model: 'int_opportunities',
    from: 'where (candidates.is_closed or',
    to: 'where candidates.is_closed and (candidates.is_closed or',
  },
  {
    name: 'close rate: customers as denominator',
    model: 'int_kpis',
    from: parts,
    to: "'closed_opportunities' as numerator, 'lead_count' as denominator",
  },
  {
    name: 'close rate: estimates over leads',
    model: 'int_kpis',
    from: parts,
    to: "'num_estimates' as numerator, 'lead_count' as denominator",
  },
  {
    name: 'close rate: closed over completed',
    model: 'int_kpis',
    from: parts,
    to: "'closed_opportunities' as numerator, 'num_estimates' as denominator",
  },
  {
    name: 'close rate: without commercial types',
    model: 'int_opportunities',
    from: hasChance,
    to: `${hasChance} and not coalesce(jobs.job_type_name like '%COMM%', false)`,
  },
  {
    name: 'close rate: the no-charge flag instead of the rule',
    model: 'int_opportunities',
    from: hasChance,
    to: 'and not jobs.is_no_charge_flag',
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
    ...meanOfDays('close_rate_percent'),
  },
  {
    name: 'close rate: a rate over itself',
    model: 'int_unit_values',
    from: RATIO,
    to: `if(ratios.kpi = 'close_rate_percent', round(100 * above.value / nullif(greatest(above.value, 0), 0), 2), ${RATIO})`,
  },

  {
    name: "vendor's close rate: any sale closes",
    model: 'int_vendor_opportunities',
    from: 'where estimate_amount >= sold_threshold',
    to: '',
  },
  {
    name: "vendor's close rate: a sale above the threshold only",
    model: 'int_vendor_opportunities',
    from: 'estimate_amount >= sold_threshold',
    to: 'estimate_amount > sold_threshold',
  },
  {
    name: "vendor's close rate: the threshold on all sales of the job",
    model: 'int_vendor_opportunities',
    from: 'estimate_amount >= sold_threshold',
    to: 'job_amount >= sold_threshold',
  },
  {
    name: "vendor's close rate: the no-charge flag ignored",
    model: 'int_vendor_opportunities',
    from: 'if(jobs.is_no_charge_flag, closed.job_id is not null,',
    to: 'if(false, closed.job_id is not null,',
  },
  {
    name: "vendor's close rate: no-charge jobs with a sale left out",
    model: 'int_vendor_opportunities',
    from: 'if(jobs.is_no_charge_flag, closed.job_id is not null,',
    to: 'if(jobs.is_no_charge_flag, false,',
  },
  {
    name: "vendor's close rate: jobs counted that are not completed",
    model: 'int_vendor_opportunities',
    from: "coalesce(jobs.job_status = 'Completed', false)",
    to: 'true',
  },
  {
    name: "vendor's close rate: by the first sale of any amount",
    model: 'int_vendor_opportunities',
    from: '{int_job_facts} as jobs\n  left join closed',
    to: '{int_job_facts} as jobs\n  left join (select job_id, (select min(e.sold_at) from {stg_estimates} as e where e.job_id = closed.job_id) as first_sold_at from closed) as closed',
  },
  {
    name: "vendor's close rate: by completion",
    model: 'int_vendor_opportunities',
    from: "coalesce(date(closed.first_sold_at, 'America/Phoenix'), jobs.completed_date)",
    to: "coalesce(jobs.completed_date, date(closed.first_sold_at, 'America/Phoenix'))",
  },

  {
    name: 'average sale: the sales of the period over the closed jobs',
    model: 'int_kpis',
    from: "'closed_sales_amount' as numerator",
    to: "'total_booked' as numerator",
  },
  {
    name: 'average sale: one sale per job',
    model: 'int_opportunities',
    from: soldAmount,
    to: "max(if(estimates.estimate_status = 'Sold', estimates.subtotal, null))",
  },
  {
    name: 'average sale: mean of the sold estimates',
    model: 'int_opportunities',
    from: soldAmount,
    to: "avg(if(estimates.estimate_status = 'Sold', estimates.subtotal, null))",
  },
  {
    name: 'average sale: only the first sale of the job',
    model: 'int_opportunities',
    from: soldAmount,
    to: `(array_agg(if(estimates.estimate_status = 'Sold', estimates.subtotal, null) ignore nulls order by estimates.sold_at, estimates.estimate_id limit 1))[safe_offset(0)]`,
  },
  {
    name: 'average sale: all estimates of the job',
    model: 'int_opportunities',
    from: soldAmount,
    to: 'sum(estimates.subtotal)',
  },
  {
    name: 'average sale: deleted estimates counted',
    model: 'int_opportunities',
    from: 'coalesce(job_estimates.sold_amount, 0)',
    to: "coalesce((select sum(e.subtotal) from {stg_estimates} as e where e.job_id = jobs.job_id and e.estimate_status = 'Sold'), 0)",
  },
  {
    name: 'average sale: over all opportunities',
    model: 'int_kpis',
    from: "'closed_sales_amount' as numerator, 'closed_opportunities' as denominator",
    to: "'closed_sales_amount' as numerator, 'sales_opportunities' as denominator",
  },
  { name: 'average sale: mean of the daily averages', ...meanOfDays('closed_average_sale') },
  {
    name: 'average sale: as a percentage',
    model: 'int_kpis',
    from: 'cast(1 as numeric) as factor',
    to: 'cast(100 as numeric) as factor',
  },
];
