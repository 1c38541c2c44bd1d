import type { RequestInfo } from '../../base/errors.ts';

/** Reads one address of an entity through the API client, which signs in, limits the rate and retries. */
export type Read = (
  resource: string,
  query: Readonly<Record<string, string>>,
) => Promise<{ readonly body: Buffer; readonly request: RequestInfo }>;
