import { STATUS_CODES } from 'node:http';
import PQueue from 'p-queue';
import { ApiError, HostDownError, type RequestInfo } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import type { Config, Credentials } from '../config.ts';
import { type BreakerOptions, hostBreaker, hostOf, type OnAttempt } from './circuit-breaker.ts';
import { readErrorAnswer } from './error-answer.ts';
import { type RetryOptions, withRetries } from './retry.ts';
import { RETRY_POLICY, type RetryPolicy } from './retry-delay.ts';
import { type AccessToken, createTokenSource } from './token.ts';
import { type Answer, createTransport, TransportError, type TransportOptions } from './transport.ts';

/** Calls, retries and received bytes of one entity's run. */
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

/** A call of any API operation; answers with a status in `accepted` are returned. */
export interface ApiCall extends CallOptions {
  readonly target: Pick<Entity, 'name' | 'module' | 'scope'>;
  readonly method: 'GET' | 'POST';
  readonly resource: string;
  readonly query: Readonly<Record<string, string>>;
  /** JSON text; only for POST. */
  readonly body?: string;
  readonly accepted: readonly number[];
}

interface CallOptions {
  readonly metrics: CallMetrics;
  readonly onRetry: RetryOptions['onRetry'];
  readonly signal: AbortSignal;
}

interface ApiAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** The service's clock: its `Date` header. */
  readonly date: string | undefined;
  readonly request: RequestInfo;
}

/** Reads one tenant's API, with a rate limit and retries. */
export interface ApiClient {
  /**
   * Returns the 200 answer.
   *
   * @throws ApiError if the last answer within the retry budget has another status, or there is no answer.
   */
  get(request: PageRequest): Promise<ApiAnswer>;
  /** Returns an accepted answer. @throws ApiError as `get` does */
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
  readonly breaker?: BreakerOptions;
}

/** A client whose callers share one rate limit and one limit of concurrent requests. */
export function createClient(options: ClientOptions): ApiClient {
  const { config, credentials, clock, sleep } = options;
  const transport = createTransport({ ...options.transport, maxConnections: config.maxConcurrentRequests });
  const retry = {
    clock,
    sleep,
    random: options.random ?? Math.random,
    policy: options.retryPolicy ?? RETRY_POLICY,
  };
  const breaker = hostBreaker(config.apiUrl, 'ST_API_URL', options.breaker);
  const tokens = createTokenSource({
    authUrl: config.authUrl,
    credentials,
    send: transport.send,
    retry,
    breaker: hostBreaker(config.authUrl, 'ST_AUTH_URL, ST_ENVIRONMENT', options.breaker),
  });
  const limiter = new PQueue({
    concurrency: config.maxConcurrentRequests,
    intervalCap: config.rateLimitPerSecond,
    interval: 1000,
    // The limit applies to any period of one second, not only to seconds of the clock.
    strict: true,
  });

  async function send(url: string, token: AccessToken, call: ApiCall): Promise<Answer> {
    const { metrics, signal, method, body } = call;
    const headers = {
      Authorization: `Bearer ${token.value}`,
      'ST-App-Key': credentials.appKey,
      Accept: 'application/json',
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    };
    const answer = await limiter.add(
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
      const info: RequestInfo = { entity: target.name, method, path };
      let token = await tokens.get(signal);
      // A token may expire or be revoked during a run: each request may renew it once.
      let renewed = false;
      const sendAuthorized = async (within: AbortSignal) => {
        const call = { ...request, signal: within };
        token = await tokens.get(signal);
        const answer = await send(url, token, call);
        if (answer.status !== 401 || renewed) return answer;
        renewed = true;
        tokens.invalidate(token);
        token = await tokens.get(signal);
        metrics.retries += 1;
        return send(url, token, call);
      };
      const withinRetries = (within: AbortSignal, onAttempt: OnAttempt) =>
        withRetries(() => sendAuthorized(within), {
          ...retry,
          signal: within,
          onAttempt,
          onRetry(event) {
            metrics.retries += 1;
            onRetry(event);
          },
        });
      const answer = await breaker.run(signal, withinRetries).catch((error: unknown) => {
        if (!(error instanceof TransportError)) throw error;
        const remedy = 'Check ST_API_URL and the network, then run again.';
        if (error.isOfHost) throw new HostDownError(`${hostOf(config.apiUrl)} ${error.reason}`, { remedy });
        throw new ApiError(info, { text: error.reason, remedy });
      });
      if (!accepted.includes(answer.status)) throw apiErrorOf(answer, info, target.scope, token);
      return { status: answer.status, body: answer.body, date: answer.date, request: info };
    },
    close: transport.close,
  };
  return client;
}

/** The error for a refused request. Of the answer's body it quotes only the title and the traceId. */
function apiErrorOf(answer: Answer, request: RequestInfo, scope: string, token: AccessToken): ApiError {
  const { status } = answer;
  const { kind, traceId } = readErrorAnswer(answer);
  const errorWith = (text: string, remedy: string) =>
    new ApiError(request, { status, text: `answered ${status}: ${text}`, traceId, remedy });
  if (status === 401) {
    return errorWith(
      'the token or the app key is not accepted, even after a new sign-in',
      'Check ST_APP_KEY, and that the app belongs to this environment.',
    );
  }
  if (status === 403 && token.scopes.size > 0 && !token.scopes.has(scope)) {
    return errorWith(
      `the app lacks the scope ${scope}`,
      `Add ${scope} to the app in the developer portal and let the tenant's admin accept the new version.`,
    );
  }
  if (status === 403) {
    return errorWith(
      'the app is not connected to this tenant, or its newest version is not accepted',
      'Check ST_TENANT_ID, and accept the app under Settings > Integrations > API Application Access.',
    );
  }
  if (status === 404) return errorWith('the address does not exist', 'Check ST_API_URL and ST_ENVIRONMENT.');
  const remedy =
    status === 429 || status >= 500
      ? 'Try again later; nothing was lost.'
      : 'Report this error with the path above.';
  return errorWith(kind ?? STATUS_CODES[status] ?? 'no readable reason', remedy);
}
