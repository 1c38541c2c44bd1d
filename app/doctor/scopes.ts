import { PipelineError, safeMessage } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import { type Check, failed, failureOf, ok, skipped } from './check.ts';
import { isForAll, type Probe } from './probe.ts';

/** Whether each entity can be read, by asking for one record of it. */
export const scopes: Check = {
  name: 'scopes',
  needs: ['ST_'],
  async look({ signIn, probes }) {
    if (!(await signIn().catch(() => undefined))) return [skipped('needs a token')];
    const asked = await probes();
    const refused = asked.filter(({ error }) => error !== undefined);
    if (refused.length === 0) return [ok(`one record of each of the ${asked.length} entities was read`)];
    const common = refused.find(({ error }) => isForAll(error));
    if (common) return [failureOf(common.error)];
    return byReason(refused).map(([remedy, names, text]) =>
      failed(
        names.length > 1 ? `${names.length} entities cannot be read (${names.join(', ')}): ${text}` : text,
        remedy,
      ),
    );
  },
};

type Reason = readonly [remedy: string | undefined, names: Entity['name'][], text: string];

/** A reason that several entities share is told once. */
function byReason(refused: readonly Probe[]): readonly Reason[] {
  const reasons = new Map<string, Reason>();
  for (const { entity, error } of refused) {
    const text = safeMessage(error);
    const remedy = error instanceof PipelineError ? error.remedy : undefined;
    const reason = reasons.get(remedy ?? text) ?? [remedy, [], text];
    reason[1].push(entity.name);
    reasons.set(remedy ?? text, reason);
  }
  return [...reasons.values()];
}
