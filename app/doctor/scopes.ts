import { PipelineError, safeMessage } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import { type Check, failed, failureOf, ok, skipped } from './check.ts';
import { affectsAllCalls, type Probe } from './probe.ts';

/** Checks that each entity can be read, by requesting one record of it. */
export const scopes: Check = {
  name: 'scopes',
  needs: ['ST_'],
  async run({ signIn, probes }) {
    if (!(await signIn().catch(() => undefined))) return [skipped('needs a token')];
    const results = await probes();
    const failures = results.filter(({ error }) => error !== undefined);
    if (failures.length === 0) return [ok(`one record of each of the ${results.length} entities was read`)];
    const common = failures.find(({ error }) => affectsAllCalls(error));
    if (common) return [failureOf(common.error)];
    return byReason(failures).map(([remedy, names, text]) =>
      failed(
        names.length > 1 ? `${names.length} entities cannot be read (${names.join(', ')}): ${text}` : text,
        remedy,
      ),
    );
  },
};

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
