/** The day of the tenant's last records, and the run date of the benchmark. */
export const RUN_DATE = '2025-10-27';
export const SYNC_START_DATE = '2020-01-01';

/** Rows of a real tenant at scale 1. Six numbers are known; the others are in proportion to them, as in the sandbox. */
const ROWS = {
  jobs: 226_588,
  invoices: 172_833,
  estimates: 220_464,
  payments: 192_856,
  gross_pay_items: 8_845,
  customers: 74_124,
  appointments: 241_600,
  appointment_assignments: 241_600,
  locations: 81_500,
  projects: 13_800,
  payrolls: 650,
  payroll_adjustments: 2_900,
  purchase_orders: 114_400,
  inventory_bills: 87_200,
  returns: 9_300,
  receipts: 97_900,
} as const;

export type GeneratedEntity = keyof typeof ROWS;
export type Volumes = Readonly<Record<GeneratedEntity, number>>;

/** Rows of each generated entity at a fraction of the real volume. Small dimensions are not scaled. */
export function volumesAt(scale: number): Volumes {
  const rows = Object.entries(ROWS).map(([name, count]) => [name, Math.max(1, Math.round(count * scale))]);
  return Object.fromEntries(rows) as Volumes;
}
