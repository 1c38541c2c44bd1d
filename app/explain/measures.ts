import { type KpiSource, type Rule, SOURCES } from './facts.ts';

/** A number computed from records: their sum, their count, or the count of their customers. */
export interface Measure {
  readonly source: KpiSource;
  readonly combine: 'sum' | 'count' | 'customers';
  /** The parts of the source's rule that this measure changes. */
  readonly rule?: Partial<Rule>;
}

/** A KPI is one measure, or one divided by another. */
export interface Explained {
  readonly numerator: Measure;
  readonly denominator?: Measure;
}

const jobs = (amount: string): Measure => ({ source: SOURCES.produced, combine: 'sum', rule: { amount } });
const opportunity: Measure = { source: SOURCES.opportunities, combine: 'count' };
const closed: Measure = { ...opportunity, rule: { where: 'event_date IS NOT NULL AND is_closed' } };

/** The KPIs that `explain` knows, by their name in the mart. */
export const EXPLAINED: Readonly<Record<string, Explained>> = {
  lead_count: { numerator: { source: SOURCES.leads, combine: 'customers' } },
  lead_job_count: { numerator: { source: SOURCES.leads, combine: 'count' } },
  num_estimates: { numerator: { source: SOURCES.completedEstimates, combine: 'count' } },
  sales_opportunities: { numerator: opportunity },
  closed_opportunities: { numerator: closed },
  close_rate_percent: { numerator: closed, denominator: opportunity },
  total_booked: { numerator: { source: SOURCES.booked, combine: 'sum' } },
  dollars_produced: { numerator: jobs('revenue') },
  gpm_percent: { numerator: jobs('profit'), denominator: jobs('revenue') },
  warranty_percent: {
    numerator: jobs('CASE WHEN is_warranty THEN job_cost ELSE 0 END'),
    denominator: jobs('revenue'),
  },
  dollars_collected: { numerator: { source: SOURCES.collected, combine: 'sum' } },
  future_bookings: { numerator: { source: SOURCES.booking, combine: 'sum' } },
  future_bookings_after_today: {
    numerator: {
      source: SOURCES.booking,
      combine: 'sum',
      rule: { where: `${SOURCES.booking.rule.where} AND job_start_date > DATE '{run_date}'` },
    },
  },
  outstanding_ar: { numerator: { source: SOURCES.receivable, combine: 'sum' } },
};
