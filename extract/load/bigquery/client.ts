import { randomUUID } from 'node:crypto';
import { BigQuery, type BigQueryOptions } from '@google-cloud/bigquery';
import PQueue from 'p-queue';
import pRetry from 'p-retry';
import { BigqueryError, bigqueryFailure } from './errors.ts';

/** Sends requests to BigQuery's REST API with Google's client, which signs and retries them. */
export interface BigqueryClient {
  readonly google: BigQuery;
  readonly projectId: string;
  readonly location: string;
  /** The most bytes that one query may bill; undefined for no limit. */
  readonly maximumBytesBilled: string | undefined;
  /**
   * @param path relative to the project: `/jobs/job-1`.
   * @throws WarehouseError, ConfigurationError, or BigqueryError with a status that the caller may handle.
   */
  request<Answer>(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    content?: { readonly json?: object; readonly query?: Readonly<Record<string, string>> },
  ): Promise<Answer>;
  /** Starts a load job whose rows are sent in the request, as NDJSON. */
  upload<Answer>(json: object, ndjson: string): Promise<Answer>;
  /** Requests sent so far. A request that Google's client retries counts once. */
  requests(): number;
}

export interface BigqueryPlace {
  readonly projectId: string;
  readonly location: string;
  readonly maximumBytesBilled: string | null;
}

/** The most retries of a request; pauses grow. */
const RETRIES = 5;

/**
 * BigQuery takes 100 requests a second of one user and method (https://cloud.google.com/bigquery/quotas#api_request_quotas).
 * The other half is for the process that runs the models.
 */
export const REQUESTS_PER_SECOND = 50;

/** One for the process, because the limit counts the requests of all its clients together. */
const PROCESS_BUDGET = requestBudget();

/** Starts at most `REQUESTS_PER_SECOND` requests in any second. */
export function requestBudget(): PQueue {
  return new PQueue({ intervalCap: REQUESTS_PER_SECOND, interval: 1000, strict: true });
}

export function bigqueryClient(
  place: BigqueryPlace,
  google: BigQuery = newGoogleClient(place),
  { pauseMs = 1000, budget = PROCESS_BUDGET } = {},
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

  // Google's client retries 5xx and 429, but not a rate limit that arrives as 403.
  function send<Answer>(options: DecorateRequestOptions): Promise<Answer> {
    return pRetry(() => budget.add(() => sendOnce<Answer>(options)), {
      retries: RETRIES,
      minTimeout: pauseMs,
      randomize: true,
      shouldRetry: ({ error }) => error instanceof BigqueryError && error.status === 403 && error.isTransient,
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

/** The body as one text. The client's own upload is a stream, which cannot be retried. */
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
