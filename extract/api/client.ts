import { STATUS_CODES } from 'node:http';
import PQueue from 'p-queue';
import { ApiError, type RequestFacts } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import type { Config, Credentials } from '../config.ts';
import { readErrorAnswer } from './error-answer.ts';
import { type RetryOptions, withRetries } from './retry.ts';
import { RETRY_POLICY, type RetryPolicy } from './retry-delay.ts';
import { type AccessToken, createTokenSource } from './token.ts';
import { type Answer, createTransport, TransportError, type TransportOptions } from './transport.ts';

/** Calls, repeated calls and received bytes of one entity's run. */
export interface CallMetrics {
  calls: number;
  retries: number;
  bytes: number;
}

export interface PageRequest extends CallOptions {
  readonly entity: Entity;
  /** `jobs` or `export/jobs`. */
  readonly resource: string;
  readonly query: Readonly<Record<string, string>>;
}

/** A call of any operation of the API; answers of a status in `accepted` are returned. */
export interface ApiCall extends CallOptions {
  readonly target: Pick<Entity, 'name' | 'module' | 'scope'>;
  readonly method: 'GET' | 'POST';
  readonly resource: string;
  readonly query: Readonly<Record<string, string>>;
  /** JSON text of a POST. */
  readonly body?: string;
  readonly accepted: readonly number[];
}

interface CallOptions {
  readonly metrics: CallMetrics;
  readonly onRetry: RetryOptions['onRetry'];
  readonly signal: AbortSignal;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** The service's own present, as its `Date` header tells it. */
  readonly date: string | undefined;
  readonly facts: RequestFacts;
}

/** Reads from one tenant's API, paced and patient. */
export interface ApiClient {
  /**
   * The body of a 200 answer.
   *
   * @throws ApiError for every other answer that stays, and when there is none within the retry budget.
   */
  get(request: PageRequest): Promise<ApiAnswer>;
  /** Any accepted answer of an operation; errors as of `get`. */
  call(request: ApiCall): Promise<ApiAnswer>;
  close(): void;
}

export interface ClientOptions {
  readonly config: Pick<Config, 'authUrl' | 'apiUrl' | 'maxConcurrentRequests' | 'rateLimitPerSecond'>;
  readonly credentials: Credentials;
  readonly clock: () => Date;
  readonly sleep: RetryOptions['sleep'];
  readonly random?: () => number;
  readonly retryPolicy?: RetryPolicy;
  readonly transport?: Omit<TransportOptions, 'maxConnections'>;
}

/** A client that keeps to the rate and the number of requests at a time, whatever asks how much. */
export function createClient(options: ClientOptions): ApiClient {
  const { config, credentials, clock, sleep } = options;
  const transport = createTransport({ ...options.transport, maxConnections: config.maxConcurrentRequests });
  const retry = {
    clock,
    sleep,
    random: options.random ?? Math.random,
    policy: options.retryPolicy ?? RETRY_POLICY,
  };
  const tokens = createTokenSource({ authUrl: config.authUrl, credentials, send: transport.send, retry });
  const pace = new PQueue({
    concurrency: config.maxConcurrentRequests,
    intervalCap: config.rateLimitPerSecond,
    interval: 1000,
    // The limit holds for every second, not only for those that begin with our clock's.
    strict: true,
  });

  async function exchange(url: string, token: AccessToken, call: ApiCall): Promise<Answer> {
    const { metrics, signal, method, body } = call;
    const headers = {
      Authorization: `Bearer ${token.value}`,
      'ST-App-Key': credentials.appKey,
      Accept: 'application/json',
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    };
    const answer = await pace.add(
      () => {
        metrics.calls += 1;
        return transport.send({ method, url, headers, ...(body !== undefined && { body }) }, signal);
      },
      { signal },
    );
    metrics.bytes += answer.body.length;
    return answer;
  }

  const client: ApiClient = {
    get: ({ entity, ...request }) =>
      client.call({ ...request, target: entity, method: 'GET', accepted: [200] }),
    async call(request) {
      const { target, method, accepted, metrics, onRetry, signal } = request;
      const path = `/${target.module}/v2/tenant/${credentials.tenantId}/${request.resource}`;
      const url = `${config.apiUrl}${path}?${new URLSearchParams(request.query)}`;
      const facts: RequestFacts = { entity: target.name, method, path };
      let token = await tokens.get(signal);
      // A token may expire or be revoked in the middle of a run: once per request a new one is tried.
      let renewed = false;
      const signedIn = async () => {
        token = await tokens.get(signal);
        const answer = await exchange(url, token, request);
        if (answer.status !== 401 || renewed) return answer;
        renewed = true;
        tokens.invalidate(token);
        token = await tokens.get(signal);
        metrics.retries += 1;
        return exchange(url, token, request);
      };
      const answer = await withRetries(signedIn, {
        ...retry,
        signal,
        onRetry(told) {
          metrics.retries += 1;
          onRetry(told);
        },
      }).catch((error: unknown) => {
        if (!(error instanceof TransportError)) throw error;
        throw new ApiError(facts, {
          text: error.reason,
          remedy: 'Check ST_API_URL and the network, then run again.',
        });
      });
      if (!accepted.includes(answer.status)) throw refusal(answer, facts, target.scope, token);
      return { status: answer.status, body: answer.body, date: answer.date, facts };
    },
    close: transport.close,
  };
  return client;
}

/**
 * One sentence that says what was refused and what to do; error bodies are not quoted beyond title and
 * traceId.
 */
function refusal(answer: Answer, facts: RequestFacts, scope: string, token: AccessToken): ApiError {
  const { status } = answer;
  const { kind, traceId } = readErrorAnswer(answer);
  const because = (text: string, remedy: string) =>
    new ApiError(facts, { status, text: `answered ${status}: ${text}`, traceId, remedy });
  if (status === 401) {
    return because(
      'the token or the app key is not accepted, even after a new sign-in',
      'Check ST_APP_KEY, and that the app belongs to this environment.',
    );
  }
  if (status === 403 && token.scopes.size > 0 && !token.scopes.has(scope)) {
    return because(
      `the app lacks the scope ${scope}`,
      `Add ${scope} to the app in the developer portal and let the tenant's admin accept the new version.`,
    );
  }
  if (status === 403) {
    return because(
      'the app is not connected to this tenant, or its newest version is not accepted',
      'Check ST_TENANT_ID, and accept the app under Settings > Integrations > API Application Access.',
    );
  }
  if (status === 404) return because('there is no such address', 'Check ST_API_URL and ST_ENVIRONMENT.');
  const remedy =
    status === 429 || status >= 500 ? 'Try again later; nothing was lost.' : 'Report it with the path above.';
  return because(kind ?? STATUS_CODES[status] ?? 'no reason that could be read', remedy);
}
