import { createRequire } from 'node:module';

/** The ten KPIs by kind of unit, in the order in which they are shown. */
export const SHOWN = {
  sales: ['lead_count', 'num_estimates', 'close_rate_percent', 'total_booked'],
  production: [
    'dollars_produced',
    'gpm_percent',
    'warranty_percent',
    'dollars_collected',
    'future_bookings',
    'outstanding_ar',
  ],
} as const;

export type Kind = keyof typeof SHOWN;

export interface ComparedKpi {
  readonly name: string;
  readonly kind: Kind;
  /** The KPI has a value only on dates on which a snapshot was taken. */
  readonly isSnapshot?: boolean;
  /** The columns of a ratio. */
  readonly numerator?: string;
  readonly denominator?: string;
}

/** Every KPI that a screen value may be compared with. */
export const COMPARED: readonly ComparedKpi[] = (
  createRequire(import.meta.url)('../../includes/kpis.js') as { readonly KPIS: readonly ComparedKpi[] }
).KPIS;
