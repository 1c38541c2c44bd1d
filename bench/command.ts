import { join } from 'node:path';
import { type Ended, type OnStart, runCommand } from './processes.ts';
import { CREDENTIALS } from './server.ts';
import { referenceFolder } from './tenant/reference.ts';
import { RUN_DATE, SYNC_START_DATE } from './tenant/volumes.ts';

/** The files of a nightly run. */
export function filesOf(folder: string) {
  return { database: join(folder, 'warehouse.duckdb'), landing: join(folder, 'landing') };
}

/** The settings of a nightly run of the benchmark. */
export function settingsOf(places: {
  readonly url: string;
  readonly database: string;
  readonly landing: string;
}): Readonly<Record<string, string>> {
  return {
    ST_CLIENT_ID: CREDENTIALS.clientId,
    ST_CLIENT_SECRET: CREDENTIALS.clientSecret,
    ST_TENANT_ID: CREDENTIALS.tenantId,
    ST_APP_KEY: CREDENTIALS.appKey,
    ST_AUTH_URL: places.url,
    ST_API_URL: places.url,
    RATE_LIMIT_PER_SECOND: '60',
    RUN_DATE,
    SYNC_START_DATE,
    DUCKDB_PATH: places.database,
    LANDING_URI: places.landing,
    REFERENCE_DIR: referenceFolder(),
  };
}

/** Arguments of node for the command line: from its sources, and as compiled by `npm run build`. */
const PROGRAMS = {
  sources: ['--import', 'tsx', 'app/cli/main.ts'],
  built: ['dist/app/cli/main.js'],
} as const;

/**
 * Runs the command line as an operator does, with the API's own limit of 60 calls a second.
 *
 * @throws Error unless the exit code is 0, or 2, because the tenant's screen values are off
 */
export async function pipelineCommand(
  args: readonly string[],
  { url, folder, onStart }: { readonly url: string; readonly folder: string; readonly onStart?: OnStart },
  program: keyof typeof PROGRAMS = 'sources',
): Promise<Ended> {
  const ended = await runCommand(process.execPath, [...PROGRAMS[program], ...args], {
    env: settingsOf({ url, ...filesOf(folder) }),
    ...(onStart && { onStart }),
  });
  if (ended.code === 0 || ended.code === 2) return ended;
  throw new Error(`${args.join(' ')} ended with exit code ${ended.code}:\n${ended.stderr.slice(-2000)}`);
}
