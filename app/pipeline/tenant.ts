import { sleep } from '../../base/sleep.ts';
import type { Config, Credentials } from '../../extract/config.ts';
import type { OnEvent } from '../../extract/events.ts';
import type { ExtractOptions } from '../../extract/run.ts';
import type { CommandContext } from './context.ts';
import type { Session } from './session.ts';
import { noteSource } from './source.ts';

/** Opens the configured tenant, or without credentials a sandbox in this process. The caller closes it. */
export async function openTenant(
  config: Config,
): Promise<{ readonly config: Config; readonly credentials: Credentials; close(): void }> {
  if (config.credentials) return { config, credentials: config.credentials, close() {} };
  const { startSandbox } = await import('../../sandbox/server.ts');
  const sandbox = await startSandbox({ runDate: config.runDate });
  return {
    config: { ...config, authUrl: sandbox.url, apiUrl: sandbox.url },
    credentials: sandbox.credentials,
    close: () => void sandbox.close(),
  };
}

/** Options for reading from the tenant. */
export type TenantRun = ExtractOptions & { readonly config: Config };

/**
 * Calls `work` with a client of the tenant, and closes the tenant afterwards.
 *
 * @throws ConfigurationError if landing or warehouse belong to another tenant; then nothing is read.
 */
export async function withTenant<T>(
  context: CommandContext,
  session: Session,
  onEvent: OnEvent,
  work: (run: TenantRun) => Promise<T>,
): Promise<T> {
  const { config, runId, landing, warehouse } = session;
  const { now: clock, signal } = context;
  await noteSource(session, clock());
  const { createClient } = await import('../../extract/api/client.ts');
  const tenant = await openTenant(config);
  const client = createClient({ ...tenant, clock, sleep });
  try {
    return await work({ config, client, runId, landing, warehouse, clock, onEvent, signal });
  } finally {
    client.close();
    tenant.close();
  }
}
