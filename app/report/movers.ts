import type { Compared, Region } from './data.ts';
import { kpiText, roundText, signedAmount } from './format.ts';
import { kpiTitle } from './kpis.ts';

/** A region whose number changed most against the week before, in words. */
export interface Mover {
  readonly region: string;
  readonly kpi: string;
  readonly direction: 'up' | 'down';
  readonly sentence: string;
  /** What the change consists of, the largest part first. */
  readonly parts: readonly string[];
}

/** The regions whose Booked, Produced and Collected rose and fell most, and what changed there. */
export function moversOf(regions: readonly Region[]): readonly Mover[] {
  return ['total_booked', 'dollars_produced', 'dollars_collected'].flatMap((kpi) => {
    const changes = regions
      .flatMap((region) => {
        const { value, weekBefore } = region.kpis[kpi] ?? {};
        if (value == null || weekBefore == null) return [];
        return [{ region, difference: Number(value) - Number(weekBefore) }];
      })
      .sort((a, b) => b.difference - a.difference);
    const [best, worst] = [changes[0], changes.at(-1)];
    if (!best || !worst) return [];
    const [rises, falls] = [best.difference > 0, worst.difference < 0];
    return [
      ...(rises ? [moverOf(best.region, kpi, 'up', falls ? '' : ' It fell in no unit.')] : []),
      ...(falls ? [moverOf(worst.region, kpi, 'down', rises ? '' : ' It rose in no unit.')] : []),
    ];
  });
}

const PARTS: Readonly<Record<string, (kpis: Region['kpis']) => readonly string[]>> = {
  total_booked: bookedParts,
  dollars_produced: producedParts,
};

function moverOf({ name, kpis }: Region, kpi: string, direction: Mover['direction'], more: string): Mover {
  const { value = null, weekBefore = null } = kpis[kpi] ?? {};
  const verb = direction === 'up' ? 'rose' : 'fell';
  const difference = signedAmount(kpi, (Number(value) - Number(weekBefore)).toFixed(2));
  return {
    ...{ region: name, kpi, direction },
    sentence: `${kpiTitle(kpi)} ${verb} most in ${name}: ${roundText(kpi, value)} after ${roundText(kpi, weekBefore)} (${difference}).${more}`,
    parts: PARTS[kpi]?.(kpis) ?? [],
  };
}

/**
 * Splits the change of booked dollars into opportunities, close rate and dollars per sale; the three add up to the change.
 */
export function bookedChange(
  before: { opportunities: number; closed: number; booked: number },
  now: { opportunities: number; closed: number; booked: number },
): { opportunities: number; closeRate: number; ticket: number } | null {
  if ([before, now].some(({ opportunities, closed }) => opportunities <= 0 || closed <= 0)) return null;
  const rate = (week: typeof now) => week.closed / week.opportunities;
  const ticket = (week: typeof now) => week.booked / week.closed;
  return {
    opportunities: (now.opportunities - before.opportunities) * rate(before) * ticket(before),
    closeRate: (rate(now) - rate(before)) * now.opportunities * ticket(before),
    ticket: (ticket(now) - ticket(before)) * now.closed,
  };
}

function bookedParts(kpis: Region['kpis']): readonly string[] {
  const at = (side: 'value' | 'weekBefore') => ({
    opportunities: Number(kpis.sales_opportunities?.[side] ?? 0),
    closed: Number(kpis.closed_opportunities?.[side] ?? 0),
    booked: Number(kpis.total_booked?.[side] ?? 0),
  });
  const [before, now] = [at('weekBefore'), at('value')];
  const change = bookedChange(before, now);
  const leads = afterText('lead_count', kpis.lead_count);
  if (!change) return leads ? [`Leads: ${leads}`] : [];
  const ticket = (week: typeof now) => roundText('total_booked', (week.booked / week.closed).toFixed(2));
  const parts = [
    {
      amount: change.opportunities,
      text: `${now.opportunities > before.opportunities ? 'more' : 'fewer'} opportunities, ${now.opportunities} after ${before.opportunities}`,
    },
    {
      amount: change.closeRate,
      text: `${change.closeRate > 0 ? 'a higher' : 'a lower'} close rate, ${afterText('close_rate_percent', kpis.close_rate_percent)}`,
    },
    {
      amount: change.ticket,
      text: `${change.ticket > 0 ? 'larger' : 'smaller'} sales, ${ticket(now)} each after ${ticket(before)}`,
    },
  ];
  const sorted = parts
    .filter(({ amount }) => Math.abs(amount) >= 0.5)
    .sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount));
  // Where few sales differ much, the parts cancel each other out and say less than the facts alone.
  const areClear = sorted.every(({ amount }) => Math.abs(amount) <= Math.max(before.booked, now.booked));
  const isContrary = ({ amount }: (typeof parts)[number]) => amount > 0 !== now.booked > before.booked;
  const texts = areClear
    ? sorted.map(({ amount, text }) => `${signedAmount('total_booked', amount.toFixed(2))}: ${text}`)
    : [
        `${now.closed} sales after ${before.closed}`,
        ...sorted.filter((part) => !isContrary(part)).map(({ text }) => text),
        ...sorted.filter(isContrary).map(({ text }) => `although ${text}`),
      ];
  return [...texts, ...(leads ? [`Leads: ${leads}`] : [])];
}

function producedParts(kpis: Region['kpis']): readonly string[] {
  return ['gpm_percent', 'warranty_percent'].flatMap((kpi) => {
    const text = afterText(kpi, kpis[kpi]);
    return text ? [`${kpiTitle(kpi)}: ${text}`] : [];
  });
}

function afterText(kpi: string, compared: Compared | undefined): string {
  if (compared?.value == null) return '';
  const write = kpi === 'lead_count' ? kpiText : roundText;
  return compared.weekBefore === null
    ? write(kpi, compared.value)
    : `${write(kpi, compared.value)} after ${write(kpi, compared.weekBefore)}`;
}
