/** The length of a UTC day in milliseconds. */
export const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether `text` is an existing date written `YYYY-MM-DD`; 30 February does not exist. */
export function isCalendarDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
  );
}

/** The date `days` later; both dates are `YYYY-MM-DD`. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** The first day of the week that contains `day`, where weeks begin on the weekday `first`, such as `monday`. */
export function weekStartOf(day: string, first: string): string {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return addDays(day, -((weekday + 7 - WEEKDAYS.indexOf(first)) % 7));
}

/** The date of `instant` in an IANA time zone, `YYYY-MM-DD`. */
export function dateIn(timeZone: string, instant: Date): string {
  // The Swedish locale formats dates as ISO 8601.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(instant);
}
