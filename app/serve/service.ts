import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ConfigurationError } from '../../base/errors.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { createLog } from '../pipeline/log.ts';
import { PROJECT_DIR } from '../pipeline/project-dir.ts';
import { configOf, nextRunId } from '../pipeline/session.ts';
import { createApp } from './app.ts';
import { createCallerCheck } from './caller.ts';
import { readServeConfig } from './config.ts';
import { healthRoutes } from './health-routes.ts';
import { openApiOf } from './openapi.ts';
import { pageRoutes } from './page-routes.ts';
import { readRoutes } from './read-routes.ts';
import { createReports } from './reports.ts';
import type { Route, Service } from './route.ts';
import { runRoutes } from './run-routes.ts';
import { createRuns } from './runs.ts';
import { listen } from './server.ts';
import { shareSession } from './session.ts';

/** Cloud Run kills the process ten seconds after SIGTERM; a run that has not stopped by then is left to that. */
const GRACE_MS = 8_000;

/** A listening service. */
export interface RunningService {
  readonly url: string;
  /** Waits until runs have stopped and requests are answered; call it when the context's signal is aborted. */
  close(): Promise<void>;
}

/**
 * Starts the service; landing and warehouse are opened when they are first needed.
 *
 * @throws ConfigurationError listing all missing and malformed settings, PipelineError when the port is taken
 */
export async function startService(context: CommandContext): Promise<RunningService> {
  const [config, { host, port, tokens }] = settingsOf(context);
  const { name, version } = await ownPackage();
  const log = createLog(context, config.logLevel);
  const shared = shareSession(context);
  const reports = createReports(context, shared);
  const runs = createRuns({
    newRunId: () => nextRunId(context),
    now: context.now,
    // The pipeline is loaded with the first run, so that the process listens sooner.
    execute: async (run) => (await import('./work.ts')).executeRun(run, { context, shared, reports, log }),
  });
  const service = {
    runs,
    reports,
    shared,
    name,
    version,
    now: context.now,
    defaultMode: config.syncMode,
    entities: config.entities,
  };
  const checkCaller = tokens && createCallerCheck(tokens);
  const app = createApp({ routes: routesOf(service), checkCaller, log, signal: context.signal });
  const server = await listen(app.fetch, { host, port });
  log.info({ type: 'listening', url: server.url, tokens: tokens !== null }, `Listening on ${server.url}`);

  async function stopped(): Promise<true> {
    const answered = server.close();
    await runs.idle();
    await answered;
    await shared.close();
    return true;
  }
  return {
    url: server.url,
    async close() {
      const isDone = await Promise.race([stopped(), setTimeout(GRACE_MS, false, { ref: false })]);
      server.cut();
      if (!isDone) log.warn({ type: 'stopping' }, `A run did not stop within ${GRACE_MS / 1000} s`);
    },
  };
}

/** All routes, including the OpenAPI document. */
function routesOf(service: Service): readonly Route[] {
  const openapi: Route = {
    methods: ['GET'],
    path: '/openapi.json',
    summary: 'This OpenAPI document.',
    parameters: [],
    answers: { 200: { description: 'OpenAPI 3.1.', content: { 'application/json': 'OpenApi' } } },
    answer: (c) => c.json(openApiOf(routes, service.version)),
  };
  const routes = [
    ...healthRoutes(service),
    ...runRoutes(service),
    ...readRoutes(service),
    ...pageRoutes(service),
    openapi,
  ];
  return routes;
}

async function ownPackage(): Promise<{ readonly name: string; readonly version: string }> {
  return JSON.parse(await readFile(join(PROJECT_DIR, 'package.json'), 'utf8'));
}

/** Reads the settings of runs and of the service. @throws ConfigurationError listing the errors of both */
function settingsOf(context: CommandContext) {
  const problems: string[] = [];
  const read = <T>(settings: () => T): T | undefined => {
    try {
      return settings();
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const config = read(() => configOf(context));
  const serve = read(() => readServeConfig(context.env));
  if (!config || !serve) throw new ConfigurationError(problems);
  return [config, serve] as const;
}
