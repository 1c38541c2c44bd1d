import { randomBytes } from 'node:crypto';
import { type Config, readConfig } from '../../extract/config.ts';
import type { Landing } from '../../extract/landing/landing.ts';
import { newRunId } from '../../extract/landing/run-id.ts';
import { declaredTables } from '../../schemas/columns.ts';
import { type Backend, openBackend, openLanding } from './backends.ts';
import type { CommandContext } from './context.ts';
import { assertSource } from './source.ts';

/** What all steps share: the configuration, and the open landing and warehouse. */
export interface Session extends Backend {
  readonly config: Config;
  readonly landing: Landing;
  readonly runId: string;
  /** Where the records come from, in words. */
  readonly source: string;
  close(): void;
}

export function configOf({ env, cwd, now }: CommandContext): Config {
  return readConfig(env, { cwd, now: now() });
}

/**
 * Opens landing and warehouse, and creates missing tables. The caller closes the session.
 *
 * @param use `read` if the tenant is read: landing and warehouse must not belong to another one.
 */
export async function openSession(
  context: CommandContext,
  config: Config,
  {
    use = 'look',
    runId = nextRunId(context),
  }: { readonly use?: 'read' | 'look'; readonly runId?: string } = {},
): Promise<Session> {
  const landing = await openLanding(config);
  const backend = await openBackend(config, runId);
  try {
    if (use === 'read') await assertSource({ config, landing, warehouse: backend.warehouse });
    await backend.warehouse.prepare(declaredTables());
  } catch (error) {
    backend.warehouse.close();
    throw error;
  }
  return {
    config,
    landing,
    ...backend,
    runId,
    source: config.credentials
      ? `tenant ${config.credentials.tenantId} of ServiceTitan`
      : 'the sandbox tenant',
    close: () => backend.warehouse.close(),
  };
}

/** The id of a run that starts now. */
export function nextRunId({ now }: CommandContext): string {
  return newRunId(now(), randomBytes(3).toString('hex'));
}
