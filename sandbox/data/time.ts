const DAY_MS = 86_400_000;
/** The tenant's zone is UTC-7 all year. */
const OFFSET_MS = 7 * 3_600_000;

/** A local time in Phoenix as the API sends it: `at('2025-08-18', '18:02:27')` is `2025-08-19T01:02:27Z`. */
export function at(date: string, time: string): string {
  return iso(Date.parse(`${date}T${time.length === 5 ? `${time}:00` : time}Z`) + OFFSET_MS);
}

/** A calendar day as the API sends it: midnight UTC in every time zone. */
export function day(date: string): string {
  return `${date}T00:00:00Z`;
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

export function later(instant: string, minutes: number): string {
  return iso(Date.parse(instant) + minutes * 60_000);
}

/** The latest of several instants in the same format. */
export function latest(first: string, ...others: readonly (string | undefined)[]): string {
  return others.reduce<string>((last, other) => (other !== undefined && other > last ? other : last), first);
}

/** The local day of an instant. */
export function localDay(instant: string): string {
  return new Date(Date.parse(instant) - OFFSET_MS).toISOString().slice(0, 10);
}

export function daysFrom(first: string, last: string): string[] {
  const days: string[] = [];
  for (let date = first; date <= last; date = addDays(date, 1)) days.push(date);
  return days;
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
