import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type ApiClient, createClient } from '../extract/client.ts';
import { type Config, type Credentials, readConfig } from '../extract/config.ts';
import { newRunId } from '../extract/run.ts';
import { startSandbox } from '../sandbox/server.ts';
import { declaredTables } from '../schemas/columns.ts';
import type { Graph } from '../transform/compile.ts';
import type { ActionResult } from '../transform/run.ts';
import type { CommandContext } from './context.ts';
import { openPlace, type Place } from './place.ts';
import { sleep } from './sleep.ts';

/** The Dataform project: this repository's root. */
export const PROJECT_DIR = fileURLToPath(new URL('../', import.meta.url));

/** What the commands share: the configuration, and the landing and the warehouse it names, open and prepared. */
export interface Session extends Place {
  readonly config: Config;
  readonly runId: string;
  /** Where the records come from, in words. */
  readonly source: string;
  close(): void;
}

/** What a run of the models is told. */
export interface ModelRun {
  readonly graph: Graph;
  readonly onResult: (result: ActionResult) => void;
  readonly signal: AbortSignal;
}

export function configOf({ env, cwd, now }: CommandContext): Config {
  return readConfig(env, { cwd, now: now() });
}

/** Opens landing and warehouse; what is missing in the warehouse is created. The caller closes the session. */
export async function openSession(context: CommandContext, config: Config): Promise<Session> {
  const runId = newRunId(context.now(), randomBytes(3).toString('hex'));
  const place = await openPlace(config, runId);
  try {
    await place.warehouse.prepare(declaredTables());
  } catch (error) {
    place.warehouse.close();
    throw error;
  }
  return {
    config,
    ...place,
    runId,
    source: config.credentials
      ? `tenant ${config.credentials.tenantId} of ServiceTitan`
      : 'the sandbox tenant',
    close: () => place.warehouse.close(),
  };
}

/** A client for the configured tenant; without credentials, for a sandbox tenant started inside this process. */
export async function connectTenant(context: CommandContext, config: Config): Promise<ApiClient> {
  if (config.credentials) return clientFor(context, config, config.credentials);
  const sandbox = await startSandbox({ runDate: config.runDate });
  const client = clientFor(
    context,
    { ...config, authUrl: sandbox.url, apiUrl: sandbox.url },
    sandbox.credentials,
  );
  return {
    get: client.get,
    call: client.call,
    close() {
      client.close();
      void sandbox.close();
    },
  };
}

function clientFor(context: CommandContext, config: Config, credentials: Credentials): ApiClient {
  return createClient({
    config,
    credentials,
    clock: context.now,
    sleep,
  });
}
