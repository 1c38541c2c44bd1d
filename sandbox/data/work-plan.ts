/** How a job's cost comes together; each way defeats another wrong rule. */
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
  /** Counts the jobs of a unit, to spread the edge cases over them. */
  readonly n: number;
  readonly withEdges: boolean;
}
