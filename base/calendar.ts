/** The length of a UTC day in milliseconds. */
export const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether a text is a day of the calendar written `YYYY-MM-DD`; the 30th of February is none. */
export function isCalendarDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
  );
}

/** @param day `YYYY-MM-DD`, as the result is. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The Monday on which the week of a day starts. */
export function mondayOf(day: string): string {
  return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
}

/** The calendar day, `YYYY-MM-DD`, that `instant` falls on in an IANA time zone. */
export function dateIn(timeZone: string, instant: Date): string {
  // Sweden writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(instant);
}
