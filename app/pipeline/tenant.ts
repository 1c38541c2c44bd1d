import { randomBytes } from 'node:crypto';
import type { Config } from '../../extract/config.ts';
import type { OnEvent } from '../../extract/events.ts';
import type { extractAll } from '../../extract/run.ts';
import { createProgress, type Progress } from '../cli/live-progress.ts';
import type { CommandContext } from './context.ts';
import { configOf, connectTenant, openSession, type Session } from './session.ts';

type Common = Omit<Parameters<typeof extractAll>[0], 'entities'>;

/** Works in an open session with a client of the tenant, and lets the tenant go. */
export async function withTenant<T>(
  context: CommandContext,
  session: Session,
  onEvent: OnEvent,
  work: (common: Common & { readonly config: Config }) => Promise<T>,
): Promise<T> {
  const client = await connectTenant(context, session.config);
  const { config, runId, landing, warehouse } = session;
  const { now: clock, signal } = context;
  return work({ config, client, runId, landing, warehouse, clock, onEvent, signal }).finally(() =>
    client.close(),
  );
}

/** Works beside the cursors, in a session and with a client of the tenant that are let go in the end. */
export async function besideCursors<T>(
  context: CommandContext,
  work: (common: Common & { config: Config; suffix: () => string }, progress: Progress) => Promise<T>,
): Promise<T> {
  const session = await openSession(context, configOf(context));
  const progress = createProgress(context, session.config.logLevel);
  const suffix = () => randomBytes(3).toString('hex');
  try {
    return await withTenant(context, session, progress.extract, (common) =>
      work({ ...common, suffix }, progress),
    );
  } finally {
    progress.end();
    session.close();
  }
}
