/** How a job gets its cost. Each way exposes another wrong cost rule. */
export type CostWay = 'orders' | 'lines' | 'bills' | 'mixed';
export type PayWay = 'plain' | 'equal' | 'adjusted';

export interface WorkPlan {
  readonly unit: number;
  readonly type: number;
  readonly status: string;
  /** The instant of the first appointment that counts. */
  readonly start: string;
  readonly date: string;
  /** All in cents. */
  readonly revenue: number;
  readonly labor: number;
  readonly material: number;
  readonly returned: number;
  readonly costWay: CostWay;
  readonly payWay: PayWay;
  /** The number of the job in its unit; it spreads the edge cases over the jobs. */
  readonly n: number;
  readonly withEdges: boolean;
}
