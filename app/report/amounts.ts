import type { Query } from '../../extract/load/warehouse.ts';
import type { FindingAmount } from './data.ts';

/** The failing rows of assertions whose records have an amount: the same conditions, added up. */
const AMOUNTS: Readonly<Record<string, string>> = {
  assert_deposits_applied: `select unapplied_amount as amount from {stage}.stg_payments
    where is_active and unapplied_amount <> 0`,
  assert_estimates_have_jobs: `select estimates.subtotal as amount from {stage}.stg_estimates as estimates
    left join {stage}.stg_jobs as jobs on jobs.job_id = estimates.job_id
    where estimates.is_active and estimates.estimate_status = 'Sold' and jobs.job_id is null`,
  assert_sold_estimates_dated: `select subtotal as amount from {stage}.stg_estimates
    where is_active and estimate_status = 'Sold' and sold_at is null`,
  assert_invoices_have_jobs: `select invoices.total as amount from {stage}.stg_invoices as invoices
    left join {stage}.stg_jobs as jobs on jobs.job_id = invoices.job_id
    where invoices.is_active and invoices.job_id is not null and jobs.job_id is null
      and (coalesce(invoices.subtotal, 0) <> 0 or coalesce(invoices.total, 0) <> 0 or coalesce(invoices.balance, 0) <> 0)`,
  assert_collections_assigned: `select amount from {stage}.int_collections where business_unit is null`,
  assert_receivables_have_location: `select net_amount as amount from {stage}.int_receivables where location_id is null`,
  // The assertion lists units; these are their jobs.
  assert_units_mapped: `select revenue as amount from {stage}.int_job_facts where not coalesce(in_kpi_set, false)`,
};

/** Adds up the records of each finding that has an amount. A test compares the counts with the assertions'. */
export async function amountsOf(query: Query, stage: string): Promise<readonly FindingAmount[]> {
  const parts = Object.entries(AMOUNTS).map(
    ([assertion, rows]) =>
      `select '${assertion}' as assertion, cast(count(*) as string) as records, sum(amount) as amount from (${rows.replaceAll('{stage}', stage)}) as found`,
  );
  const found = await query<FindingAmount>(
    `select * from (${parts.join('\nunion all\n')}) as amounts order by assertion`,
  );
  return found.filter(({ records }) => records !== '0');
}
