import { join } from 'node:path';
import { type Ended, runCommand } from './processes.ts';
import { CREDENTIALS } from './server.ts';
import { RUN_DATE, SYNC_START_DATE } from './tenant/volumes.ts';

/** Where a night keeps its files. */
export function filesOf(folder: string) {
  return { database: join(folder, 'warehouse.duckdb'), landing: join(folder, 'landing') };
}

/** The command line as its sources, and as `npm run build` compiles it. */
const PROGRAMS = {
  sources: ['--import', 'tsx', 'app/cli/main.ts'],
  built: ['dist/app/cli/main.js'],
} as const;

/**
 * Runs the command line as an operator does, at the API's own limit of calls.
 *
 * @throws Error unless it ended with 0, or with 2: no screen of this tenant was ever read.
 */
export async function pipelineCommand(
  args: readonly string[],
  { url, folder }: { readonly url: string; readonly folder: string },
  program: keyof typeof PROGRAMS = 'sources',
): Promise<Ended> {
  const { database, landing } = filesOf(folder);
  const ended = await runCommand(process.execPath, [...PROGRAMS[program], ...args], {
    env: {
      ST_CLIENT_ID: CREDENTIALS.clientId,
      ST_CLIENT_SECRET: CREDENTIALS.clientSecret,
      ST_TENANT_ID: CREDENTIALS.tenantId,
      ST_APP_KEY: CREDENTIALS.appKey,
      ST_AUTH_URL: url,
      ST_API_URL: url,
      RATE_LIMIT_PER_SECOND: '60',
      RUN_DATE,
      SYNC_START_DATE,
      DUCKDB_PATH: database,
      LANDING_URI: landing,
    },
  });
  if (ended.code === 0 || ended.code === 2) return ended;
  throw new Error(`${args.join(' ')} ended with ${ended.code}:\n${ended.stderr.slice(-2000)}`);
}
