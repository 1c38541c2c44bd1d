import type { Sandbox } from '../../sandbox/sandbox.ts';

/** The settings for a command that reads a sandbox tenant in the test's own process. */
export function settings({ url, credentials }: Sandbox) {
  return {
    ST_CLIENT_ID: credentials.clientId,
    ST_CLIENT_SECRET: credentials.clientSecret,
    ST_TENANT_ID: credentials.tenantId,
    ST_APP_KEY: credentials.appKey,
    ST_AUTH_URL: url,
    ST_API_URL: url,
    RUN_DATE: '2025-10-27',
    RATE_LIMIT_PER_SECOND: '60',
  };
}
