import { randomUUID } from 'node:crypto';
import { BigQuery, type BigQueryOptions } from '@google-cloud/bigquery';
import pRetry from 'p-retry';
import { BigqueryRefusal, bigqueryFailure } from './errors.ts';

/** Requests to BigQuery's REST interface by Google's client, which signs and repeats them. */
export interface BigqueryClient {
  readonly google: BigQuery;
  readonly projectId: string;
  readonly location: string;
  /** Most that one query may bill, in bytes; undefined for no limit. */
  readonly maximumBytesBilled: string | undefined;
  /**
   * @param path below the project: `/jobs/job-1`.
   * @throws WarehouseError, ConfigurationError, or BigqueryRefusal with a status that the caller may expect.
   */
  request<Answer>(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    content?: { readonly json?: object; readonly query?: Readonly<Record<string, string>> },
  ): Promise<Answer>;
  /** Starts a job whose rows go with the request, as NDJSON. */
  upload<Answer>(json: object, ndjson: string): Promise<Answer>;
  /** Requests sent so far; those that Google's client repeats count once. */
  requests(): number;
}

export interface BigqueryPlace {
  readonly projectId: string;
  readonly location: string;
  readonly maximumBytesBilled: string | null;
}

/** How often a request is sent again, with growing pauses. */
const RETRIES = 5;

export function bigqueryClient(
  place: BigqueryPlace,
  google: BigQuery = newGoogleClient(place),
  pauseMs = 1000,
): BigqueryClient {
  const { projectId, location, maximumBytesBilled } = place;
  let requests = 0;

  function sendOnce<Answer>(options: DecorateRequestOptions): Promise<Answer> {
    requests += 1;
    return new Promise((resolve, reject) => {
      google.request(options, (error: Error | null, body) => {
        if (error) reject(bigqueryFailure(error, place));
        else resolve(body);
      });
    });
  }

  // Google's client repeats what met a 5xx or a 429, but not a rate limit that is told as a 403.
  function send<Answer>(options: DecorateRequestOptions): Promise<Answer> {
    return pRetry(() => sendOnce<Answer>(options), {
      retries: RETRIES,
      minTimeout: pauseMs,
      randomize: true,
      shouldRetry: ({ error }) =>
        error instanceof BigqueryRefusal && error.status === 403 && error.isTransient,
    });
  }

  return {
    google,
    projectId,
    location,
    maximumBytesBilled: maximumBytesBilled ?? undefined,
    request: (method, path, { json, query } = {}) =>
      send({ method, uri: path, ...(json && { json }), ...(query && { qs: query }) }),
    upload: (json, ndjson) =>
      send({
        method: 'POST',
        uri: `${new URL(google.apiEndpoint).origin}/upload/bigquery/v2/projects/${projectId}/jobs`,
        qs: { uploadType: 'multipart' },
        ...multipart(JSON.stringify(json), ndjson),
      }),
    requests: () => requests,
  };
}

/** As one text: the client's own way is a stream, which cannot be sent again. */
function multipart(json: string, ndjson: string) {
  const boundary = randomUUID();
  const part = (type: string, text: string) => `--${boundary}\r\nContent-Type: ${type}\r\n\r\n${text}\r\n`;
  return {
    headers: { 'Content-Type': `multipart/related; boundary=${boundary}` },
    body: `${part('application/json', json)}${part('application/octet-stream', ndjson)}--${boundary}--`,
  };
}

type DecorateRequestOptions = Parameters<BigQuery['request']>[0];

export function newGoogleClient(
  { projectId, location }: Pick<BigqueryPlace, 'projectId' | 'location'>,
  options: Pick<BigQueryOptions, 'apiEndpoint' | 'credentials'> = {},
): BigQuery {
  return new BigQuery({
    ...options,
    projectId,
    location,
    retryOptions: { autoRetry: true, maxRetries: RETRIES },
  });
}
