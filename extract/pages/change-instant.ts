const FIRST_INSTANT_MS = Date.parse('0001-01-02T00:00:00Z');
const LAST_INSTANT_MS = Date.parse('9999-12-31T00:00:00Z');

/** A change instant in milliseconds; undefined for none, and for one that means "never": .NET's first day, or its last day. */
export function knownChange(changeMs: number | null | undefined): number | undefined {
  if (changeMs === null || changeMs === undefined) return undefined;
  return changeMs >= FIRST_INSTANT_MS && changeMs < LAST_INSTANT_MS ? changeMs : undefined;
}
