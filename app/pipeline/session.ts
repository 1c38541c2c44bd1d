import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { sleep } from '../../base/sleep.ts';
import type { Graph } from '../../engine/compile.ts';
import type { ActionResult } from '../../engine/duckdb/run-graph.ts';
import type { ApiClient } from '../../extract/api/client.ts';
import { type Config, type Credentials, readConfig } from '../../extract/config.ts';
import type { Landing } from '../../extract/landing/landing.ts';
import { newRunId } from '../../extract/landing/run-id.ts';
import { declaredTables } from '../../schemas/columns.ts';
import { openLanding, openWarehouse, type WarehousePlace } from './backends.ts';
import type { CommandContext } from './context.ts';

/** The Dataform project: this repository's root. */
export const PROJECT_DIR = fileURLToPath(new URL('../../', import.meta.url));

/** What the commands share: the configuration, and the landing and the warehouse it names, open and prepared. */
export interface Session extends WarehousePlace {
  readonly config: Config;
  readonly landing: Landing;
  readonly runId: string;
  /** Where the records come from, in words. */
  readonly source: string;
  close(): void;
}

/** What a run of the models is told. */
export interface ModelRun {
  readonly graph: Graph;
  /** Whether tables may stay that would become what they are. */
  readonly keepUnchanged: boolean;
  readonly onResult: (result: ActionResult) => void;
  readonly signal: AbortSignal;
}

export function configOf({ env, cwd, now }: CommandContext): Config {
  return readConfig(env, { cwd, now: now() });
}

/** Opens landing and warehouse; what is missing in the warehouse is created. The caller closes the session. */
export async function openSession(
  context: CommandContext,
  config: Config,
  runId = nextRunId(context),
): Promise<Session> {
  const landing = await openLanding(config);
  const place = await openWarehouse(config, runId);
  try {
    await place.warehouse.prepare(declaredTables());
  } catch (error) {
    place.warehouse.close();
    throw error;
  }
  return {
    config,
    landing,
    ...place,
    runId,
    source: config.credentials
      ? `tenant ${config.credentials.tenantId} of ServiceTitan`
      : 'the sandbox tenant',
    close: () => place.warehouse.close(),
  };
}

/** The name of a run that begins now. */
export function nextRunId({ now }: CommandContext): string {
  return newRunId(now(), randomBytes(3).toString('hex'));
}

/** The configured tenant; without credentials, a sandbox tenant started inside this process. The caller closes it. */
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

/** A client for the configured tenant; without credentials, for a sandbox tenant started inside this process. */
export async function connectTenant(context: CommandContext, config: Config): Promise<ApiClient> {
  const tenant = await openTenant(config);
  const { createClient } = await import('../../extract/api/client.ts');
  const client = createClient({ ...tenant, clock: context.now, sleep });
  return {
    get: client.get,
    call: client.call,
    close() {
      client.close();
      tenant.close();
    },
  };
}
