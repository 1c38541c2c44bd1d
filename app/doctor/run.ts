import { type Check, type Finding, failureOf, type Surroundings, skipped } from './check.ts';
import { clocks } from './clocks.ts';
import { disk } from './disk.ts';
import { landed } from './landed.ts';
import { landing } from './landing.ts';
import { leases } from './leases.ts';
import { leftovers } from './leftovers.ts';
import { models } from './models.ts';
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
  state,
  landed,
  leases,
  leftovers,
];

export interface Told {
  readonly check: string;
  readonly findings: readonly Finding[];
}

/** Carries out checks in their order and tells each as it is done; whatever one throws is a finding of its own. */
export async function* examine(chosen: readonly Check[], surroundings: Surroundings): AsyncGenerator<Told> {
  // One after the other: what they measure would be each other's work.
  for (const check of chosen) {
    surroundings.signal.throwIfAborted();
    yield { check: check.name, findings: await findingsOf(check, surroundings) };
  }
}

async function findingsOf(check: Check, surroundings: Surroundings): Promise<readonly Finding[]> {
  const hindrance = surroundings.problems.find((problem) =>
    check.needs.some((beginning) => problem.startsWith(beginning)),
  );
  if (hindrance !== undefined) return [skipped(`needs a setting that is wrong: ${hindrance}`)];
  try {
    return await check.look(surroundings);
  } catch (error) {
    surroundings.signal.throwIfAborted();
    return [failureOf(error)];
  }
}
