import { ApiError, PipelineError, safeMessage } from '../../base/errors.ts';
import type { AccessToken } from '../../extract/api/token.ts';
import type { Entity } from '../../schemas/entities.ts';
import { type Check, type Finding, failed, failureOf, ok, skipped } from './check.ts';
import { affectsAllCalls, type Probe } from './probe.ts';

/** Checks that each entity that a night reads can be read, by requesting one record of it. */
export const scopes: Check = {
  name: 'scopes',
  needs: ['ST_', 'ENTITIES'],
  async run({ signIn, probes }) {
    const token = await signIn().catch(() => undefined);
    if (!token) return [skipped('needs a token')];
    const results = await probes();
    const failures = results.filter(({ error }) => error !== undefined);
    if (failures.length === 0) return [ok(`one record of each of the ${results.length} entities was read`)];
    const common = failures.find(({ error }) => affectsAllCalls(error));
    if (common) return [failureOf(common.error)];
    const lacking = failures.filter((probe) => lacksScope(probe, token));
    // A scope that is missing alone is told by its own message.
    const isFolded = new Set(lacking.map(({ entity }) => entity.scope)).size > 1;
    const others = isFolded ? failures.filter((probe) => !lacking.includes(probe)) : failures;
    return [
      ...(isFolded ? [lackedScopes(lacking, results.length)] : []),
      ...byReason(others).map(([remedy, names, text]) =>
        failed(
          names.length > 1 ? `${names.length} entities cannot be read (${names.join(', ')}): ${text}` : text,
          remedy,
        ),
      ),
    ];
  },
};

function lacksScope({ entity, error }: Probe, { scopes: granted }: AccessToken): boolean {
  return error instanceof ApiError && error.status === 403 && granted.size > 0 && !granted.has(entity.scope);
}

function lackedScopes(probes: readonly Probe[], all: number): Finding {
  const names = probes.map(({ entity }) => `${entity.name} (${entity.scope})`);
  return failed(
    `${names.length} of ${all} entities cannot be read, because the app lacks their scopes: ${names.join(', ')}`,
    "Add these scopes to the app in the developer portal and let the tenant's admin accept the new version, or take the entities out of ENTITIES.",
  );
}

type Reason = readonly [remedy: string | undefined, names: Entity['name'][], text: string];

/** Groups failures by reason, so that a shared reason is reported once. */
function byReason(failures: readonly Probe[]): readonly Reason[] {
  const reasons = new Map<string, Reason>();
  for (const { entity, error } of failures) {
    const text = safeMessage(error);
    const remedy = error instanceof PipelineError ? error.remedy : undefined;
    const reason = reasons.get(remedy ?? text) ?? [remedy, [], text];
    reason[1].push(entity.name);
    reasons.set(remedy ?? text, reason);
  }
  return [...reasons.values()];
}
