import type { Sandbox } from './sandbox.ts';

/** The environment variables for a process that uses the sandbox, one per line. */
export function sandboxListing({ url, credentials }: Sandbox): string {
  return [
    `ST_AUTH_URL=${url}`,
    `ST_API_URL=${url}`,
    `ST_CLIENT_ID=${credentials.clientId}`,
    `ST_CLIENT_SECRET=${credentials.clientSecret}`,
    `ST_TENANT_ID=${credentials.tenantId}`,
    `ST_APP_KEY=${credentials.appKey}`,
  ].join('\n');
}
