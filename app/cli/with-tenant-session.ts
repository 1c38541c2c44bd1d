import { randomBytes } from 'node:crypto';
import type { Entity } from '../../schemas/entities.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Progress } from '../pipeline/progress.ts';
import { configOf, openSession, prepareRawTables, publish } from '../pipeline/session.ts';
import { type TenantRun, withTenant } from '../pipeline/tenant.ts';
import { createProgress } from './live-progress.ts';

/** Calls `work` with an open session and a client of the tenant, and closes both afterwards. The entities' tables exist. */
export async function withTenantSession<T>(
  context: CommandContext,
  entities: readonly Entity[],
  work: (run: TenantRun & { readonly suffix: () => string }, progress: Progress) => Promise<T>,
): Promise<T> {
  const session = await openSession(context, configOf(context), { use: 'read' });
  const progress = createProgress(context, session.config.logLevel);
  const suffix = () => randomBytes(3).toString('hex');
  try {
    await prepareRawTables(session, entities);
    return await withTenant(context, session, progress.extract, (run) => work({ ...run, suffix }, progress));
  } finally {
    if (!context.signal.aborted) await publish(session, progress.say);
    progress.end();
    session.close();
  }
}
