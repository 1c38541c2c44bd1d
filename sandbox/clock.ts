/** The Monday after the last screen values, so that every sandbox run and every doc shows the same figures. */
export const SANDBOX_RUN_DATE = '2025-10-27';

/** The sandbox's clock stands still: five in the morning of its run date, in Phoenix. */
export function sandboxClock(runDate: string): Date {
  return new Date(`${runDate}T05:00:00-07:00`);
}
