/** The name of a run that starts now; names sort in the order of the runs' starts. */
export function newRunId(now: Date, suffix: string): string {
  return `${now.toISOString().replace(/[-:.]/g, '')}-${suffix}`;
}
