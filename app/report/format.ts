const UNITS: Readonly<Record<string, 'usd' | 'percent'>> = {
  total_booked: 'usd',
  dollars_produced: 'usd',
  dollars_invoiced: 'usd',
  dollars_collected: 'usd',
  labor_cost: 'usd',
  material_cost: 'usd',
  return_amount: 'usd',
  gross_profit: 'usd',
  warranty_cost: 'usd',
  future_bookings: 'usd',
  future_bookings_after_today: 'usd',
  outstanding_ar: 'usd',
  close_rate_percent: 'percent',
  gpm_percent: 'percent',
  warranty_percent: 'percent',
};

/**
 * Formats an exact decimal for people: `30241.51` as `$30,241.51`, `58.3` as `58.30 %`, `16` as `16`, null as a dash.
 * Works on the text, so that no digit is lost in a float.
 */
export function kpiText(kpi: string, value: string | null): string {
  if (value === null) return '–';
  const unit = UNITS[kpi];
  if (unit === undefined) return grouped(value.replace(/\.0+$/, ''));
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(value) ?? [];
  const cents = fraction.replace(/0+$/, '').padEnd(2, '0');
  return unit === 'usd' ? `${sign}$${grouped(whole)}.${cents}` : `${sign}${grouped(whole)}.${cents} %`;
}

/** `total_booked` as `Total booked`. */
export function kpiTitle(kpi: string): string {
  const words = kpi
    .replaceAll('_', ' ')
    .replace(' percent', ' %')
    .replace('gpm', 'GPM')
    .replace(' ar', ' AR');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
