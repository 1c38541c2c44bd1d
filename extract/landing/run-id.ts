/** The name of a run that begins now: names sort as the runs began. */
export function newRunId(now: Date, suffix: string): string {
  return `${now.toISOString().replace(/[-:.]/g, '')}-${suffix}`;
}
