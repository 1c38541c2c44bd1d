/** The Monday after the last screen values, fixed so that every sandbox run shows the same figures as the docs. */
export const SANDBOX_RUN_DATE = '2025-10-27';

/** The sandbox's clock, which stands still at 05:00 in Phoenix on the run date. */
export function sandboxClock(runDate: string): Date {
  return new Date(`${runDate}T05:00:00-07:00`);
}
