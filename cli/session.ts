import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ApiClient, createClient } from '../extract/client.ts';
import { type Config, type Credentials, readConfig } from '../extract/config.ts';
import { ConfigurationError } from '../extract/errors.ts';
import { folderLanding } from '../extract/landing/folder.ts';
import type { Landing } from '../extract/landing/port.ts';
import { newRunId } from '../extract/run.ts';
import type { Warehouse } from '../extract/warehouse/port.ts';
import { startSandbox } from '../sandbox/server.ts';
import { declaredTables } from '../schemas/columns.ts';
import type { Graph } from '../transform/compile.ts';
import type { ActionResult } from '../transform/run.ts';
import type { CommandContext } from './context.ts';
import { sleep } from './sleep.ts';

/** The Dataform project: this repository's root. */
export const PROJECT_DIR = fileURLToPath(new URL('../', import.meta.url));

/** What the commands share: the configuration, and the landing and the warehouse it names, open and prepared. */
export interface Session {
  readonly config: Config;
  readonly landing: Landing;
  readonly warehouse: Warehouse;
  /** Runs the compiled models where the warehouse is. */
  readonly runGraph: (run: ModelRun) => Promise<readonly ActionResult[]>;
  readonly runId: string;
  /** Where report.html and report.json are written. */
  readonly reportDir: string;
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
  if (config.warehouse.kind !== 'duckdb' || config.landing.kind !== 'folder') {
    throw new ConfigurationError(
      ['BigQuery and Cloud Storage are not part of this version'],
      'Unset BQ_PROJECT_ID or set WAREHOUSE=duckdb, and let LANDING_URI name a folder.',
    );
  }
  // An image that runs on BigQuery leaves DuckDB out.
  const { openDuckdb } = await import('../extract/warehouse/duckdb.ts');
  const warehouse = await openDuckdb(config, config.warehouse.path);
  try {
    await warehouse.prepare(declaredTables());
  } catch (error) {
    warehouse.close();
    throw error;
  }
  return {
    config,
    landing: folderLanding(config.landing.path),
    warehouse,
    async runGraph(run) {
      const { runGraph } = await import('../transform/run.ts');
      return runGraph({ ...run, projectDir: PROJECT_DIR, connect: warehouse.connect });
    },
    runId: nextRunId(context),
    reportDir: join(dirname(config.warehouse.path), 'report'),
    source: config.credentials
      ? `tenant ${config.credentials.tenantId} of ServiceTitan`
      : 'the sandbox tenant',
    close: () => warehouse.close(),
  };
}

/** The name of a run that begins now. */
export function nextRunId({ now }: CommandContext): string {
  return newRunId(now(), randomBytes(3).toString('hex'));
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
