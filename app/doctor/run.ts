import { assertions } from './assertions.ts';
import { type Check, type DoctorContext, type Finding, failureOf, skipped } from './check.ts';
import { clocks } from './clocks.ts';
import { disk } from './disk.ts';
import { landed } from './landed.ts';
import { landing } from './landing.ts';
import { leases } from './leases.ts';
import { leftovers } from './leftovers.ts';
import { load } from './load.ts';
import { models } from './models.ts';
import { partitions } from './partitions.ts';
import { rate } from './rate.ts';
import { reference } from './reference.ts';
import { scopes } from './scopes.ts';
import { settings } from './settings.ts';
import { signIn } from './sign-in.ts';
import { state } from './state.ts';
import { versions } from './versions.ts';
import { warehouse } from './warehouse.ts';

export const checks: readonly Check[] = [
  settings,
  versions,
  reference,
  models,
  disk,
  landing,
  signIn,
  scopes,
  clocks,
  rate,
  warehouse,
  partitions,
  state,
  assertions,
  landed,
  leases,
  leftovers,
];

/** Checks that run only if they are named, because they take minutes and cost money. */
export const namedChecks: readonly Check[] = [load];

export interface CheckResult {
  readonly check: string;
  readonly findings: readonly Finding[];
}

/** Runs the checks in order and yields each result when it is ready; an error of a check becomes a finding. */
export async function* runChecks(
  chosen: readonly Check[],
  context: DoctorContext,
): AsyncGenerator<CheckResult> {
  // One at a time, so that they do not distort each other's measurements.
  for (const check of chosen) {
    context.signal.throwIfAborted();
    yield { check: check.name, findings: await findingsOf(check, context) };
  }
}

async function findingsOf(check: Check, context: DoctorContext): Promise<readonly Finding[]> {
  const problem = context.problems.find((each) =>
    check.needs.some((beginning) => each.startsWith(beginning)),
  );
  if (problem !== undefined) return [skipped(`needs a setting that is wrong: ${problem}`)];
  try {
    return await check.run(context);
  } catch (error) {
    context.signal.throwIfAborted();
    return [failureOf(error)];
  }
}
