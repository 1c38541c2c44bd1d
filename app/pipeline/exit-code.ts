import type { Verdict } from '../report/data.ts';

/** Exit codes: 0 all green, 1 the run failed, 2 an assertion is RED, 3 wrong usage or configuration. */
export const EXIT = { green: 0, failed: 1, red: 2, usage: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** RED ends with 2; YELLOW is a documented difference and passes. */
export function exitCodeOf(verdict: Verdict): ExitCode {
  return verdict === 'RED' ? EXIT.red : EXIT.green;
}
