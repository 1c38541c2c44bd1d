import { addDays, dateIn } from '../../base/calendar.ts';
import { decimal, quotient, units } from '../../base/decimals.ts';
import { instantOf } from '../../extract/load/instant.ts';
import { kpiOf } from './kpis.ts';
import { RULES, weekOf } from './rules.ts';

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/**
 * Formats an exact decimal for people: `30241.51` as `$30,241.51`, `58.3` as `58.30 %`, `16` as `16`, null as a dash.
 * Works on the text, so that no digit is lost in a float.
 */
export function kpiText(kpi: string, value: string | null): string {
  return written(kpi, value, 2);
}

/** A difference between two values of a KPI: between percentages, `−0.17 points`. */
export function gapText(kpi: string, difference: string): string {
  return kpiText(kpi, difference).replace('%', 'points');
}

/** The same for comparing at a glance: whole dollars, percent with one decimal. */
export function roundText(kpi: string, value: string | null): string {
  if (value === null) return '–';
  const places = kpiOf(kpi)?.unit === 'percent' ? 1 : 0;
  return written(kpi, kpiOf(kpi) ? quotient(value, '1', places) : value, places);
}

function written(kpi: string, value: string | null, places: number): string {
  if (value === null) return '–';
  const unit = kpiOf(kpi)?.unit ?? 'count';
  if (unit === 'count') return grouped(value.replace(/\.0+$/, '').replace('-', '−'));
  const [, minus, whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(value) ?? [];
  const digits = fraction.replace(/0+$/, '').padEnd(places, '0');
  const number = digits === '' ? grouped(whole) : `${grouped(whole)}.${digits}`;
  const sign = minus ? '−' : '';
  return unit === 'usd' ? `${sign}${RULES.currency_sign}${number}` : `${sign}${number} %`;
}

/** A change between two values. */
export interface Change {
  readonly text: string;
  readonly direction: 'up' | 'down' | 'same';
  /** Whether it is good: fewer receivables are better, fewer leads are worse. */
  readonly judgement: 'better' | 'worse' | 'same';
}

/** How a KPI changed: amounts and counts in percent, percentages in points; null if one side is missing. */
export function changeOf(kpi: string, now: string | null, before: string | null): Change | null {
  if (now === null || before === null) return null;
  const difference = units(now) - units(before);
  if (difference === 0n) return { text: 'unchanged', direction: 'same', judgement: 'same' };
  const direction = difference > 0n ? 'up' : 'down';
  const judgement = direction === (kpiOf(kpi)?.better ?? 'up') ? 'better' : 'worse';
  const text = differenceText(kpi, difference, before);
  return /^[+−]0 (pt|%)$/.test(text)
    ? { text: 'nearly unchanged', direction: 'same', judgement: 'same' }
    : { text, direction, judgement };
}

function differenceText(kpi: string, difference: bigint, before: string): string {
  if (kpiOf(kpi)?.unit === 'percent') return `${signed(quotient(decimal(difference), '1', 1))} pt`;
  // A share of nothing, or of a negative amount, says nothing.
  if (units(before) <= 0n) return signedAmount(kpi, decimal(difference));
  const share = quotient(decimal(difference * 100n), before, 0) ?? '0';
  return units(share) > units('999') ? signedAmount(kpi, decimal(difference)) : `${signed(share)} %`;
}

/** An amount with its sign: `+$1,200`, `−$300`. */
export function signedAmount(kpi: string, value: string): string {
  return signed(roundText(kpi, value));
}

function signed(text: string | null): string {
  if (text === null) return '–';
  return /^[-−]/.test(text) ? `−${text.slice(1)}` : `+${text}`;
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `2025-10-20` as `20 Oct 2025`. */
export function dayText(day: string): string {
  const [year, month = '1', date = '1'] = day.split('-');
  return `${Number(date)} ${MONTHS[Number(month) - 1]} ${year}`;
}

/** A day, or the days of a period: `20 – 26 Oct 2025`, `29 Sep – 5 Oct 2025`. */
export function daysText(start: string, end: string): string {
  if (start === end) return dayText(start);
  const last = dayText(end);
  if (start.slice(0, 7) === end.slice(0, 7)) return `${Number(start.slice(8))} – ${last}`;
  return `${start.slice(0, 4) === end.slice(0, 4) ? dayText(start).slice(0, -5) : dayText(start)} – ${last}`;
}

/** A period as people say it: a whole week as `week of 20 Oct 2025`. */
export function periodText(period: { readonly period_start: string; readonly period_end: string }): string {
  const { period_start: start, period_end: end } = period;
  const isWeek = addDays(start, 6) === end && weekOf(start) === start;
  return isWeek ? `week of ${dayText(start)}` : daysText(start, end);
}

/** An instant of the warehouse as day and minute in a time zone: `27 Oct 2025, 02:14`; null as a dash. */
export function minuteText(instant: string | null, timeZone: string): string {
  if (instant === null) return '–';
  const minute = instantOf(instant).toLocaleTimeString('sv-SE', { timeZone, timeStyle: 'short' });
  return `${localDayText(instant, timeZone)}, ${minute}`;
}

/** The day of an instant of the warehouse in a time zone: `27 Oct 2025`. */
export function localDayText(instant: string, timeZone: string): string {
  return dayText(dateIn(timeZone, instantOf(instant)));
}

/** `1 record`, `4 records`. */
export function countText(count: number | string, one: string, many = `${one}s`): string {
  return `${grouped(String(count))} ${String(count) === '1' ? one : many}`;
}

/** `job`, `jobs`; `gross pay item`: records of an entity, as people say it. */
export function recordName(entity: string, count: number): string {
  return (count === 1 ? entity.replace(/s$/, '') : entity).replaceAll('_', ' ');
}

/** A value of a chart in a few characters: `$428k`, `37.6 %`, `227`. */
export function compactText(kpi: string, value: number): string {
  const unit = kpiOf(kpi)?.unit ?? 'count';
  // Through decimals, since a float rounds 2.15 down.
  if (unit === 'percent') return roundText(kpi, String(value));
  const text = value
    .toLocaleString('en', { notation: 'compact', maximumSignificantDigits: 3 })
    .replace('K', 'k');
  if (unit === 'count') return text;
  return value < 0 ? `−${RULES.currency_sign}${text.slice(1)}` : `${RULES.currency_sign}${text}`;
}
