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

const PARTS: Readonly<Record<string, (region: Region) => readonly string[]>> = {
  total_booked: bookedParts,
  dollars_produced: producedParts,
  dollars_collected: (region) => recordParts(region, 'dollars_collected', 'payments'),
};

function moverOf(region: Region, kpi: string, direction: Mover['direction'], more: string): Mover {
  const { name, kpis } = region;
  const { value = null, weekBefore = null } = kpis[kpi] ?? {};
  const verb = direction === 'up' ? 'rose' : 'fell';
  const difference = signedAmount(kpi, (Number(value) - Number(weekBefore)).toFixed(2));
  return {
    ...{ region: name, kpi, direction },
    sentence: `${kpiTitle(kpi)} ${verb} most in ${name}: ${roundText(kpi, value)} after ${roundText(kpi, weekBefore)} (${difference}).${more}`,
    parts: PARTS[kpi]?.(region) ?? [],
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

function bookedParts({ kpis }: Region): readonly string[] {
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
  const facts = [`${now.closed} sales after ${before.closed}`];
  const texts = partTexts(parts, { before: before.booked, now: now.booked, facts });
  return [...texts, ...(leads ? [`Leads: ${leads}`] : [])];
}

interface Part {
  /** What it adds to the change, in dollars. */
  readonly amount: number;
  readonly text: string;
}

/** The parts of a change, the largest first; if they cancel each other out, the facts and the parts without amounts. */
function partTexts(
  parts: readonly Part[],
  {
    before,
    now,
    facts = [],
  }: { readonly before: number; readonly now: number; readonly facts?: readonly string[] },
): readonly string[] {
  const sorted = parts
    .filter(({ amount }) => Math.abs(amount) >= 0.5)
    .sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount));
  // Where few records differ much, the parts cancel each other out and say less than the facts alone.
  const areClear = sorted.every(({ amount }) => Math.abs(amount) <= Math.max(before, now));
  const isContrary = ({ amount }: Part) => amount > 0 !== now > before;
  return areClear
    ? sorted.map(({ amount, text }) => `${signedAmount('total_booked', amount.toFixed(2))}: ${text}`)
    : [
        ...facts,
        ...sorted.filter((part) => !isContrary(part)).map(({ text }) => text),
        ...sorted.filter(isContrary).map(({ text }) => `although ${text}`),
      ];
}

function producedParts(region: Region): readonly string[] {
  const ratios = ['gpm_percent', 'warranty_percent'].flatMap((kpi) => {
    const text = afterText(kpi, region.kpis[kpi]);
    return text ? [`${kpiTitle(kpi)}: ${text}`] : [];
  });
  return [...recordParts(region, 'dollars_produced', 'jobs'), ...ratios];
}

/** Splits the change of a sum into the number of its records and the dollars of each; the two add up to the change. */
function recordParts({ kpis, records }: Region, kpi: string, noun: string): readonly string[] {
  const at = (side: 'value' | 'weekBefore') => {
    const [count, sum] = [records[kpi]?.[side] ?? 0, Number(kpis[kpi]?.[side] ?? 0)];
    return { count, sum, each: sum / count };
  };
  const [before, now] = [at('weekBefore'), at('value')];
  if (before.count === 0 || now.count === 0) return [`${now.count} ${noun} after ${before.count}`];
  const each = (dollars: number) => roundText(kpi, dollars.toFixed(2));
  const parts = [
    {
      amount: (now.count - before.count) * before.each,
      text: `${now.count > before.count ? 'more' : 'fewer'} ${noun}, ${now.count} after ${before.count}`,
    },
    {
      amount: (now.each - before.each) * now.count,
      text: `${now.each > before.each ? 'larger' : 'smaller'} ${noun}, ${each(now.each)} each after ${each(before.each)}`,
    },
  ];
  return partTexts(parts, { before: before.sum, now: now.sum });
}

function afterText(kpi: string, compared: Compared | undefined): string {
  if (compared?.value == null) return '';
  const write = kpi === 'lead_count' ? kpiText : roundText;
  return compared.weekBefore === null
    ? write(kpi, compared.value)
    : `${write(kpi, compared.value)} after ${write(kpi, compared.weekBefore)}`;
}
