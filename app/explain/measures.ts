import { FACTS, type Facts, type Rule } from './facts.ts';

/** A number made of records: their sum, their count, or how many customers they have. */
export interface Measure {
  readonly facts: Facts;
  readonly combine: 'sum' | 'count' | 'customers';
  /** What it changes of the rule of its facts. */
  readonly rule?: Partial<Rule>;
}

/** A KPI is one measure, or the share of one in another. */
export interface Explained {
  readonly numerator: Measure;
  readonly denominator?: Measure;
}

const jobs = (amount: string): Measure => ({ facts: FACTS.produced, combine: 'sum', rule: { amount } });
const opportunity: Measure = { facts: FACTS.opportunities, combine: 'count' };
const closed: Measure = { ...opportunity, rule: { where: 'event_date IS NOT NULL AND is_closed' } };

/** KPIs by their name in the mart. */
export const EXPLAINED: Readonly<Record<string, Explained>> = {
  lead_count: { numerator: { facts: FACTS.leads, combine: 'customers' } },
  lead_job_count: { numerator: { facts: FACTS.leads, combine: 'count' } },
  num_estimates: { numerator: { facts: FACTS.completedEstimates, combine: 'count' } },
  sales_opportunities: { numerator: opportunity },
  closed_opportunities: { numerator: closed },
  close_rate_percent: { numerator: closed, denominator: opportunity },
  total_booked: { numerator: { facts: FACTS.booked, combine: 'sum' } },
  dollars_produced: { numerator: jobs('revenue') },
  gpm_percent: { numerator: jobs('profit'), denominator: jobs('revenue') },
  warranty_percent: {
    numerator: jobs('CASE WHEN is_warranty THEN job_cost ELSE 0 END'),
    denominator: jobs('revenue'),
  },
  dollars_collected: { numerator: { facts: FACTS.collected, combine: 'sum' } },
  future_bookings: { numerator: { facts: FACTS.booking, combine: 'sum' } },
  future_bookings_after_today: {
    numerator: {
      facts: FACTS.booking,
      combine: 'sum',
      rule: { where: `${FACTS.booking.rule.where} AND job_start_date > DATE '{run_date}'` },
    },
  },
  outstanding_ar: { numerator: { facts: FACTS.receivable, combine: 'sum' } },
};
